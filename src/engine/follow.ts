import {ReadLines} from '../logs/resume.ts';
import type {LogLine, LogRequest} from '../stack/model.ts';
import type {Engine} from './engine.ts';

/** Where the first reading begins. */
export type LogStart = Pick<LogRequest, 'tail' | 'since'>;

/**
 * One container's log across restarts and across the engine's absence: each reading goes on exactly where the last one
 * ended, without a gap and without a line twice. The engine ends a log when its container stops; whoever watches the
 * project reads on when it runs again.
 */
export class FollowedLog {
	readonly #engine: Pick<Engine, 'logs'>;
	readonly #container: string;
	readonly #start: LogStart;
	readonly #read = new ReadLines();

	constructor(engine: Pick<Engine, 'logs'>, container: string, start: LogStart) {
		this.#engine = engine;
		this.#container = container;
		this.#start = start;
	}

	/** Reads on, until the container stops or the signal aborts. Throws the engine's Failure. */
	async *read(signal: AbortSignal): AsyncGenerator<readonly LogLine[], void, undefined> {
		const {stamp} = this.#read;
		const known = this.#read.resume();
		const from = stamp === undefined ? this.#start : {since: stamp};
		for await (const lines of this.#engine.logs(
			{container: this.#container, follow: true, ...from},
			signal,
		)) {
			// What comes after the abort belongs to the next reading, which may have begun.
			if (signal.aborted) {
				return;
			}

			const fresh =
				known === undefined || known.isOver ? lines : lines.filter((line) => !known.isKnown(line));
			if (fresh.length > 0) {
				this.#read.add(fresh);
				yield fresh;
			}
		}
	}
}
