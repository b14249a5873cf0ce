import type {LogLine} from '../stack/model.ts';

type Stamped = Pick<LogLine, 'time' | 'stamp'>;

/**
 * Recognises lines that were read before when a log is read again. The newest stamp is asked for, which need not be the
 * last line's: the two streams of a container are stamped apart, and written in the order in which they arrive. The
 * engine answers with everything from the first line that has the stamp (moby since 24), or without the older lines
 * among those (before); both are understood.
 */
export class Resumption {
	/** The stamp to read from, inclusive. */
	readonly stamp: string;
	readonly #newest: Stamped;
	/** Lines with that stamp, and older ones that come after it, which are known. */
	#same = 0;
	#older = 0;
	#isOver = false;

	/** `last`: the last lines that were read, one at least, oldest first; a hundred are enough. */
	constructor(last: readonly [Stamped, ...Stamped[]]) {
		this.#newest = last.reduce((newest, line) => (compareAge(line, newest) > 0 ? line : newest));
		this.stamp = this.#newest.stamp;
		for (const line of last.slice(last.indexOf(this.#newest))) {
			if (line.stamp === this.stamp) {
				this.#same++;
			} else {
				this.#older++;
			}
		}
	}

	/** Whether a line was read before. Ask for each line of the new reading, in its order. */
	isKnown(line: Stamped): boolean {
		if (this.#isOver) {
			return false;
		}

		const age = compareAge(line, this.#newest);
		if (age > 0) {
			this.#isOver = true;
			return false;
		}

		return age === 0 ? --this.#same >= 0 : --this.#older >= 0;
	}
}

/** Positive when `line` is newer. Stamps tell apart what a double of microseconds cannot. */
function compareAge(line: Stamped, other: Stamped): number {
	if (line.time !== other.time) {
		return line.time - other.time;
	}

	return line.stamp === other.stamp ? 0 : line.stamp > other.stamp ? 1 : -1;
}
