import {blockSize, paddingOf, readTarHeader, tarType} from './tar.ts';

/** Entries that are files of their own or another name of one; the rest are folders, links and tar's own notes. */
const fileTypes: ReadonlySet<string> = new Set(['0', '1', '7', 'S']);

/** Counts the files of a tar archive while it passes by. */
export class TarCounter {
	#files = 0;
	#bytes = 0;
	#ended = false;
	readonly #header = Buffer.alloc(blockSize);
	#filled = 0;
	/** Bytes of an entry's data that are still to come. */
	#skip = 0;

	/** Files so far. */
	get files(): number {
		return this.#files;
	}

	/** Their bytes. */
	get bytes(): number {
		return this.#bytes;
	}

	/** The archive's end mark has passed: it was not cut. */
	get ended(): boolean {
		return this.#ended;
	}

	push(chunk: Uint8Array): void {
		let position = 0;
		while (position < chunk.byteLength && !this.#ended) {
			if (this.#skip > 0) {
				const skipped = Math.min(this.#skip, chunk.byteLength - position);
				this.#skip -= skipped;
				position += skipped;
				continue;
			}

			const part = chunk.subarray(position, position + blockSize - this.#filled);
			this.#header.set(part, this.#filled);
			this.#filled += part.byteLength;
			position += part.byteLength;
			if (this.#filled === blockSize) {
				this.#filled = 0;
				this.#read();
			}
		}
	}

	#read(): void {
		const entry = readTarHeader(this.#header);
		if (entry === 'end') {
			this.#ended = true;
		} else if (entry !== undefined) {
			const type = tarType(this.#header);
			// A link to a file carries that file's size in some tars, and no data.
			const size = type === '1' || type === '2' ? 0 : entry.size;
			this.#skip = size + paddingOf(size);
			this.#files += fileTypes.has(type) ? 1 : 0;
			this.#bytes += fileTypes.has(type) ? size : 0;
		}
	}
}
