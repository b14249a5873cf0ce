import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync, rmSync, writeFileSync} from 'node:fs';
import {test} from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';
import {connectSupervisor} from '../../../src/engine/native/client.ts';
import {containerLog} from '../../../src/engine/native/container-log.ts';
import {isAlive} from '../../../src/engine/native/process-table.ts';
import {startServices} from '../../../src/engine/native/start-services.ts';
import {readState, writeState, type ServiceSpec} from '../../../src/engine/native/state-file.ts';
import {stopServices} from '../../../src/engine/native/stop-services.ts';
import type {LogLine, Progress} from '../../../src/stack/model.ts';
import {
	anyPort,
	collected,
	endOf,
	eventually,
	processesNaming,
	processesOf,
	scriptedService,
	skipElsewhere,
	testProject,
	type TestProject,
} from './support.ts';

const skip = skipElsewhere;
const {signal: never} = new AbortController();

/** Counts aloud, on both streams in turn. */
const counting = `
let count = 0;
setInterval(() => {
	(count % 2 ? process.stderr : process.stdout).write('count ' + count++ + '\\n');
}, 5);`;

async function start(
	{paths, program}: TestProject,
	specs: readonly ServiceSpec[],
	awaitHealth: readonly string[] = [],
): Promise<Progress[]> {
	const progress: Progress[] = [];
	await startServices(paths, program, specs, awaitHealth, (report) => progress.push(report), never);
	return progress;
}

async function stop({paths, program}: TestProject, action: 'stop' | 'remove', services: string[] = []) {
	await stopServices(paths, program, action, services, () => undefined, never);
}

/** Follows a service's log as the log pane does, resuming from the last line whenever the stream ends. */
function follow({paths}: TestProject, service: string): {lines: LogLine[]; end: () => Promise<void>} {
	const lines: LogLine[] = [];
	const left = new AbortController();
	const done = (async () => {
		while (!left.signal.aborted) {
			const entry = readState(paths.state).entries.find(({spec}) => spec.name === service);
			const since = lines.at(-1)?.stamp;
			const request = {container: entry?.container.id ?? '', follow: true, ...(since && {since})};
			for await (const batch of entry ? containerLog({paths, entry}, request, left.signal) : []) {
				lines.push(...batch.filter(({stamp}) => since === undefined || stamp > since));
			}

			await sleep(20);
		}
	})();
	return {
		lines,
		async end() {
			left.abort();
			await done;
		},
	};
}

test(
	'a followed log ends also where the container was started again before anybody saw it stopped',
	{skip},
	async (t) => {
		const {paths, ...project} = await testProject(t);
		await start({paths, ...project}, [scriptedService('web', await anyPort())], ['web']);
		const state = readState(paths.state);
		const entry = state.entries.find(({spec}) => spec.name === 'web');
		assert.ok(entry);
		const log = containerLog({paths, entry}, {container: entry.container.id, follow: true}, never);
		let hasEnded = false;
		void collected(log).then(() => (hasEnded = true));
		await sleep(100);
		const {startedAt = 0} = entry.container;
		writeState(paths.state, {
			...state,
			entries: [{...entry, container: {...entry.container, startedAt: startedAt + 2000}}],
		});
		await eventually(() => hasEnded, 'the log ends');
	},
);

const healthy = ({health}: {health: string}): boolean => health === 'healthy';

test('a service goes from nothing to healthy, and the watch says so', {skip}, async (t) => {
	const project = await testProject(t);
	const port = await anyPort();
	const progress = await start(project, [scriptedService('web', port)], ['web']);
	assert.deepEqual(
		progress.map((report) => report.type === 'step' && report.status),
		['Waiting', 'Healthy'],
	);
	const container = await project.until('web', healthy, 'is healthy');
	assert.equal(container.status, 'running');
	assert.equal(container.name, 'kws-web-1');
	assert.deepEqual(container.ports, [{address: '127.0.0.1', published: port, target: port, protocol: 'tcp'}]);
	assert.ok(Math.abs((container.startedAt ?? 0) - Date.now()) < 10_000);
});

