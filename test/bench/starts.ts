import {readFileSync} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';
import {docker, withProject, type Project} from '../support/project.ts';
import {median, open, type Figure} from './figure.ts';
import {costOf} from './process-cost.ts';

const runs = 9;

/** A service that looks like MLflow's tracking server, and writes to its log what it is told. */
const talker = `
services:
  mlflow:
    image: busybox
    init: true
    stop_grace_period: 0s
    command: [sleep, infinity]
    labels: {mlstack.role: tracking}
`;

const failure = "ERROR mlflow.cli: No module named 'psycopg'";
const card = /the driver that its database URI asks for is not installed/;

/** From the engine's own stamp of the line that shows a failure to the card on the screen. */
export async function cardLatency(): Promise<readonly Figure[]> {
	const latencies: number[] = [];
	await withProject(talker, async (project) => {
		for (let run = 0; run < runs; run++) {
			await project.compose('up', '-d', '--force-recreate');
			const mlstack = open(project);
			await mlstack.shows(/mlflow +(?:running|starting)/);
			await delay(1000);
			const container = `${project.name}-mlflow-1`;
			await docker('exec', container, 'sh', '-c', `echo "${failure}" > /proc/1/fd/1`);
			const shown = await mlstack.shows(card);
			const [stamp = ''] = (await docker('logs', '--timestamps', container)).split(' ', 1);
			await mlstack.close();
			if (shown !== undefined) {
				latencies.push(performance.timeOrigin + shown - millisecondsOf(stamp));
			}
		}
	});
	return [
		{name: 'log line of a failure to its card', value: median(latencies), unit: 'ms', bound: 200},
		{
			name: 'the slowest of them',
			value: latencies.length < runs ? undefined : Math.max(...latencies),
			unit: 'ms',
		},
	];
}

/** With more than the milliseconds that Date reads. */
function millisecondsOf(stamp: string): number {
	const fraction = Number(`0${/\.\d+/.exec(stamp)?.[0] ?? ''}`);
	return Date.parse(`${stamp.slice(0, 19)}Z`) + fraction * 1000;
}

/**
 * A start as it was recorded, line by line at its own pace, watched by the screen: once as the start of a stack, with
 * timeline and diagnosis, and once as services that mean nothing to mlstack. The difference is what they cost.
 */
export async function timelineCost(): Promise<readonly Figure[]> {
	const log = recordedLines('mlflow-3.17.2-pip-at-start');
	const seconds = log.reduce((sum, {pause}) => sum + pause, 0);
	const shares: Record<string, number> = {};
	for (const role of ['tracking', 'other']) {
		await withProject(replayed(log, role), async (project) => {
			shares[role] = (await watchedStart(project, seconds)) / seconds / 1000;
		});
	}

	const {tracking = Number.NaN, other = Number.NaN} = shares;
	return [
		{name: `a start of ${Math.round(seconds)} s, watched: a core's share`, value: tracking * 100, unit: '%'},
		{name: 'the same lines, of a service that is no MLflow', value: other * 100, unit: '%'},
		{name: 'timeline and diagnosis', value: (tracking - other) * 100, unit: '%', bound: 3},
	];
}

/** Milliseconds of CPU from just before the start to just after it. */
async function watchedStart(project: Project, seconds: number): Promise<number> {
	await project.compose('create');
	const mlstack = open(project, '--no-stats');
	await mlstack.shows(/mlflow +created/);
	await delay(2000);
	const before = costOf(mlstack.pid).cpu;
	await project.compose('start');
	await delay(seconds * 1000);
	const {cpu} = costOf(mlstack.pid);
	await mlstack.close();
	return cpu - before;
}

interface RecordedLine {
	readonly text: string;
	/** Seconds after the line before it. */
	readonly pause: number;
}

/** A log of test/fixtures/logs: `STAMP SERVICE TEXT`. */
function recordedLines(name: string): readonly RecordedLine[] {
	const text = readFileSync(new URL(`../fixtures/logs/${name}.log`, import.meta.url), 'utf8');
	let last: number | undefined;
	return text
		.trimEnd()
		.split('\n')
		.map((line) => {
			const [, stamp = '', rest = ''] = /^(\S+) \S+ ?(.*)$/.exec(line) ?? [];
			const at = millisecondsOf(stamp);
			const pause = Math.max(0, at - (last ?? at)) / 1000;
			last = at;
			return {text: rest, pause};
		});
}

/** A service that writes these lines at their pace, then stays. */
function replayed(lines: readonly RecordedLine[], role: string): string {
	const script = [
		...lines.map(
			({text, pause}) =>
				`${pause > 0.001 ? `sleep ${pause.toFixed(3)}; ` : ''}printf '%s\\n' '${text.replaceAll("'", String.raw`'\''`)}'`,
		),
		'sleep infinity',
	].join('\n');
	const command = ['sh', '-c', script.replaceAll('$', '$$$$')];
	return `
services:
  mlflow:
    image: busybox
    init: true
    stop_grace_period: 0s
    command: ${JSON.stringify(command)}
    labels: {mlstack.role: ${role}}
`;
}
