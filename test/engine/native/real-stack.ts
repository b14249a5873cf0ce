import assert from 'node:assert/strict';
import type {TestContext} from 'node:test';
import type {Engine} from '../../../src/engine/engine.ts';
import {createNativeEngine} from '../../../src/engine/native/native-engine.ts';
import {nativePaths, projectPaths} from '../../../src/engine/native/paths.ts';
import {Failure} from '../../../src/failure.ts';
import type {Container, Progress, Stack} from '../../../src/stack/model.ts';
import {initialState, update} from '../../../src/stack/state.ts';
import {anyPort, collected, eventually, sharedFolder, supervisorProgram} from './support.ts';

export const {signal: never} = new AbortController();

/** Failures that tell of the machine and not of the engine. */
const lacking = new Set<string>([
	'native-no-python',
	'native-no-venv',
	'native-no-network',
	'native-no-packages',
	'native-no-postgres',
]);

export interface RealStack {
	readonly engine: Engine;
	readonly stack: Stack;
	readonly folder: string;
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly containers: () => readonly Container[];
	readonly until: (
		service: string,
		condition: (container: Container) => boolean,
		what: string,
	) => Promise<Container>;
	readonly operate: (
		kind: 'up' | 'down' | 'stop' | 'start' | 'restart',
		services?: readonly string[],
	) => Promise<Progress[]>;
}

let count = 0;

/** mlstack's own stack under a name of its own, watched, and removed with its data after the test. */
export async function realStack(
	t: TestContext,
	more: Readonly<Record<string, string>> = {},
): Promise<RealStack> {
	const environment = {
		...process.env,
		MLSTACK_DATA: sharedFolder(),
		MLSTACK_PG_PORT: String(await anyPort()),
		MLFLOW_PORT: String(await anyPort()),
		...more,
	};
	const engine = createNativeEngine({environment, supervisor: await supervisorProgram()});
	const project = `test-${process.pid}-${++count}`;
	const stack = await engine.resolve({files: [], project, directory: '/', environment: {}});
	const left = new AbortController();
	let state = initialState;
	const watching = (async () => {
		for await (const event of engine.watch(project, left.signal)) {
			state = update(state, event);
		}
	})();
	t.after(async () => {
		await collected(engine.operate('down', stack, {services: [], volumes: true}, never));

		left.abort();
		await watching;
		engine.close();
	});
	const containers = (): readonly Container[] => [...state.containers.values()];
	return {
		engine,
		stack,
		folder: projectPaths(nativePaths(environment), project).folder,
		environment,
		containers,
		until: async (service, condition, what) =>
			eventually(
				() => containers().find((one) => one.service === service && condition(one)),
				`${service} ${what}`,
				60_000,
			),
		async operate(kind, services = []) {
			return collected(engine.operate(kind, stack, {services}, never));
		},
	};
}

/** Whether MLflow can be installed here; a machine without a network or Python skips, except where CI demands it. */
export async function canRun(t: TestContext, {operate}: RealStack): Promise<boolean> {
	try {
		await operate('up');
		return true;
	} catch (error) {
		if (
			error instanceof Failure &&
			lacking.has(error.code) &&
			process.env['MLSTACK_TEST_ENGINE'] !== 'required'
		) {
			t.skip(`${error.message} ${error.why}`);
			return false;
		}

		throw error;
	}
}

export const healthy = ({health}: Container): boolean => health === 'healthy';

export async function sql({engine, containers}: RealStack, statement: string): Promise<string> {
	const database = containers().find(({service}) => service === 'postgres');
	const {output, done} = await engine.execute(
		database?.id ?? '',
		['psql', '-AtX', '-c', statement],
		{},
		never,
	);
	const chunks = await collected(output);

	assert.deepEqual(await done, {exitCode: 0, errors: ''});
	return Buffer.concat(chunks).toString().trim();
}

/** The same from what a command printed as JSON. */
export function cannotInstall(t: TestContext, stdout: string): boolean {
	const code = /"code":"(native-[\w-]+)"/.exec(stdout)?.[1] ?? '';
	const skips = lacking.has(code) && process.env['MLSTACK_TEST_ENGINE'] !== 'required';
	if (skips) {
		t.skip(stdout);
	}

	return skips;
}
