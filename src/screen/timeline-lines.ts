import {stepsOf, type Timeline} from '../stack/startup/start.ts';
import {kindOf, type Step, type StepState} from '../stack/startup/steps.ts';
import {width} from '../text.ts';
import type {ActivityLine, Segment, SegmentTone} from './activity.ts';

/** How a step looks; ASCII screens write the second sign. */
const signs: Readonly<Record<StepState, readonly [glyph: string, ascii: string, tone: SegmentTone]>> = {
	waiting: ['', '', 'muted'],
	working: ['◐', 'o', 'busy'],
	done: ['✓', '+', 'ok'],
	failed: ['✗', 'x', 'error'],
	skipped: ['', '', 'muted'],
};

/** What the timeline is drawn for. */
export interface TimelineShape {
	/** Milliseconds since 1970. */
	readonly now: number;
	readonly columns: number;
	readonly ascii: boolean;
}

/**
 * A start as lines: every step with its state and time, as many on a line as fit, then what the steps at work are doing.
 * `pull ✓ 3.1s · build ◐ 48s · postgres: init · accepting · mlflow: migrate · listen · healthy`
 */
export function timelineLines(timeline: Timeline, shape: TimelineShape): readonly ActivityLine[] {
	const steps = stepsOf(timeline).filter(({state}) => state !== 'skipped');
	const lines: Segment[][] = [[]];
	let used = 0;
	for (const [index, step] of steps.entries()) {
		const segments = stepSegments(step, steps[index - 1], shape);
		const columns = segments.reduce((sum, {text}) => sum + width(text), 0);
		const current = lines.at(-1);
		if (used > 0 && used + 3 + columns > shape.columns - 3) {
			lines.push([...segments]);
			used = columns;
		} else {
			const separator: Segment = {text: shape.ascii ? ' - ' : ' · ', tone: 'muted'};
			current?.push(...(used > 0 ? [separator] : []), ...segments);
			used += columns + (used > 0 ? 3 : 0);
		}
	}

	return [
		...lines.map((segments, row): ActivityLine => ({
			mark: row > 0 ? 'none' : timeline.phase === 'failed' ? 'failed' : 'working',
			segments,
		})),
		...steps
			.filter(({state, detail}) => (state === 'working' || state === 'failed') && detail !== '')
			.map((step): ActivityLine => ({
				mark: 'none',
				segments: [
					{text: `${[step.service, labelOf(step)].filter(Boolean).join(' ')}: `, tone: 'muted'},
					{text: step.detail, tone: 'plain'},
				],
			})),
	];
}

function stepSegments(step: Step, before: Step | undefined, {now, ascii}: TimelineShape): readonly Segment[] {
	const [glyph, plain, tone] = signs[step.state];
	const sign = ascii ? plain : glyph;
	const time = step.start === undefined ? '' : shortTime((step.end ?? now) - step.start);
	return [
		...(step.service !== '' && step.service !== before?.service
			? [{text: `${step.service}: `, tone: 'muted'} as const]
			: []),
		{text: labelOf(step), tone: step.state === 'waiting' ? 'muted' : 'plain'},
		...(sign === '' ? [] : [{text: ` ${sign}`, tone}]),
		...(time === '' ? [] : [{text: ` ${time}`, tone: 'muted'} as const]),
	];
}

function labelOf({id}: Step): string {
	return kindOf(id)?.label ?? id;
}

/** `0.4s`, `48s`, `2m05s`: many of them stand on one line. */
export function shortTime(ms: number): string {
	const seconds = Math.max(0, ms) / 1000;
	if (seconds < 9.95) {
		return `${seconds.toFixed(1)}s`;
	}

	const whole = Math.round(seconds);
	return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`;
}
