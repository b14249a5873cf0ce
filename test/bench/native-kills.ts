import {rmSync} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';
import {arrayIn, recordIn, stringIn} from '../../src/engine/json.ts';
import {createNativeEngine} from '../../src/engine/native/native-engine.ts';
import {nativePaths, projectPaths, type ProjectPaths} from '../../src/engine/native/paths.ts';
import {isAlive, signalProcess, type ProcessIdentity} from '../../src/engine/native/process-table.ts';
import {readState} from '../../src/engine/native/state-file.ts';
import type {Container} from '../../src/stack/model.ts';
import {initialState, update, type StackState} from '../../src/stack/state.ts';
import {
	anyPort,
	collected,
	processesNaming,
	sharedFolder,
	supervisorProgram,
} from '../engine/native/support.ts';
import {executable} from '../support/project.ts';
import {median, type Figure} from './figure.ts';
import {Recorder} from './recorder.ts';

/** How long, in s, processes are killed; `MLSTACK_KILLS_SECONDS` makes it another time. */
const seconds = Number(process.env['MLSTACK_KILLS_SECONDS'] ?? 300);

/** Clients that log runs, each one after the other. */
const clients = 2;

/** Milliseconds until what is shown must be true again. */
const patience = 2000;

/** The longest pause, in ms, between two kills. */
const longestPause = 4000;

const {signal: never} = new AbortController();

type Victim = 'postgres' | 'mlflow' | 'supervisor' | 'guard';

/** Killed at once; services more often, and together with whoever looks after them. */
const kills: ReadonlyArray<readonly Victim[]> = [
	['postgres'],
	['mlflow'],
	['postgres', 'mlflow'],
	['supervisor'],
	['supervisor', 'postgres'],
	['supervisor', 'mlflow'],
	['guard'],
	['guard', 'supervisor'],
	['guard', 'supervisor', 'postgres'],
	['guard', 'supervisor', 'postgres', 'mlflow'],
];

/**
 * kill -9 of every process at random moments, while clients log runs and a screen is open. A run counts as acknowledged
 * when MLflow answered 200 to each of its three requests.
 */
export async function nativeKills(): Promise<readonly Figure[]> {
	const environment = {
		...process.env,
		MLSTACK_DATA: sharedFolder(),
		MLSTACK_PG_PORT: String(await anyPort()),
		MLFLOW_PORT: String(await anyPort()),
	};
	const project = `mlstack-kills-${process.pid}`;
	const paths = projectPaths(nativePaths(environment), project);
	const engine = createNativeEngine({environment, supervisor: await supervisorProgram()});
	const stack = await engine.resolve({files: [], project, directory: '/', environment: {}});
	await collected(engine.operate('up', stack, {services: []}, never));
	const left = new AbortController();
	let state = initialState;
	const watching = (async () => {
		for await (const event of engine.watch(project, left.signal)) {
			state = update(state, event);
		}
	})();
	const screen = new Recorder([process.execPath, executable, '--engine', 'native', '-p', project], {
		cwd: paths.folder,
		environment: {MLSTACK_DATA: environment.MLSTACK_DATA},
	});
	try {
		const url = `http://127.0.0.1:${environment.MLFLOW_PORT}/api/2.0/mlflow`;
		const ended = new AbortController();
		const acknowledged: string[] = [];
		const logging = Array.from({length: clients}, async () => logRuns(url, acknowledged, ended.signal));
		const up = async () => collected(engine.operate('up', stack, {services: []}, never));
		const {latencies, count, wrong, reboots} = await killAtRandom(paths, () => state, screen, up);
		await up();
		ended.abort();
		await Promise.all(logging);
		const kept = await keptRuns(url);
		const lost = acknowledged.filter((run) => !kept.has(run));
		const shown = await screen.shows(/postgres +healthy[^]*mlflow +healthy/);
		await collected(engine.operate('down', stack, {services: []}, never));
		const rest = processesNaming(paths.folder);
		return [
			{name: `kills -9 in ${seconds} s`, value: count, unit: ''},
			{name: 'times that nothing was left, and `up` was run', value: reboots, unit: ''},
			{name: 'runs that were acknowledged', value: acknowledged.length, unit: ''},
			{name: 'those that are lost', value: lost.length, unit: '', bound: 0},
			{name: 'kill to the true state, median', value: median(latencies), unit: 'ms'},
			{name: 'kill to the true state, slowest', value: Math.max(...latencies), unit: 'ms', bound: patience},
			{name: 'screens wrong 2 s after a kill', value: wrong, unit: '', bound: 0},
			{
				name: 'at the end the screen shows both healthy, wrong',
				value: shown === undefined ? 1 : 0,
				unit: '',
				bound: 0,
			},
			{name: 'processes left after down', value: rest.length, unit: '', bound: 0},
		];
	} finally {
		await screen.close();
		left.abort();
		await watching;
		await collected(engine.operate('down', stack, {services: [], volumes: true}, never));
		engine.close();
		rmSync(paths.folder, {recursive: true, force: true});
	}
}

