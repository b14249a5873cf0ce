/**
 * Several async iterables as one, in the order in which their items come. Each source is asked for its next item only
 * when its last one was taken, so that a slow reader slows them all. Sources may be added while it is read; it ends when
 * all have ended, and throws what one of them throws. Who stops early must end the sources with their own signal.
 */
export class Merge<Item> implements AsyncIterable<Item> {
	readonly #ready: Array<{readonly item: Item; readonly taken: () => void}> = [];
	#open = 0;
	#closed = false;
	#failures: readonly unknown[] = [];
	#wake: () => void = () => undefined;

	add(source: AsyncIterable<Item>): void {
		this.#open++;
		void this.#read(source);
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
		try {
			while (true) {
				const next = this.#ready.shift();
				if (next) {
					yield next.item;
					next.taken();
				} else if (this.#failures.length > 0) {
					throw this.#failures[0];
				} else if (this.#open === 0) {
					return;
				} else {
					await new Promise<void>((resolve) => {
						this.#wake = resolve;
					});
				}
			}
		} finally {
			this.#closed = true;
			for (const {taken} of this.#ready) {
				taken();
			}
		}
	}

	async #read(source: AsyncIterable<Item>): Promise<void> {
		try {
			for await (const item of source) {
				if (!this.#closed) {
					await new Promise<void>((taken) => {
						this.#ready.push({item, taken});
						this.#wake();
					});
				}

				if (this.#closed) {
					break;
				}
			}
		} catch (error) {
			this.#failures = [...this.#failures, error];
		}

		this.#open--;
		this.#wake();
	}
}
