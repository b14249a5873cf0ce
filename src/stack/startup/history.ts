import {stepsOf, type Timeline} from './start.ts';
import {kindOf, stepKinds, type Step} from './steps.ts';

/**
 * How long starts took, and each of their steps: durations in ms, the newest last, by `durationKey` and `totalKey`.
 * A plain value that JSON holds.
 */
export type History = Readonly<Record<string, readonly number[]>>;

/** As many starts as "usual" is told from. */
const kept = 20;

/** The key of a step's durations: `pull`, `mlflow.listen`. */
export function durationKey(step: Pick<Step, 'id' | 'service'>): string {
	return step.service === '' ? step.id : `${step.service}.${step.id}`;
}

/**
 * The key of a whole start's durations. Only like is compared with like: a start that pulled, built or initialised a
 * database takes as long as it takes for that, and services that ran already take no time.
 */
export function totalKey(timeline: Timeline): string {
	const weights = stepKinds
		.filter(
			({id, weighs}) => weighs && stepsOf(timeline).some((step) => step.id === id && step.state === 'done'),
		)
		.map(({id}) => id);
	return ['start', ...Object.keys(timeline.lanes).sort(), ...weights].join(' ');
}

/** The history with this start in it. A start that did not become ready, or is under way, teaches nothing. */
export function remember(history: History, timeline: Timeline): History {
	const total = totalTime(timeline);
	if (timeline.phase !== 'ready' || total === undefined) {
		return history;
	}

	const next: Record<string, readonly number[]> = {...history};
	const add = (key: string, duration: number): void => {
		next[key] = [...(next[key] ?? []), Math.round(duration)].slice(-kept);
	};
	add(totalKey(timeline), total);
	for (const step of stepsOf(timeline)) {
		const duration = timeOf(step);
		if (step.state === 'done' && duration !== undefined) {
			add(durationKey(step), duration);
		}
	}

	return next;
}

/** The usual duration, ms: the median of those remembered. */
export function usual(history: History, key: string): number | undefined {
	const sorted = (history[key] ?? []).toSorted((a, b) => a - b);
	return sorted[Math.floor((sorted.length - 1) / 2)];
}

/** The services that were started, if others of the stack ran already; empty for a start of the whole stack. */
export function startedServices({lanes, services, containers}: Timeline): readonly string[] {
	const all = [
		...services,
		...[...containers.containers.values()].map(({service: name, role}) => ({name, role})),
	];
	const isWhole = all.every(({name, role}) => role === 'other' || lanes[name] !== undefined);
	return isWhole ? [] : Object.keys(lanes);
}

/** How long a step took, ms; undefined while it is under way. */
export function timeOf(step: Step): number | undefined {
	return step.start === undefined || step.end === undefined ? undefined : step.end - step.start;
}

function totalTime({start, end}: Timeline): number | undefined {
	return start === undefined || end === undefined ? undefined : Math.max(0, end - start);
}

/**
 * A start that became ready, in one line: `51.2 s, 3.4 s faster than usual; pip took 38 s of it`. Empty for another.
 * The history is that of the starts before.
 */
export function summary(timeline: Timeline, history: History): string {
	const total = totalTime(timeline);
	if (timeline.phase !== 'ready' || total === undefined) {
		return '';
	}

	const compared = [seconds(total), comparison(total, usual(history, totalKey(timeline)))]
		.filter(Boolean)
		.join(', ');
	const longest = longestPart(timeline);
	return longest && longest.time >= Math.max(total * 0.3, 1000)
		? `${compared}; ${longest.name} took ${seconds(longest.time)} of it`
		: compared;
}

function comparison(total: number, before: number | undefined): string {
	if (before === undefined) {
		return '';
	}

	const difference = Math.abs(total - before);
	if (difference < Math.max(500, before * 0.05)) {
		return 'as usual';
	}

	return `${seconds(difference)} ${total < before ? 'faster' : 'slower'} than usual`;
}

/** The step that took longest. Of a build it is pip, or uv, if that was the most of it. */
function longestPart(timeline: Timeline): {name: string; time: number} | undefined {
	let longest: {name: string; time: number} | undefined;
	for (const step of stepsOf(timeline)) {
		const time = timeOf(step) ?? 0;
		if (time <= (longest?.time ?? 0)) {
			continue;
		}

		const {install} = timeline.work;
		const installTime = step.id === 'build' && install ? install.end - install.start : 0;
		longest =
			install && installTime > time / 2
				? {name: install.by, time: installTime}
				: {name: kindOf(step.id)?.took ?? step.id, time};
	}

	return longest;
}

/** A duration as people say it: `0.4 s`, `51.2 s`, `2 min 5 s`. */
function seconds(ms: number): string {
	if (ms < 59_950) {
		const value = (ms / 1000).toFixed(1);
		return `${value.replace(/\.0$/, '')} s`;
	}

	const whole = Math.round(ms / 1000);
	return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
