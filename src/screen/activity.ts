import {formatBytes, formatDuration} from '../stack/format.ts';
import {operationWords, pullProgress, type Operation, type Step} from '../stack/operation.ts';

/** What a piece of text is about; the theme gives it its colour. */
export type SegmentTone =
	| 'plain'
	| 'strong'
	| 'muted'
	| 'ok'
	| 'busy'
	| 'warning'
	| 'error'
	| 'accent'
	| 'selected';

/** The mark of what the user is told, by its level. */
export const noticeMarks = {info: 'done', warning: 'warning', error: 'failed'} as const;

export interface Segment {
	readonly text: string;
	readonly tone: SegmentTone;
}

/** How far something is; drawn as a glyph, so that colour is not the only signal. */
export type Mark = 'working' | 'done' | 'failed' | 'warning' | 'note' | 'none';

/** A line between the service table and the log. */
export interface ActivityLine {
	readonly mark: Mark;
	readonly segments: readonly Segment[];
}

/** A line of one tone. */
export function textLine(mark: Mark, text: string, tone: SegmentTone = 'plain'): ActivityLine {
	return {mark, segments: [{text, tone}]};
}

/** Steps shown at the same time; those that are done make room first. */
const shownSteps = 4;

/** An operation other than a start as lines: what it is, then its steps at work. */
export function operationLines(operation: Operation, now: number): readonly ActivityLine[] {
	const {kind, startedAt, steps} = operation;
	const what = operation.services.length > 0 ? `${kind} ${operation.services.join(' ')}` : kind;
	const top = [...steps.values()].filter((step) => step.kind !== 'layer');
	const working = top.filter(({state}) => state !== 'done');
	const done = top.filter(({state}) => state === 'done');
	const shown = [
		...done.slice(Math.min(done.length, done.length - shownSteps + working.length)),
		...working.slice(0, shownSteps),
	];
	return [
		{
			mark: 'working',
			segments: [
				{text: what, tone: 'strong'},
				{text: `  ${operationWords[kind].doing} for ${formatDuration(now - startedAt)}`, tone: 'muted'},
			],
		},
		...shown.slice(-shownSteps).map((step): ActivityLine => ({
			mark: step.state,
			segments: [
				{text: `${step.kind === 'other' ? '' : `${step.kind} `}${step.name}`, tone: 'plain'},
				{text: `  ${detailOf(operation, step)}`, tone: 'muted'},
			],
		})),
	];
}

function detailOf(operation: Operation, step: Step): string {
	if (step.kind === 'pull' && step.state === 'working') {
		const {current, total} = pullProgress(operation, step.id);
		if (total > 0) {
			return `${formatBytes(current)} of ${formatBytes(total)}`;
		}
	}

	const took = step.state === 'done' ? formatDuration(step.at - step.startedAt) : '';
	return [step.status, took].filter((text) => text !== '').join(' ');
}