test('a service that others depend on comes first, and goes last', {skip}, async (t) => {
	const project = await testProject(t);
	const [one, other] = [await anyPort(), await anyPort()];
	const web = scriptedService('web', one, '', {dependsOn: ['db']});
	const db = scriptedService('db', other);
	await start(project, [web, db], ['db']);
	const {startedAt: late = 0} = await project.until('web', healthy, 'is healthy');
	const {startedAt: early = 0} = await project.until('db', healthy, 'is healthy');
	assert.ok(early < late);
	await stop(project, 'stop');
	const {finishedAt: first = 0} = await project.until('web', ({status}) => status === 'exited', 'has ended');
	const {finishedAt: last = 0, exitCode} = await project.until(
		'db',
		({status}) => status === 'exited',
		'has ended',
	);
	assert.ok(first <= last);
	assert.equal(exitCode, 128 + 15);
});

test('a service that is killed is running again, and is known to have been killed', {skip}, async (t) => {
	const project = await testProject(t);
	await start(project, [scriptedService('web', await anyPort())], ['web']);
	const victim = processesOf(project.paths).service('web');
	process.kill(victim.pid, 'SIGKILL');
	const gone = await project.until('web', ({status}) => status === 'restarting', 'restarts');
	assert.equal(gone.exitCode, 137);
	const back = await project.until('web', healthy, 'is healthy again');
	assert.equal(back.restartCount, 1);
	assert.equal(back.exitCode, undefined);
	assert.notEqual(processesOf(project.paths).service('web').pid, victim.pid);
});

test('what a killed service has started is ended with it', {skip}, async (t) => {
	const project = await testProject(t);
	const script = `
		const child = require('node:child_process').spawn('sleep', ['61'], {stdio: 'inherit'});
		console.log('child', child.pid);`;
	await start(project, [scriptedService('web', await anyPort(), script)], ['web']);
	const log = follow(project, 'web');
	const line = await eventually(
		() => log.lines.find(({text}) => text.startsWith('child')),
		'the child is named',
	);
	await log.end();
	const child = Number(line.text.split(' ')[1]);
	process.kill(processesOf(project.paths).service('web').pid, 'SIGKILL');
	await eventually(
		() => !processesNaming('sleep 61').some((one) => one.trim().startsWith(`${child} `)),
		'it ends',
	);
});

test(
	'a service that cannot live is started less and less often, and the start fails with its words',
	{skip},
	async (t) => {
		const project = await testProject(t);
		const spec = {
			...scriptedService('web', await anyPort()),
			command: ['sh', '-c', 'echo FATAL: no room >&2; exit 3'],
		};
		await assert.rejects(start(project, [spec], ['web']), {
			message: 'web ended while it started (exit code 3)',
			why: 'FATAL: no room',
		});
		await sleep(1500);
		const {restartCount = 0} = await project.until('web', ({status}) => status === 'restarting', 'restarts');
		assert.ok(restartCount >= 2 && restartCount <= 5, `${restartCount} restarts`);
	},
);

test('a program that does not exist is said to be missing', {skip}, async (t) => {
	const project = await testProject(t);
	const spec = {...scriptedService('web', await anyPort()), command: ['/nowhere/postgres']};
	await assert.rejects(start(project, [spec], ['web']), {why: /ENOENT/});
});

test('a service that ignores its signal is killed after its grace', {skip}, async (t) => {
	const project = await testProject(t);
	const stubborn = `process.on('SIGTERM', () => undefined);`;
	await start(project, [scriptedService('web', await anyPort(), stubborn, {stopGrace: 300})], ['web']);
	await stop(project, 'stop');
	const {exitCode} = await project.until('web', ({status}) => status === 'exited', 'has ended');
	assert.equal(exitCode, 137);
});

test('a supervisor that began five seconds ago does not end before it has replied', {skip}, async (t) => {
	const project = await testProject(t);
	const stubborn = `process.on('SIGTERM', () => undefined);`;
	await start(project, [scriptedService('web', await anyPort(), stubborn, {stopGrace: 2500})], ['web']);
	await sleep(3500);
	await stop(project, 'stop');
	const {exitCode} = await project.until('web', ({status}) => status === 'exited', 'has ended');
	assert.equal(exitCode, 137);
});

