import type {LogLine} from '../stack/model.ts';

type Stamped = Pick<LogLine, 'time' | 'stamp'>;

/**
 * What is remembered of the lines of a container's log to go on behind them. The newest stamp is asked for, which need
 * not be the last line's: the two streams of a container are stamped apart, and written in the order in which they
 * arrive. The engine answers with everything from the first line that has the stamp (moby since 24), or without the
 * older lines among those (before); both are understood.
 */
export class ReadLines {
	#newest: Stamped | undefined;
	/** Lines with that stamp, and older ones that come after the first of them. */
	#same = 0;
	#older = 0;

	/** The stamp to read from, inclusive; undefined when nothing was read. */
	get stamp(): string | undefined {
		return this.#newest?.stamp;
	}

	/** Takes lines down that were read, in the log's order. */
	add(lines: readonly Stamped[]): void {
		for (const line of lines) {
			const age = this.#newest === undefined ? 1 : compareAge(line, this.#newest);
			if (age > 0) {
				this.#newest = line;
				this.#same = 1;
				this.#older = 0;
			} else if (age === 0) {
				this.#same++;
			} else {
				this.#older++;
			}
		}
	}

	/** Recognises these lines when the log is read from the stamp on; undefined when nothing was read. */
	resume(): Resumption | undefined {
		return this.#newest && new Resumption(this.#newest, this.#same, this.#older);
	}
}

/** Tells lines that were read before from new ones, when a log is read again. */
export class Resumption {
	readonly #newest: Stamped;
	#same: number;
	#older: number;

	constructor(newest: Stamped, same: number, older: number) {
		this.#newest = newest;
		this.#same = same;
		this.#older = older;
	}

	/** No further line is known. */
	get isOver(): boolean {
		return this.#same === 0 && this.#older === 0;
	}

	/** Whether a line was read before. Ask for each line of the new reading, in its order. */
	isKnown(line: Stamped): boolean {
		if (this.isOver) {
			return false;
		}

		const age = compareAge(line, this.#newest);
		if (age > 0) {
			this.#same = 0;
			this.#older = 0;
			return false;
		}

		if (age === 0) {
			return this.#same > 0 && this.#same-- > 0;
		}

		return this.#older > 0 && this.#older-- > 0;
	}
}

/** Positive when `line` is newer. Stamps tell apart what a double of microseconds cannot. */
function compareAge(line: Stamped, other: Stamped): number {
	if (line.time !== other.time) {
		return line.time - other.time;
	}

	return line.stamp === other.stamp ? 0 : line.stamp > other.stamp ? 1 : -1;
}
