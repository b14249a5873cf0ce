import {formatDuration} from './format.ts';
import type {Progress} from './model.ts';
import {formatDiskSize} from './prune/units.ts';

/** A step of work that moves bytes, with the moment at which it began. */
export type ByteStep = Extract<Progress, {type: 'step'}> & {readonly startedAt: number};

/** Work that moves bytes, such as a backup, as far as it has told. */
export interface ByteWork {
	/** The newest last; of many the last ones. */
	readonly steps: readonly ByteStep[];
	/** Warnings, a sentence each. */
	readonly notes: readonly string[];
}

/** How many of the last steps are kept. */
const stepsKept = 50;

export const initialWork: ByteWork = {steps: [], notes: []};

/** The work after a report of its progress. */
export function withReport(work: ByteWork, progress: Progress): ByteWork {
	if (progress.type === 'output') {
		return progress.level === 'info' ? work : {...work, notes: [...work.notes, progress.text]};
	}

	const before = work.steps.find(({id}) => id === progress.id);
	const step = {...progress, startedAt: before?.startedAt ?? progress.at};
	const others = work.steps.filter(({id}) => id !== progress.id);
	return {...work, steps: [...others, step].slice(-stepsKept)};
}

/** `database mlflow saving: 12 MB of 40 MB` */
export function stepText({kind, name, status, current, total}: ByteStep): string {
	const what = `${kind === 'other' ? '' : `${kind} `}${name} ${status.toLowerCase()}`;
	if (current === undefined || kind !== 'other') {
		return what;
	}

	const of = total === undefined || total === current ? '' : ` of ${formatDiskSize(total)}`;
	return `${what}: ${formatDiskSize(current)}${of}`;
}

/** How fast a step at work is, or how long one that has ended took: `85 MB/s`, `3 s`; empty within the first second. */
export function paceText({state, at, startedAt, current}: ByteStep): string {
	const took = at - startedAt;
	if (took < 1000) {
		return '';
	}

	return state === 'working'
		? current
			? `${formatDiskSize((current * 1000) / took)}/s`
			: ''
		: formatDuration(took);
}