test('killing the supervisor harms no service and keeps its log', {skip}, async (t) => {
	const project = await testProject(t);
	await start(project, [scriptedService('web', await anyPort(), counting)], ['web']);
	const log = follow(project, 'web');
	const before = processesOf(project.paths);
	for (let time = 0; time < 3; time++) {
		await sleep(300);
		const {supervisor} = processesOf(project.paths);
		process.kill(supervisor.pid, 'SIGKILL');
		await eventually(
			() => processesOf(project.paths).supervisor.pid !== supervisor.pid,
			'there is another one',
		);
	}

	await sleep(300);
	const after = processesOf(project.paths);
	assert.deepEqual(after.guard, before.guard);
	assert.deepEqual(after.service('web'), before.service('web'));
	assert.equal((await project.until('web', healthy, 'is healthy')).restartCount, 0);
	await log.end();
	const counts = log.lines.map(({text}) => Number(text.replace('count ', '')));
	// Two streams may be read in either order; each has every other number.
	for (const rest of [0, 1]) {
		const one = counts.filter((count) => count % 2 === rest);
		assert.deepEqual(
			one,
			one.toSorted((a, b) => a - b),
		);
	}

	assert.equal(new Set(counts).size, counts.length, 'no line comes twice');
	const missing = Math.max(...counts) + 1 - counts.length;
	assert.ok(missing <= 3, `a kill costs the line at work at most, and not ${missing} in three`);
	assert.ok(counts.length > 100);
});

test(
	'a service that dies while nobody supervises is seen to be dead, and started again',
	{skip},
	async (t) => {
		const project = await testProject(t);
		await start(project, [scriptedService('web', await anyPort())], ['web']);
		const {supervisor, service} = processesOf(project.paths);
		const web = service('web');
		process.kill(supervisor.pid, 'SIGKILL');
		process.kill(web.pid, 'SIGKILL');
		await project.until('web', ({status}) => status !== 'running', 'is known to be dead');
		const back = await project.until('web', healthy, 'is healthy again');
		assert.equal(back.status, 'running');
		assert.notDeepEqual(processesOf(project.paths).service('web'), web);
	},
);

test('an adopted service that dies is seen and started again', {skip}, async (t) => {
	const project = await testProject(t);
	await start(project, [scriptedService('web', await anyPort())], ['web']);
	const {supervisor, service} = processesOf(project.paths);
	process.kill(supervisor.pid, 'SIGKILL');
	await eventually(
		() => processesOf(project.paths).supervisor.pid !== supervisor.pid,
		'there is another supervisor',
	);
	process.kill(service('web').pid, 'SIGKILL');
	const gone = await project.until('web', ({status}) => status === 'restarting', 'restarts');
	assert.equal(gone.exitCode, 255, 'nobody saw with what it ended');
	await project.until('web', healthy, 'is healthy again');
});

test('a watcher starts a new supervisor when the guard was killed, too', {skip}, async (t) => {
	const project = await testProject(t);
	await start(project, [scriptedService('web', await anyPort())], ['web']);
	const {guard, supervisor, service} = processesOf(project.paths);
	process.kill(guard.pid, 'SIGKILL');
	process.kill(supervisor.pid, 'SIGKILL');
	await eventually(
		() => processesOf(project.paths).supervisor.pid !== supervisor.pid,
		'there is another one',
	);
	assert.deepEqual(processesOf(project.paths).service('web'), service('web'));
});

test('a project that another machine runs on the same folder is left to it', {skip}, async (t) => {
	const project = await testProject(t);
	const holder = {pid: 1, started: 'then', space: 'another machine', host: 'gpu-7'};
	writeFileSync(project.paths.lock, JSON.stringify(holder));
	await assert.rejects(start(project, [scriptedService('web', await anyPort())]), {
		code: 'native-runs-elsewhere',
		message: 'process 1 on gpu-7 runs the project kws',
	});
	rmSync(project.paths.lock);
});

