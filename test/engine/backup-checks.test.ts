import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Execution} from '../../src/engine/engine.ts';
import {refuseOlderServer, refuseUnknownSchema} from '../../src/engine/backup/restore-checks.ts';
import {matchStores} from '../../src/engine/backup/restore-stores.ts';
import {mapLimited} from '../../src/engine/docker/map-limited.ts';
import type {StoreBackup} from '../../src/stack/backup-manifest.ts';
import type {DataStore} from '../../src/engine/storage.ts';
import {FakeEngine} from '../support/fake-engine.ts';
import {aContainer} from '../support/stack.ts';
import {chunks, temporaryFolder, writeBackup} from './backup-fixtures.ts';

const signal = new AbortController().signal;

/** An engine whose containers print this to every command. */
function saying(text: string, exitCode = 0): FakeEngine {
	const engine = new FakeEngine();
	engine.execute = async (): Promise<Execution> =>
		Promise.resolve({output: chunks(text), done: Promise.resolve({exitCode, errors: ''})});
	return engine;
}

test('a backup goes onto the same PostgreSQL or a newer one', async (t) => {
	const manifest = await writeBackup(`${temporaryFolder(t)}/kws.tar`);
	assert.doesNotThrow(() => refuseOlderServer(manifest, {major: 18, version: '18.1'}));
	assert.doesNotThrow(() => refuseOlderServer(manifest, {major: 19, version: '19.0'}));
	assert.throws(() => refuseOlderServer(manifest, {major: 17, version: '17.4'}), {code: 'server-too-old'});
});

const servers: ReadonlyArray<
	readonly [what: string, engine: FakeEngine, status: 'running' | 'exited', refused: boolean]
> = [
	['that knows the schema', saying('aaa\ndc11669786a5\n'), 'running', false],
	['that does not know the schema', saying('aaa\nbbb\n'), 'running', true],
	['that is no Python program', saying('', 127), 'running', false],
	['that lists nothing', saying('\n'), 'running', false],
	['that does not run', saying('aaa\nbbb\n'), 'exited', false],
];
for (const [what, engine, status, refused] of servers) {
	test(`a tracking server ${what} ${refused ? 'stops' : 'does not stop'} a restore`, async (t) => {
		const manifest = await writeBackup(`${temporaryFolder(t)}/kws.tar`);
		const check = refuseUnknownSchema(engine, [aContainer('mlflow', {status})], manifest, signal);
		await (refused ? assert.rejects(check, {code: 'schema-unknown'}) : check);
	});
}

const kept: StoreBackup = {
	file: 'stores/1.tar',
	bytes: 1,
	sha256: '',
	key: 'mlartifacts',
	role: 'artifacts',
	files: 1,
	content: 1,
};
const place = (key: string, role: DataStore['role']): DataStore => ({
	kind: 'volume',
	name: `kws_${key}`,
	key,
	role,
});
const places: ReadonlyArray<
	readonly [what: string, stores: readonly DataStore[], expected: string | undefined]
> = [
	['the one of its name', [place('other', 'artifacts'), place('mlartifacts', 'other')], 'mlartifacts'],
	['the only one with artifacts', [place('pgdata', 'database'), place('files', 'artifacts')], 'files'],
	['none of two with artifacts', [place('a', 'artifacts'), place('b', 'artifacts')], undefined],
	['never the database’s', [place('mlartifacts', 'database')], undefined],
	['none where there is none', [], undefined],
];
for (const [what, stores, expected] of places) {
	test(`artifacts go to ${what}`, () => {
		assert.equal(matchStores([kept], stores)?.[0]?.store.key, expected);
	});
}

test('work on many things is done on some of them at a time, and ends with the first error', async () => {
	const now = {running: 0, most: 0, done: 0};
	const work = async (item: number): Promise<void> => {
		now.running++;
		now.most = Math.max(now.most, now.running);
		await new Promise(setImmediate);
		now.running--;
		now.done++;
		if (item === 5) {
			throw new Error('five');
		}
	};
	await mapLimited([0, 1, 2, 3, 4], 2, work);
	assert.deepEqual([now.most, now.done], [2, 5]);
	await assert.rejects(mapLimited([5, 6, 7, 8, 9, 10, 11, 12], 2, work), /five/);
	await new Promise(setImmediate);
	assert.ok(now.done <= 8, 'nothing new is begun');
});
