import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {constraintsFile, requirements} from '../../src/engine/native/mlflow-environment.ts';
import {nativePaths, projectPaths} from '../../src/engine/native/paths.ts';
import {findPython} from '../../src/engine/native/python.ts';
import {isHealthy} from '../../src/engine/native/supervisor/health.ts';
import {anyPort, newFolder, processesOf, sharedFolder} from '../engine/native/support.ts';
import {executable, runCommand} from '../support/project.ts';
import {median, type Figure} from './figure.ts';
import {costOfOne} from './process-cost.ts';

const runs = 5;
const project = `mlstack-bench-${process.pid}`;

/** How often, in ms, PostgreSQL is asked whether it accepts connections. */
const askInterval = 10;

/** Seconds of rest that are measured, and those before, in which MLflow finishes its start. */
const restTime = 30;
const settleTime = 20;

type Environment = Readonly<Record<string, string>>;

async function mlstack(environment: Environment, ...words: readonly string[]): Promise<void> {
	const command = [executable, '--engine', 'native', '-p', project, ...words];
	const {exitCode, stderr} = await runCommand(process.execPath, command, '/', environment);
	if (exitCode !== 0) {
		throw new Error(`mlstack ${words.join(' ')}: ${stderr}`);
	}
}

interface Start {
	/** Milliseconds from exec. */
	readonly healthy: number;
	readonly accepting: number;
}

async function timedUp(environment: Environment): Promise<Start> {
	const began = performance.now();
	const up = mlstack(environment, 'up', '--wait');
	let accepting = Number.NaN;
	const asking = new AbortController();
	const asked = (async () => {
		const port = Number(environment['MLSTACK_PG_PORT']);
		while (!asking.signal.aborted) {
			if (await isHealthy({kind: 'postgres', port, user: 'mlflow', database: 'mlflow'})) {
				accepting = performance.now() - began;
				return;
			}

			await delay(askInterval);
		}
	})();
	try {
		await up;
		return {healthy: performance.now() - began, accepting};
	} finally {
		asking.abort();
		await asked;
	}
}

async function environmentIn(data: string): Promise<Environment> {
	return {
		MLSTACK_DATA: data,
		MLSTACK_PG_PORT: String(await anyPort()),
		MLFLOW_PORT: String(await anyPort()),
	};
}

/** With environment, programs and database there: from exec to a PostgreSQL that accepts and an MLflow that works. */
export async function nativeWarm(): Promise<readonly Figure[]> {
	const environment = await environmentIn(sharedFolder());
	const starts: Start[] = [];
	try {
		for (let run = 0; run <= runs; run++) {
			const start = await timedUp(environment);
			// The first one makes what is missing.
			if (run > 0) {
				starts.push(start);
			}

			await mlstack(environment, 'down', '--yes');
		}
	} finally {
		await remove(environment);
	}

	return [
		{
			name: 'native, warm: exec to PostgreSQL accepting',
			value: median(starts.map(({accepting}) => accepting)),
			unit: 'ms',
			bound: 2000,
		},
		{
			name: 'native, warm: exec to `up --wait` done',
			value: median(starts.map(({healthy}) => healthy)),
			unit: 'ms',
			bound: 12_000,
		},
		{name: 'the slowest of them', value: Math.max(...starts.map(({healthy}) => healthy)), unit: 'ms'},
	];
}

/** What supervision costs while both services are healthy and nobody asks for anything. */
export async function nativeRest(): Promise<readonly Figure[]> {
	const environment = await environmentIn(sharedFolder());
	try {
		await mlstack(environment, 'up', '--wait');
		await delay(settleTime * 1000);
		const {guard, supervisor} = processesOf(projectPaths(nativePaths(environment), project));
		const both = () => [guard, supervisor].map(({pid}) => costOfOne(pid));
		const sum = (costs: ReturnType<typeof both>, of: 'cpu' | 'memory') =>
			costs.reduce((total, cost) => total + cost[of], 0);
		const before = sum(both(), 'cpu');
		await delay(restTime * 1000);
		const after = both();
		return [
			{
				name: 'native, at rest: memory of the supervision',
				value: sum(after, 'memory') / 1e6,
				unit: 'MB',
				bound: 60,
			},
			{
				name: `native, at rest: its CPU in ${restTime} s`,
				value: ((sum(after, 'cpu') - before) / restTime / 1000) * 100,
				unit: '%',
				bound: 0.5,
			},
		];
	} finally {
		await remove(environment);
	}
}

/** The first `up` of all, downloads included, and `pip install` of the same versions by hand, in turn. */
export async function nativeFirst(): Promise<readonly Figure[]> {
	const ours: number[] = [];
	const byHand: number[] = [];
	const cold = {PIP_NO_CACHE_DIR: '1', UV_NO_CACHE: '1'};
	for (let run = 0; run < 2; run++) {
		const folder = newFolder();
		const environment = {...cold, ...(await environmentIn(join(folder, 'data')))};
		try {
			byHand.push(await pipInstall(join(folder, 'venv'), cold));
			const began = performance.now();
			await mlstack(environment, 'up', '--wait');
			ours.push(performance.now() - began);
		} finally {
			await remove(environment);
			rmSync(folder, {recursive: true, force: true});
		}
	}

	const [own = Number.NaN, plain = Number.NaN] = [median(ours), median(byHand)];
	return [
		{name: 'native, first `up --wait` of all', value: own / 1000, unit: 's'},
		{name: '`pip install` of the same lock in the same run', value: plain / 1000, unit: 's'},
		{name: 'ratio', value: own / plain, unit: 'x', bound: 1.3},
	];
}

/** Milliseconds of the installation alone. */
async function pipInstall(venv: string, environment: Environment): Promise<number> {
	const python = await findPython(process.env);
	const made = await runCommand(python?.executable ?? 'python3', ['-m', 'venv', venv]);
	const command = ['-m', 'pip', 'install', '--quiet', '-c', constraintsFile(), ...requirements];
	const began = performance.now();
	const {exitCode, stderr} = await runCommand(join(venv, 'bin', 'python'), command, '/', environment);
	if (exitCode !== 0) {
		throw new Error(made.stderr + stderr);
	}

	return performance.now() - began;
}

async function remove(environment: Environment): Promise<void> {
	await mlstack(environment, 'down', '--yes');
	rmSync(projectPaths(nativePaths(environment), project).folder, {recursive: true, force: true});
}