test('a second supervisor is refused', {skip}, async (t) => {
	const {paths, program} = await testProject(t);
	await start({paths, program} as TestProject, [scriptedService('web', await anyPort())], ['web']);
	const {supervisor} = processesOf(paths);
	const second = spawn(process.execPath, [program, paths.folder, paths.project], {
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	const [[said], [code]] = await Promise.all([once(second.stderr, 'data'), once(second, 'exit')]);
	assert.match(String(said), new RegExp(`process ${supervisor.pid} on \\S+ supervises this project already`));
	assert.equal(code, 0, 'so that its guard does not try again');
	assert.equal(isAlive(supervisor), true);
});

test('taking everything down leaves no process, no log and no state', {skip}, async (t) => {
	const project = await testProject(t);
	const left = processesNaming(project.paths.folder).length;
	await start(
		project,
		[scriptedService('web', await anyPort()), scriptedService('db', await anyPort())],
		['web', 'db'],
	);
	const {guard, supervisor, service} = processesOf(project.paths);
	const web = service('web');
	await stop(project, 'remove');
	assert.deepEqual([guard, supervisor, web].filter(isAlive), []);

	assert.equal(processesNaming(project.paths.folder).length, left);
	assert.throws(() => readFileSync(project.paths.state), {code: 'ENOENT'});
	await eventually(() => project.state().containers.size === 0, 'the watch has nothing left');
});

test('one service is taken down alone', {skip}, async (t) => {
	const project = await testProject(t);
	await start(
		project,
		[scriptedService('web', await anyPort()), scriptedService('db', await anyPort())],
		['web', 'db'],
	);
	await stop(project, 'remove', ['web']);
	await eventually(() => project.state().containers.size === 1, 'one is left');
	assert.equal((await project.until('db', healthy, 'is healthy')).status, 'running');
});

test(
	'after a reboot everything is seen to have ended, and can be taken down without being started',
	{skip},
	async (t) => {
		const project = await testProject(t);
		await start(project, [scriptedService('web', await anyPort())], ['web']);
		const {guard, supervisor, service} = processesOf(project.paths);
		const web = service('web');
		for (const one of [guard, supervisor, web]) {
			process.kill(one.pid, 'SIGKILL');
			await endOf(one);
		}

		const {exitCode} = await project.until(
			'web',
			({status}) => status === 'exited',
			'is known to have ended',
		);
		assert.equal(exitCode, 255);
		await stop(project, 'remove');
		await eventually(() => project.state().containers.size === 0, 'the watch has nothing left');
		assert.equal(await connectSupervisor(project.paths), undefined);
	},
);

test(
	'a process number of before the reboot that belongs to a stranger now is left alone',
	{skip},
	async (t) => {
		const project = await testProject(t);
		const stranger = spawn('sleep', ['60'], {detached: true});
		t.after(() => stranger.kill('SIGKILL'));
		const spec = scriptedService('web', await anyPort());
		await start(project, [spec], ['web']);
		await stop(project, 'stop');
		const {entries} = readState(project.paths.state);
		const before = {pid: stranger.pid ?? 0, started: 'before the reboot'};
		writeState(project.paths.state, {
			entries: entries.map((entry) => Object.assign({}, entry, {wanted: true, process: before})),
		});
		await start(project, [spec], ['web']);
		assert.equal(stranger.exitCode ?? stranger.signalCode, null);
		assert.notEqual(processesOf(project.paths).service('web').pid, stranger.pid);
	},
);

test('the same start twice leaves a service alone, another command replaces it', {skip}, async (t) => {
	const project = await testProject(t);
	const spec = scriptedService('web', await anyPort());
	await start(project, [spec], ['web']);
	const first = processesOf(project.paths).service('web');
	await start(project, [{...spec, environment: {...spec.environment, SHELL: 'another'}}], ['web']);
	assert.deepEqual(processesOf(project.paths).service('web'), first);
	await start(project, [scriptedService('web', await anyPort(), 'console.log(1);')], ['web']);
	assert.notDeepEqual(processesOf(project.paths).service('web'), first);
});

test(
	'a folder with a long path can be used',
	{skip: process.platform === 'linux' ? false : 'Linux only'},
	async (t) => {
		const project = await testProject(t, 'a'.repeat(120));
		await start(project, [scriptedService('web', await anyPort())], ['web']);
		assert.equal((await project.until('web', healthy, 'is healthy')).name, `${'a'.repeat(120)}-web-1`);
	},
);
