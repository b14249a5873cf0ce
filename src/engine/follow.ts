import type {LogLine, LogRequest} from '../stack/model.ts';
import type {Engine} from './engine.ts';

/** Where the first reading begins. */
export type LogStart = Pick<LogRequest, 'tail' | 'since'>;

/** How many lines of each age are to be passed over, as they have been read before. */
interface Seen {
	/** With the newest stamp itself. */
	same: number;
	/** Older, but read after it: two streams are stamped apart, and written in the order in which they arrive. */
	older: number;
}

/**
 * One container's log across restarts and across the engine's absence: each reading goes on exactly where the last one
 * ended, without a gap and without a line twice. The engine ends a log when its container stops; whoever watches the
 * project reads on when it runs again.
 *
 * It asks for the lines from the newest stamp on. An engine answers with everything from the first line that has it
 * (moby since 24), or without the older lines among those (before); both are understood.
 */
export class FollowedLog {
	readonly #engine: Pick<Engine, 'logs'>;
	readonly #container: string;
	readonly #start: LogStart;
	#newest: LogLine | undefined;
	#seen: Seen = {same: 0, older: 0};

	constructor(engine: Pick<Engine, 'logs'>, container: string, start: LogStart) {
		this.#engine = engine;
		this.#container = container;
		this.#start = start;
	}

	/** Reads on, until the container stops or the signal aborts. Throws the engine's Failure. */
	async *read(signal: AbortSignal): AsyncGenerator<readonly LogLine[], void, undefined> {
		const newest = this.#newest;
		const from = newest === undefined ? this.#start : {since: newest.stamp};
		const known = {...this.#seen};
		for await (const lines of this.#engine.logs(
			{container: this.#container, follow: true, ...from},
			signal,
		)) {
			// What comes after the abort belongs to the next reading, which may have begun.
			if (signal.aborted) {
				return;
			}

			const fresh = newest === undefined ? lines : withoutSeen(lines, newest, known);
			if (fresh.length > 0) {
				this.#remember(fresh);
				yield fresh;
			}
		}
	}

	#remember(lines: readonly LogLine[]): void {
		for (const line of lines) {
			const age = this.#newest === undefined ? 1 : compareAge(line, this.#newest);
			if (age > 0) {
				this.#newest = line;
				this.#seen = {same: 1, older: 0};
			} else if (age === 0) {
				this.#seen.same++;
			} else {
				this.#seen.older++;
			}
		}
	}
}

/** The lines that were not read before. Counts `known` down; the first line that is newer than all ends it. */
function withoutSeen(lines: readonly LogLine[], newest: LogLine, known: Seen): readonly LogLine[] {
	if (known.same === 0 && known.older === 0) {
		return lines;
	}

	return lines.filter((line) => {
		const age = compareAge(line, newest);
		if (age > 0) {
			known.same = 0;
			known.older = 0;
			return true;
		}

		const counter = age === 0 ? 'same' : 'older';
		if (known[counter] === 0) {
			return true;
		}

		known[counter]--;
		return false;
	});
}

/** Positive when `line` is newer. Stamps tell apart what a double of microseconds cannot. */
function compareAge(line: LogLine, other: LogLine): number {
	if (line.time !== other.time) {
		return line.time - other.time;
	}

	return line.stamp === other.stamp ? 0 : line.stamp > other.stamp ? 1 : -1;
}
