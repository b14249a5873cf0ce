import {randomBytes} from 'node:crypto';
import {Failure} from '../../failure.ts';
import {arrayIn, recordIn, stringIn} from '../json.ts';
import type {MlflowApi} from './mlflow-api.ts';

/** What a verification logs. Its name says whose it is, should anything of it ever stay. */
export interface Sample {
	readonly experiment: string;
	readonly parameter: string;
	readonly metric: number;
	readonly tag: string;
	/** The artifact's name, and what it holds. */
	readonly file: string;
	readonly content: Uint8Array;
}

/** A new sample that nothing else is equal to. */
export function newSample(): Sample {
	const mark = randomBytes(6).toString('hex');
	return {
		experiment: `mlstack-verify-${mark}`,
		parameter: `parameter-${mark}`,
		// Exact in binary, so that it comes back as it is.
		metric: 0.625,
		tag: `tag-${mark}`,
		file: `mlstack-verify-${mark}.txt`,
		content: Buffer.from(`written by mlstack verify, ${mark}\n`),
	};
}

/** The key under which each of them is logged. */
export const key = 'mlstack.verify';

/** A run as MLflow made it. */
export interface LoggedRun {
	/** A number, as text. */
	readonly experiment: string;
	/** 32 hexadecimal digits. */
	readonly run: string;
	/** Where its artifacts go: `mlflow-artifacts:/1/8c2f/artifacts`. */
	readonly artifacts: string;
}

export async function createExperiment(
	api: MlflowApi,
	{experiment}: Sample,
	signal: AbortSignal,
): Promise<string> {
	const what = 'create an experiment';
	const id = stringIn(
		await api.post('experiments/create', {name: experiment}, what, signal),
		'experiment_id',
	);
	if (id === undefined || !/^\d+$/.test(id)) {
		throw unknownAnswer(what);
	}

	return id;
}

/** Logs a run that has ended, with a parameter, a metric and a tag. */
export async function logRun(
	api: MlflowApi,
	{parameter, metric, tag}: Sample,
	experiment: string,
	signal: AbortSignal,
): Promise<LoggedRun> {
	const what = 'create a run';
	const now = Date.now();
	const created = await api.post('runs/create', {experiment_id: experiment, start_time: now}, what, signal);
	const info = recordIn(recordIn(created, 'run'), 'info');
	const run = stringIn(info, 'run_id') ?? stringIn(info, 'run_uuid');
	const artifacts = stringIn(info, 'artifact_uri');
	if (run === undefined || !/^[\da-f]{32}$/.test(run) || artifacts === undefined) {
		throw unknownAnswer(what);
	}

	const batch = {
		run_id: run,
		params: [{key, value: parameter}],
		metrics: [{key, value: metric, timestamp: now, step: 0}],
		tags: [{key, value: tag}],
	};
	await api.post('runs/log-batch', batch, 'log a parameter, a metric and a tag', signal);
	await api.post('runs/update', {run_id: run, status: 'FINISHED', end_time: now}, 'end a run', signal);
	return {experiment, run, artifacts};
}

/** Reads a run back. Throws a Failure for what comes back otherwise than it was logged. */
export async function readRun(
	api: MlflowApi,
	sample: Sample,
	{experiment, run}: LoggedRun,
	signal: AbortSignal,
): Promise<void> {
	const found = await api.get(`experiments/get?experiment_id=${experiment}`, 'find the experiment', signal);
	const answer = recordIn(await api.get(`runs/get?run_id=${run}`, 'find the run', signal), 'run');
	const data = recordIn(answer, 'data');
	const valueOf = (list: string): unknown => {
		const entry = arrayIn(data, list).find((item) => stringIn(item, 'key') === key);
		return typeof entry === 'object' && entry !== null && 'value' in entry ? entry.value : undefined;
	};
	const wrong = [
		['experiment', stringIn(recordIn(found, 'experiment'), 'name'), sample.experiment],
		['parameter', valueOf('params'), sample.parameter],
		['metric', Number(valueOf('metrics')), sample.metric],
		['tag', valueOf('tags'), sample.tag],
	].filter(([, is, should]) => is !== should);
	if (wrong.length > 0) {
		const names = wrong.map(([name]) => String(name)).join(', ');
		throw new Failure(`what MLflow reads back is not what was logged: ${names}`, {
			code: 'read-back-differs',
			why: 'two servers that share the port, or a proxy in between, would explain it',
			next: ['mlstack status', 'mlstack logs --tail 50'],
		});
	}
}

function unknownAnswer(what: string): Failure {
	return new Failure(`MLflow did not ${what} as its REST API says`, {
		code: 'mlflow-unknown-answer',
		why: 'its answer lacks what every version from 1.0 to 3.x gives',
		next: ['mlstack status'],
	});
}
