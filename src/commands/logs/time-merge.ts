/** What can be merged: `order` is a time in microseconds since 1970 that never falls within a source. */
interface Ordered {
	readonly order: number;
}

/** A source's lines that were not given on yet, or, while it has none, until when it is waited for. */
interface Lane<Line> {
	lines: readonly Line[];
	at: number;
	waitedUntil: number;
	taken: () => void;
}

/**
 * Merges batches of lines by time. A source that has no line is waited for `patience` milliseconds after its last one,
 * as its next may be older than what the others hold; Infinity makes the order exact, 100 is enough for logs that are
 * followed. Each source is held back until its batch was taken, so that memory stays small. Sources may be added while
 * it is read; it ends when all have ended and `close` was called. Who stops early must end the sources themselves.
 */
export class TimeMerge<Line extends Ordered> implements AsyncIterable<readonly Line[]> {
	readonly #patience: number;
	readonly #lanes = new Set<Lane<Line>>();
	readonly #failures: unknown[] = [];
	#isClosed = false;
	#isLeft = false;
	#wake: () => void = () => undefined;

	constructor(patience: number) {
		this.#patience = patience;
	}

	add(source: AsyncIterable<readonly Line[]>): void {
		const lane: Lane<Line> = {
			lines: [],
			at: 0,
			waitedUntil: Date.now() + this.#patience,
			taken: () => undefined,
		};
		this.#lanes.add(lane);
		void this.#read(source, lane);
	}

	/** No source will be added any more. */
	close(): void {
		this.#isClosed = true;
		this.#wake();
	}

	/** Ends with an error, such as that of whoever adds the sources. */
	fail(error: unknown): void {
		this.#failures.push(error);
		this.#wake();
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<readonly Line[], void, undefined> {
		try {
			while (this.#lanes.size > 0 || !this.#isClosed) {
				if (this.#failures.length > 0) {
					throw this.#failures[0];
				}

				const lines = this.#take();
				if (lines.length > 0) {
					yield lines;
				} else {
					await this.#news();
				}
			}
		} finally {
			this.#isLeft = true;
			for (const {taken} of this.#lanes) {
				taken();
			}
		}

		if (this.#failures.length > 0) {
			throw this.#failures[0];
		}
	}

	/** The lines that come next, up to the first for which a source has to be asked. */
	#take(): readonly Line[] {
		const lines: Line[] = [];
		while (!this.#isAwaiting()) {
			const [first, second] = this.#earliest();
			if (!first) {
				break;
			}

			// All of the earliest source up to where the second one goes on.
			const limit = second?.lines[second.at]?.order ?? Number.POSITIVE_INFINITY;
			for (let line = first.lines[first.at]; line && line.order <= limit; line = first.lines[first.at]) {
				lines.push(line);
				first.at++;
			}

			if (first.at === first.lines.length) {
				first.lines = [];
				first.at = 0;
				first.waitedUntil = Date.now() + this.#patience;
				first.taken();
			}
		}

		return lines;
	}

	#isAwaiting(): boolean {
		const now = Date.now();
		return [...this.#lanes].some(({lines, waitedUntil}) => lines.length === 0 && waitedUntil > now);
	}

	#earliest(): readonly [Lane<Line> | undefined, Lane<Line> | undefined] {
		let first: Lane<Line> | undefined;
		let second: Lane<Line> | undefined;
		for (const lane of this.#lanes) {
			if (isBefore(lane, first)) {
				second = first;
				first = lane;
			} else if (isBefore(lane, second)) {
				second = lane;
			}
		}

		return [first, second];
	}

	/** Settles when a source brings something or ends, and when a source was waited for long enough. */
	async #news(): Promise<void> {
		const empty = [...this.#lanes].filter(({lines}) => lines.length === 0);
		const hasLines = empty.length < this.#lanes.size;
		const until = Math.max(...empty.map(({waitedUntil}) => waitedUntil));
		await new Promise<void>((resolve) => {
			const timer =
				hasLines && Number.isFinite(until) ? setTimeout(resolve, Math.max(1, until - Date.now())) : undefined;
			this.#wake = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}

	async #read(source: AsyncIterable<readonly Line[]>, lane: Lane<Line>): Promise<void> {
		try {
			for await (const lines of source) {
				if (this.#isLeft) {
					break;
				}

				if (lines.length > 0) {
					await new Promise<void>((taken) => {
						lane.lines = lines;
						lane.taken = taken;
						this.#wake();
					});
				}
			}
		} catch (error) {
			this.#failures.push(error);
		}

		this.#lanes.delete(lane);
		this.#wake();
	}
}

function isBefore<Line extends Ordered>(lane: Lane<Line>, other: Lane<Line> | undefined): boolean {
	const order = lane.lines[lane.at]?.order;
	const otherOrder = other?.lines[other.at]?.order;
	return order !== undefined && (otherOrder === undefined || order < otherOrder);
}
