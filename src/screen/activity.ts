import {formatBytes, formatDuration} from '../stack/format.ts';
import {operationWords, pullProgress, type Operation, type Step} from '../stack/operation.ts';

/** A line under the service table, and what its colour is for. */
export interface ActivityLine {
	readonly mark: 'working' | 'done' | 'failed' | 'info' | 'warning' | 'error' | 'none';
	readonly text: string;
	readonly detail: string;
}

/** Steps shown at the same time; those that are done make room first. */
const shownSteps = 4;

/** An operation as lines: what it is, its steps at work, the last line that a build wrote. */
export function operationLines(operation: Operation, now: number): readonly ActivityLine[] {
	const {kind, startedAt, steps, output} = operation;
	const what = operation.services.length > 0 ? `${kind} ${operation.services.join(' ')}` : kind;
	const lines: ActivityLine[] = [
		{
			mark: 'working',
			text: what,
			detail: `${operationWords[kind].doing} for ${formatDuration(now - startedAt)}`,
		},
	];
	const top = [...steps.values()].filter(({kind}) => kind !== 'layer');
	const working = top.filter(({state}) => state !== 'done');
	const done = top.filter(({state}) => state === 'done');
	const shown = [...done.slice(-Math.max(0, shownSteps - working.length)), ...working.slice(0, shownSteps)];
	for (const step of shown.slice(-shownSteps)) {
		lines.push({
			mark: step.state,
			text: `${step.kind === 'other' ? '' : `${step.kind} `}${step.name}`,
			detail: detailOf(operation, step),
		});
	}

	const last = output.at(-1);
	if (last && working.some(({kind}) => kind === 'build')) {
		lines.push({mark: 'none', text: last.text, detail: ''});
	}

	return lines;
}

function detailOf(operation: Operation, step: Step): string {
	const took = step.state === 'done' ? formatDuration(step.at - step.startedAt) : '';
	if (step.kind === 'pull' && step.state === 'working') {
		const {current, total} = pullProgress(operation, step.id);
		if (total > 0) {
			return `${formatBytes(current)} of ${formatBytes(total)}`;
		}
	}

	if (step.total !== undefined && step.current !== undefined && step.kind === 'build') {
		return `step ${step.current} of ${step.total}`;
	}

	return [step.status, took].filter((text) => text !== '').join(' ');
}
