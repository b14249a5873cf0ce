import {execFileSync} from 'node:child_process';
import {chmodSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir, userInfo} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';
import {build} from 'esbuild';
import {
	makeProjectFolders,
	nativePaths,
	projectPaths,
	type ProjectPaths,
} from '../../../src/engine/native/paths.ts';
import {isAlive, type ProcessIdentity} from '../../../src/engine/native/process-table.ts';
import {readState, type ServiceSpec} from '../../../src/engine/native/state-file.ts';
import {stopServices} from '../../../src/engine/native/stop-services.ts';
import {watchProject} from '../../../src/engine/native/watch-project.ts';
import {initialState, update, type StackState} from '../../../src/stack/state.ts';
import type {Container} from '../../../src/stack/model.ts';

/** Kept between runs, so that MLflow is installed once on a machine. Every account may enter, as root's PostgreSQL must. */
export const sharedData = join(tmpdir(), `mlstack-test-${userInfo().uid}`);

/** Why the native engine is not tested here, as node:test's `skip` option wants it. */
export const skipElsewhere: string | false =
	process.platform === 'linux' || process.platform === 'darwin'
		? false
		: 'the native engine runs on Linux and macOS only';

let bundled: Promise<string> | undefined;

/** The supervisor's program, bundled as for a release. */
export async function supervisorProgram(): Promise<string> {
	bundled ??= (async () => {
		const folder = mkdtempSync(join(tmpdir(), 'mlstack-supervisor-'));
		process.once('exit', () => {
			rmSync(folder, {recursive: true, force: true});
		});
		const outfile = join(folder, 'supervisor.js');
		const entry = new URL('../../../src/engine/native/supervisor/main.ts', import.meta.url);
		await build({
			entryPoints: [entry.pathname],
			outfile,
			bundle: true,
			format: 'esm',
			platform: 'node',
			minifySyntax: true,
		});
		return outfile;
	})();
	return bundled;
}

/** A data folder of the test's own, removed after it; the hooks of a test run in the order in which they were added. */
export function temporaryData(t: TestContext): string {
	const folder = newFolder();
	t.after(() => {
		rmSync(folder, {recursive: true, force: true});
	});
	return folder;
}

/** An empty folder that every account may enter; removed by the caller. */
export function newFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), 'mlstack-native-'));
	chmodSync(folder, 0o755);
	return folder;
}

export interface TestProject {
	readonly paths: ProjectPaths;
	readonly program: string;
	/** What the engine's watch says now, kept up to date. */
	readonly state: () => StackState;
	/** Waits until the watch says so of a service; fails after 20 s. */
	until(service: string, condition: (container: Container) => boolean, what: string): Promise<Container>;
}

/** A project that is watched as the screen watches it, and taken down after the test. */
export async function testProject(t: TestContext, name = 'kws'): Promise<TestProject> {
	const data = newFolder();
	const native = nativePaths({MLSTACK_DATA: data});
	const paths = projectPaths(native, name);
	makeProjectFolders(native, paths);
	const program = await supervisorProgram();
	const left = new AbortController();
	const watching = watched(paths, program, left.signal);
	t.after(async () => {
		await stopServices(paths, program, 'remove', [], () => undefined, new AbortController().signal);
		left.abort();
		await watching.done;
		rmSync(data, {recursive: true, force: true});
	});
	return {
		paths,
		program,
		state: watching.state,
		async until(service, condition, what) {
			return eventually(() => {
				const container = [...watching.state().containers.values()].find((one) => one.service === service);
				return container && condition(container) ? container : undefined;
			}, `${service} ${what}`);
		},
	};
}

function watched(paths: ProjectPaths, program: string, signal: AbortSignal) {
	let state = initialState;
	const done = (async () => {
		for await (const event of watchProject(paths, program, signal)) {
			state = update(state, event);
		}
	})();
	return {state: () => state, done};
}

/** Asks again until there is an answer. */
export async function eventually<T>(
	answer: () => T | undefined | false,
	what: string,
	timeout = 20_000,
): Promise<T> {
	const deadline = performance.now() + timeout;
	for (;;) {
		const found = answer();
		if (found !== undefined && found !== false) {
			return found;
		}

		if (performance.now() > deadline) {
			throw new Error(`in ${timeout} ms it did not come to this: ${what}`);
		}

		await sleep(10);
	}
}

/** A port that is free now. */
export async function anyPort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => {
				resolve(typeof address === 'object' && address ? address.port : 0);
			});
		});
	});
}

/** A service that needs nothing but Node: it answers /health and runs `script` beside that. */
export function scriptedService(
	name: string,
	port: number,
	script = '',
	more: Partial<ServiceSpec> = {},
): ServiceSpec {
	const server = `require('node:http').createServer((q, r) => r.end('OK')).listen(${port}, '127.0.0.1');`;
	return {
		name,
		role: 'other',
		image: 'node',
		command: [process.execPath, '-e', `${server}${script}`],
		environment: {PATH: process.env['PATH'] ?? ''},
		directory: '/',
		ports: [{address: '127.0.0.1', published: port, target: port, protocol: 'tcp'}],
		dependsOn: [],
		stopSignal: 'SIGTERM',
		stopGrace: 5000,
		health: {kind: 'http', port, path: '/health'},
		...more,
	};
}

/** The supervisor, its guard, and the process of a service, as the state file names them. */
export function processesOf(paths: ProjectPaths): {
	guard: ProcessIdentity;
	supervisor: ProcessIdentity;
	service: (name: string) => ProcessIdentity;
} {
	const {guard, supervisor, entries} = readState(paths.state);
	if (!guard || !supervisor) {
		throw new Error('no supervisor has written the state');
	}

	return {
		guard,
		supervisor,
		service(name) {
			const found = entries.find(({spec}) => spec.name === name)?.process;
			if (!found) {
				throw new Error(`${name} has no process`);
			}

			return found;
		},
	};
}

export async function endOf(process: ProcessIdentity): Promise<void> {
	await eventually(() => !isAlive(process), `process ${process.pid} ends`);
}

/** Everything that runs with the folder in its arguments. */
export function processesNaming(folder: string): readonly string[] {
	const lines = execFileSync('ps', ['-axww', '-o', 'pid=,args='], {encoding: 'utf8'}).split('\n');
	return lines.filter((line) => line.includes(folder));
}

/** The folder that the tests of the real stack share. */
export function sharedFolder(): string {
	mkdirSync(sharedData, {recursive: true});
	chmodSync(sharedData, 0o755);
	return sharedData;
}

/** Everything that an iteration yields. */
export async function collected<T>(iteration: AsyncIterable<T>): Promise<T[]> {
	const all: T[] = [];
	for await (const one of iteration) {
		all.push(one);
	}

	return all;
}
