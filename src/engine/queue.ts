/**
 * Hands values from callbacks to one `for await`. Unbounded: for what is rare, such as events; a flood belongs into a
 * stream with back-pressure.
 */
export class Queue<Value> implements AsyncIterable<Value> {
	#values: Value[] = [];
	#end: {readonly error?: unknown} | undefined;
	#wake: () => void = () => {};

	push(value: Value): void {
		this.#values.push(value);
		this.#wake();
	}

	/** The iteration ends when everything before this was taken. */
	end(): void {
		this.#end ??= {};
		this.#wake();
	}

	/** The iteration throws when everything before this was taken. */
	fail(error: unknown): void {
		this.#end ??= {error};
		this.#wake();
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<Value, void, undefined> {
		for (;;) {
			const values = this.#values;
			this.#values = [];
			yield* values;
			if (this.#values.length > 0) {
				continue;
			}

			if (this.#end !== undefined) {
				if ('error' in this.#end) {
					throw this.#end.error;
				}

				return;
			}

			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
	}
}
