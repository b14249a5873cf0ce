/** Bytes that wait for those that complete them. */
export class ByteParts {
	#parts: Uint8Array[] = [];
	#held = 0;

	/** How many bytes wait. */
	get held(): number {
		return this.#held;
	}

	/** Keeps a view, not a copy: the bytes must not be changed afterwards. */
	keep(bytes: Uint8Array): void {
		this.#parts.push(bytes);
		this.#held += bytes.length;
	}

	/** What waited and these bytes, as one; nothing waits afterwards. Copies only when something waited. */
	take(bytes: Uint8Array): Uint8Array {
		if (this.#held === 0) {
			return bytes;
		}

		const taken = Buffer.concat([...this.#parts, bytes], this.#held + bytes.length);
		this.#parts = [];
		this.#held = 0;
		return taken;
	}
}
