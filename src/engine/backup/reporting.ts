import type {Progress} from '../../stack/model.ts';

type Step = Extract<Progress, {type: 'step'}>;

/** The shortest time between two reports of one step's bytes, in ms. */
const reportInterval = 100;

/** What work tells of itself. */
export interface Reporter {
	/** A step begins, goes on or ends; `bytes` are those of the step so far. */
	step(id: string, name: string, state: Step['state'], status: string, bytes?: number, total?: number): void;
	note(level: 'info' | 'warning', text: string): void;
	/** What a part of the work reports in its own way. */
	pass(progress: Progress): void;
	/** Counts the bytes of a step; reports them ten times a second; `at` tells the rate. */
	counter(id: string, name: string, status: string, total?: number): (bytes: number) => void;
}

/**
 * Runs work that reports by calls, as an iteration of its reports that returns what the work returned. When the reader
 * leaves early, the work goes on to its end unseen: it is cancelled by its signal.
 */
export async function* reporting<Result>(
	work: (reporter: Reporter) => Promise<Result>,
): AsyncGenerator<Progress, Result> {
	const reports: Progress[] = [];
	let wake: () => void = () => {};
	const report = (progress: Progress): void => {
		reports.push(progress);
		wake();
	};
	let ended = false;
	const running = work(reporterTo(report)).finally(() => {
		ended = true;
		wake();
	});
	// A reader that leaves never hears of an error.
	running.catch(() => {});
	for (;;) {
		const next = reports.shift();
		if (next !== undefined) {
			yield next;
		} else if (ended) {
			return running;
		} else {
			await new Promise<void>((resolve) => {
				wake = resolve;
			});
		}
	}
}

function reporterTo(report: (progress: Progress) => void): Reporter {
	const step: Reporter['step'] = (id, name, state, status, bytes, total) =>
		report({
			type: 'step',
			at: Date.now(),
			id,
			kind: 'other',
			name,
			state,
			status,
			...(bytes !== undefined && {current: bytes}),
			...(total !== undefined && {total}),
		});
	return {
		step,
		pass: report,
		note: (level, text) => report({type: 'output', at: Date.now(), level, text}),
		counter: (id, name, status, total) => {
			let bytes = 0;
			let reported = 0;
			step(id, name, 'working', status, 0, total);
			return (more) => {
				bytes += more;
				const now = Date.now();
				if (now - reported >= reportInterval) {
					reported = now;
					step(id, name, 'working', status, bytes, total);
				}
			};
		},
	};
}