async function killAtRandom(
	paths: ProjectPaths,
	state: () => StackState,
	screen: Recorder,
	up: () => Promise<unknown>,
) {
	let reboots = 0;
	const latencies: number[] = [];
	let count = 0;
	let wrong = 0;
	const end = performance.now() + seconds * 1000;
	while (performance.now() < end) {
		await delay(Math.random() * longestPause);
		const victims = kills[Math.floor(Math.random() * kills.length)] ?? [];
		const {guard, supervisor, entries} = readState(paths.state);
		const processOf = (victim: Victim): ProcessIdentity | undefined =>
			victim === 'guard'
				? guard
				: victim === 'supervisor'
					? supervisor
					: entries.find(({spec}) => spec.name === victim)?.process;
		const before = [...state().containers.values()];
		const killedAt = performance.now();
		const killed = victims.filter((victim) => {
			const process = processOf(victim);
			return process !== undefined && signalProcess(process, 'SIGKILL');
		});
		count += killed.length;
		for (const {service, startedAt} of before) {
			if (killed.some((victim) => victim === service)) {
				latencies.push(await untilTold(state, service, startedAt, killedAt));
			}
		}

		await delay(Math.max(0, killedAt + patience - performance.now()));
		wrong += (await isWrong(paths, screen)) ? 1 : 0;
		// As after a reboot: it is told, and nobody is there to start anything.
		if (isNothingLeft(paths)) {
			reboots++;
			await up();
		}
	}

	return {latencies, count, wrong, reboots};
}

/** Milliseconds from the kill until the service is no longer told to run as it ran before. */
async function untilTold(
	state: () => StackState,
	service: string,
	startedAt: number | undefined,
	killedAt: number,
): Promise<number> {
	const isOld = (container: Container): boolean =>
		container.service === service && container.status === 'running' && container.startedAt === startedAt;
	while ([...state().containers.values()].some(isOld) && performance.now() - killedAt < 10 * patience) {
		await delay(5);
	}

	return performance.now() - killedAt;
}

/** States of a service whose process lives. */
const alive = /^(?:healthy|starting|running|unhealthy|failing|no answer|database down)/;

/** Whether the screen says of some service that it runs which does not, or the other way about; looked at twice, as both move. */
async function isWrong(paths: ProjectPaths, screen: Recorder): Promise<boolean> {
	for (let look = 0; look < 3; look++) {
		await screen.settle();
		const text = screen.screen();
		const differs = readState(paths.state).entries.some(({spec, process}) => {
			const word = new RegExp(`${spec.name} +(\\S+(?: \\S+)?)`).exec(text)?.[1] ?? '';
			return alive.test(word) !== (process !== undefined && isAlive(process));
		});
		if (!differs) {
			return false;
		}
	}

	const truth = readState(paths.state).entries.map(
		({container, process}) =>
			`${container.service} ${container.status} ${process && isAlive(process) ? 'alive' : 'dead'}`,
	);
	process.stdout.write(`the screen is wrong: ${truth.join(', ')}\n${screen.screen()}\n`);
	return true;
}

function isNothingLeft(paths: ProjectPaths): boolean {
	const {guard, supervisor, entries} = readState(paths.state);
	return ![guard, supervisor, ...entries.map(({process}) => process)].some((one) => one && isAlive(one));
}

async function ask(url: string, path: string, body: object): Promise<unknown> {
	const response = await fetch(`${url}/${path}`, {
		method: 'POST',
		headers: {'content-type': 'application/json'},
		body: JSON.stringify(body),
		signal: AbortSignal.timeout(5000),
	});
	if (response.status !== 200) {
		throw new Error(`${path}: ${response.status}`);
	}

	return response.json();
}

/** Logs run after run; one that was answered in all its parts is written down. */
async function logRuns(url: string, acknowledged: string[], ended: AbortSignal): Promise<void> {
	while (!ended.aborted) {
		try {
			const created = await ask(url, 'runs/create', {experiment_id: '0', start_time: Date.now()});
			const run_id = runIdIn(recordIn(created, 'run'));
			await ask(url, 'runs/log-metric', {run_id, key: 'loss', value: 0.5, timestamp: Date.now(), step: 0});
			await ask(url, 'runs/update', {run_id, status: 'FINISHED', end_time: Date.now()});
			acknowledged.push(run_id);
		} catch {
			await delay(50);
		}
	}
}

/** The runs that are finished and have their metric. */
async function keptRuns(url: string): Promise<ReadonlySet<string>> {
	const kept = new Set<string>();
	let page_token: string | undefined;
	do {
		const answer = await ask(url, 'runs/search', {
			experiment_ids: ['0'],
			filter: "metrics.loss = 0.5 and attributes.status = 'FINISHED'",
			max_results: 1000,
			...(page_token !== undefined && {page_token}),
		});
		for (const run of arrayIn(answer, 'runs')) {
			kept.add(runIdIn(run));
		}

		page_token = stringIn(answer, 'next_page_token');
	} while (page_token !== undefined && page_token !== '');

	return kept;
}

function runIdIn(run: unknown): string {
	const id = stringIn(recordIn(run, 'info'), 'run_id');
	if (id === undefined) {
		throw new Error('MLflow did not say the run it made');
	}

	return id;
}
