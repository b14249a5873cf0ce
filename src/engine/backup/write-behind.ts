/** Bytes that are written at once. */
const blockLength = 1024 * 1024;

/**
 * Gathers small chunks into blocks, and writes one block while the next is filled. A stream of 32 KiB chunks, as the
 * engine sends them, would else wait for the disk 32 times as often, and the disk for it.
 */
export class WriteBehind {
	readonly #write: (block: Uint8Array) => Promise<void>;
	#filling = Buffer.allocUnsafeSlow(blockLength);
	#spare = Buffer.allocUnsafeSlow(blockLength);
	#filled = 0;
	#writing: Promise<void> = Promise.resolve();

	/** `write` is called for one block at a time; the block is its own until it is done. */
	constructor(write: (block: Uint8Array) => Promise<void>) {
		this.#write = write;
	}

	/** Takes a copy of a chunk. Rejects with what a write before it failed with. */
	async push(chunk: Uint8Array): Promise<void> {
		let at = 0;
		while (at < chunk.byteLength) {
			const part = chunk.subarray(at, at + blockLength - this.#filled);
			this.#filling.set(part, this.#filled);
			this.#filled += part.byteLength;
			at += part.byteLength;
			if (this.#filled === blockLength) {
				await this.#pass();
			}
		}
	}

	/** Writes what is left, and waits until all is written. */
	async flush(): Promise<void> {
		await this.#pass();
		await this.#writing;
	}

	async #pass(): Promise<void> {
		await this.#writing;
		const block = this.#filling.subarray(0, this.#filled);
		[this.#filling, this.#spare] = [this.#spare, this.#filling];
		this.#filled = 0;
		this.#writing = this.#write(block);
		// Whoever passes the next block is told.
		this.#writing.catch(() => {});
	}
}
