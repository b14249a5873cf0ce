import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {test, type TestContext} from 'node:test';
import {Failure} from '../../../src/failure.ts';
import {makeProjectFolders, nativePaths, projectPaths} from '../../../src/engine/native/paths.ts';
import {saysPortTaken} from '../../../src/engine/native/ports.ts';
import {newSettings, readSettings} from '../../../src/engine/native/settings.ts';
import {startOnPort} from '../../../src/engine/native/start-on-port.ts';
import {portTakenCode, startServices} from '../../../src/engine/native/start-services.ts';
import {stopServices} from '../../../src/engine/native/stop-services.ts';
import {holdPorts} from '../../../src/engine/native/supervisor/port-hold.ts';
import type {Progress} from '../../../src/stack/model.ts';
import {
	anyPort,
	eventually,
	processesOf,
	scriptedService,
	skipElsewhere,
	temporaryData,
	testProject,
	type TestProject,
} from './support.ts';

const skip = skipElsewhere;
const {signal: never} = new AbortController();

async function start({paths, program}: TestProject, port: number, script?: string): Promise<void> {
	const spec = scriptedService('web', port, script);
	const late = {
		...spec,
		command: spec.command.map((word) => word.replace(/^(require.*;)/, 'setTimeout(() => {$1}, 500);')),
	};
	await startServices(paths, program, [late], ['web'], () => undefined, never);
}

async function listening(t: TestContext, port = 0): Promise<number> {
	const server = createServer();
	t.after(() => server.close());
	return new Promise((resolve) => {
		server.listen(port, '127.0.0.1', () => {
			const address = server.address();
			resolve(typeof address === 'object' && address ? address.port : 0);
		});
	});
}

test('a port is held once, as long as it is held, and not when something listens there', async (t) => {
	const port = await anyPort();
	const hold = await holdPorts([port], true);
	assert.ok(typeof hold === 'object');
	assert.equal(await holdPorts([port], true), port);
	assert.equal(await holdPorts([await anyPort(), port], true), port);
	await listening(t, port);
	hold.release();
	hold.release();
	assert.equal(await holdPorts([port], true), port);
	const second = await holdPorts([port], false);
	assert.ok(typeof second === 'object', 'by the service itself');
	second.release();
});

test('a service whose port is taken is not started, and the failure says what to do', {skip}, async (t) => {
	const project = await testProject(t);
	const port = await listening(t);
	await assert.rejects(start(project, port), {
		code: portTakenCode,
		message: `port ${port} is taken on this machine`,
		why: 'web cannot listen there.',
		next: ['mlstack -p kws up (which chooses another port)'],
	});
	await project.until('web', ({status}) => status === 'restarting', 'waits');
	const free = await anyPort();
	await start(project, free);
	const {ports} = await project.until('web', ({health}) => health === 'healthy', 'is healthy elsewhere');
	assert.equal(ports[0]?.published, free);
});

test(
	'of two projects that start on one port at once, one has it, long before it listens',
	{skip},
	async (t) => {
		const port = await anyPort();
		const projects = [await testProject(t, 'one'), await testProject(t, 'other')];
		const results = await Promise.allSettled(projects.map(async (project) => start(project, port)));
		const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
		assert.deepEqual(
			refused.map((reason: unknown) => reason instanceof Failure && reason.code),
			[portTakenCode],
		);
	},
);

test('the port is held by the next supervisor, too, and is free after down', {skip}, async (t) => {
	const project = await testProject(t);
	const port = await anyPort();
	await start(project, port);
	const {supervisor} = processesOf(project.paths);
	process.kill(supervisor.pid, 'SIGKILL');
	await eventually(
		() => processesOf(project.paths).supervisor.pid !== supervisor.pid,
		'there is another one',
	);
	assert.equal(await holdPorts([port], false), port);
	await stopServices(project.paths, project.program, 'remove', [], () => undefined, never);
	const hold = await holdPorts([port], true);
	assert.ok(typeof hold === 'object');
	hold.release();
});

test(
	'a port that was lost to another program is chosen again, and kept in the settings',
	{skip},
	async (t) => {
		const native = nativePaths({MLSTACK_DATA: temporaryData(t)});
		const paths = projectPaths(native, 'kws');
		makeProjectFolders(native, paths);
		const wanted = await anyPort();
		const tried: Array<number | undefined> = [];
		const progress: Progress[] = [];
		const options = {
			native,
			paths,
			environment: {MLFLOW_PORT: String(wanted)},
			report: (one: Progress) => progress.push(one),
		};
		const settings = await startOnPort(options, 'mlflow', newSettings(), async ({ports}) => {
			assert.deepEqual(readSettings(paths.settings)?.ports, ports, 'written before the start');
			tried.push(ports.mlflow);
			if (tried.length < 3) {
				throw new Failure('', {code: portTakenCode});
			}
		});
		assert.equal(tried[0], wanted);
		assert.equal(new Set(tried).size, 3);
		assert.equal(settings.ports.mlflow, tried[2]);
		assert.deepEqual(readSettings(paths.settings), settings);
		assert.deepEqual(
			progress.map((one) => one.type === 'output' && one.text),
			[`Port ${wanted} is taken: MLflow listens on ${tried[2]} instead.`],
		);
		await assert.rejects(
			startOnPort(options, 'mlflow', settings, async () => {
				throw new Failure('', {code: 'another'});
			}),
			{code: 'another'},
		);
	},
);

test("another project's port stays its own while that one is down", {skip}, async (t) => {
	const native = nativePaths({MLSTACK_DATA: temporaryData(t)});
	const [mine, other] = [projectPaths(native, 'mine'), projectPaths(native, 'other')];
	makeProjectFolders(native, mine);
	mkdirSync(other.folder);
	const wanted = await anyPort();
	writeFileSync(
		other.settings,
		JSON.stringify({user: 'a', password: 'b', database: 'c', mlflowPort: wanted}),
	);
	const options = {
		native,
		paths: mine,
		environment: {MLSTACK_PG_PORT: String(wanted)},
		report: () => undefined,
	};
	const {ports} = await startOnPort(options, 'postgres', newSettings(), async () => undefined);
	assert.ok((ports.postgres ?? 0) > wanted);
});

const said = [
	{line: 'mlstack: port 5432 is taken on this machine', taken: true},
	{
		line: '2026-11-24 13:00:00.000 UTC [4711] LOG:  could not bind IPv4 address "127.0.0.1": Address already in use',
		taken: true,
	},
	{
		line: "ERROR:    [Errno 98] error while attempting to bind on address ('127.0.0.1', 5000): address already in use",
		taken: true,
	},
	{
		line: "ERROR:    [Errno 48] error while attempting to bind on address ('127.0.0.1', 5000): address already in use",
		taken: true,
	},
	{line: 'LOG:  could not bind Unix address "/x/.s.PGSQL.5432": Address already in use', taken: false},
	{line: 'FATAL:  lock file "postmaster.pid" already exists', taken: false},
];
for (const {line, taken} of said) {
	test(`"${line}" ${taken ? 'tells' : 'does not tell'} of a port that is taken`, () => {
		assert.equal(saysPortTaken(['before', line, 'after']), taken);
	});
}
