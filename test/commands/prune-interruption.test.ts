import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {hostname} from 'node:os';
import {dirname} from 'node:path';
import {test} from 'node:test';
import {Journal, type JournalEntry} from '../../src/engine/backup/journal.ts';
import {temporaryFolder} from '../engine/backup-fixtures.ts';
import {runCli} from '../support/cli.ts';
import {FakeEngine} from '../support/fake-engine.ts';
import {aContainer} from '../support/stack.ts';

const entry: JournalEntry = {
	operation: 'restore',
	phase: 'prepare',
	project: 'kws',
	id: '0a1b2c3d',
	startedAt: '2026-11-24T12:00:00.000Z',
	pid: 999_999_999,
	host: hostname(),
	archive: '/kws.tar',
	safety: '',
	databases: [{name: 'mlflow', staged: 'mlstack_new_0a1b2c3d_1', old: 'mlstack_old_0a1b2c3d_1'}],
	stores: [{kind: 'volume', name: 'kws_mlartifacts', key: 'mlartifacts', role: 'artifacts'}],
	files: [{path: '/compose.yaml', kept: '/compose.yaml.before-postgres-18'}],
	services: ['mlflow'],
};

const said: ReadonlyArray<readonly [Partial<JournalEntry>, RegExp]> = [
	[{}, /A restore of kws was interrupted .*The data are as they were before it/],
	[{phase: 'switch'}, /The restored data are whole, but not all of them are in place yet/],
	[{phase: 'finish'}, /The restored data are in place/],
	[
		{operation: 'upgrade', phase: 'switch'},
		/An upgrade of kws was interrupted .*The data are as they were before it/,
	],
	[{operation: 'upgrade', phase: 'finish'}, /The new server holds all data/],
	[{pid: process.ppid}, /A restore of kws is at work in process \d+\./],
];
for (const [change, text] of said) {
	test(`any command says at its start: ${text.source}`, async (t) => {
		const environment = {XDG_STATE_HOME: temporaryFolder(t)};
		const journal = new Journal('kws', environment);
		await journal.write({...entry, ...change});
		const engine = new FakeEngine(aContainer('postgres'), aContainer('mlflow'));
		const {stderr} = await runCli(['stop'], {engine, environment});
		assert.match(stderr, text);
		await journal.remove();
		assert.doesNotMatch((await runCli(['stop'], {engine, environment})).stderr, /interrupted|at work/);
	});
}

test('a journal is read as it was written', async (t) => {
	const journal = new Journal('kws', {XDG_STATE_HOME: temporaryFolder(t)});
	assert.equal(await journal.read(), undefined);
	await journal.write(entry);
	assert.deepEqual(await journal.read(), entry);
});

for (const text of [
	'',
	'{',
	'{"version":2}',
	'{"version":1,"operation":"dance","phase":"prepare","project":"kws","id":"1"}',
]) {
	test(`a journal that holds \`${text}\` is not taken for none`, async (t) => {
		const environment = {XDG_STATE_HOME: temporaryFolder(t)};
		const journal = new Journal('kws', environment);
		mkdirSync(dirname(journal.path), {recursive: true});
		writeFileSync(journal.path, text);
		await assert.rejects(journal.read(), {code: 'journal-unreadable'});
		const {stderr, code} = await runCli(['stop'], {
			engine: new FakeEngine(aContainer('mlflow')),
			environment,
		});
		assert.match(stderr, /its journal cannot be understood/);
		assert.equal(code, 0);
	});
}
