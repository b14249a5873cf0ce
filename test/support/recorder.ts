/** Reads an iteration in the background and keeps all of it, so that a test can wait for what it should say. */
export class Recorder<Value> {
	readonly values: Value[] = [];
	/** Settles when the iteration has ended; rejects with what it threw. */
	readonly ended: Promise<void>;
	#wake = (): void => {};

	constructor(values: AsyncIterable<Value>) {
		this.ended = this.#read(values);
		// A test that does not wait for the end is not told of it.
		this.ended.catch(() => {});
	}

	/** The first value that fits, among those after `from`; waits for it. Fails after 15 s, with what came instead. */
	async find<Found extends Value>(fits: (value: Value) => value is Found, from?: number): Promise<Found>;
	async find(fits: (value: Value) => boolean, from?: number): Promise<Value>;
	async find(fits: (value: Value) => boolean, from = 0): Promise<Value> {
		const deadline = AbortSignal.timeout(15_000);
		let ended = false;
		const end = (): void => {
			ended = true;
			this.#wake();
		};
		this.ended.then(end, end);
		deadline.addEventListener('abort', () => this.#wake());
		for (;;) {
			const found = this.values.slice(from).find((value) => fits(value));
			if (found !== undefined) {
				return found;
			}

			if (deadline.aborted || ended) {
				throw new Error(`it never came; what came is ${JSON.stringify(this.values, undefined, 1)}`);
			}

			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
	}

	async #read(values: AsyncIterable<Value>): Promise<void> {
		for await (const value of values) {
			this.values.push(value);
			this.#wake();
		}
	}
}
