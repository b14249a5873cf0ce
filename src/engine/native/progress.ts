import type {Progress} from '../../stack/model.ts';
import {makeChannel} from './events.ts';

export type Report = (progress: Progress) => void;

type Step = Extract<Progress, {type: 'step'}>;

/** A step, called as compose calls it: `container kws-mlflow-1`, `volume kws_pgdata`, and `build`. */
export function step(kind: Step['kind'], name: string, state: Step['state'], status: string): Progress {
	return {
		type: 'step',
		at: Date.now(),
		id: kind === 'build' ? kind : `${kind} ${name}`,
		kind,
		name,
		state,
		status,
	};
}

export function output(text: string, level: 'info' | 'warning' = 'info', stepId?: string): Progress {
	return {type: 'output', at: Date.now(), level, text, ...(stepId !== undefined && {step: stepId})};
}

/**
 * Work that reports, as something to iterate over. Ends when the work has; throws what it throws, unless the signal was
 * aborted. A reader that stops early stops the work, and goes on when it has stopped.
 */
export async function* reporting(
	work: (report: Report, signal: AbortSignal) => Promise<void>,
	signal: AbortSignal,
): AsyncGenerator<Progress> {
	const channel = makeChannel<Progress>();
	const left = new AbortController();
	const done = work((progress) => channel.push(progress), AbortSignal.any([signal, left.signal])).then(
		() => channel.end(),
		(error: unknown) => channel.end(signal.aborted ? undefined : error),
	);
	try {
		yield* channel;
	} finally {
		left.abort();
		await done;
	}
}
