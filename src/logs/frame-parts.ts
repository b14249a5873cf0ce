import {badHeader, headerLength, readFrameHeader, type Frame} from './frames.ts';

/**
 * Takes Docker's multiplexed stream apart like FrameDecoder, but without waiting for whole payloads: each is given in as
 * many parts as it came in, so that nothing is copied. For streams of bytes, where a frame's end means nothing.
 */
export class FrameParts {
	readonly #header = new Uint8Array(headerLength);
	/** Bytes of the header that have come. */
	#filled = 0;
	#stream: Frame['stream'] = 'stdout';
	/** Bytes of the payload that are still to come. */
	#left = 0;

	/** Whether a frame has begun that has not ended. */
	get isWithinFrame(): boolean {
		return this.#left > 0 || this.#filled > 0;
	}

	/** The parts of payloads in these bytes, in order: views, not copies. Throws a Failure when a header is none. */
	push(bytes: Uint8Array): readonly Frame[] {
		const parts: Frame[] = [];
		let at = 0;
		while (at < bytes.length) {
			if (this.#left > 0) {
				const part = new Uint8Array(
					bytes.buffer,
					bytes.byteOffset + at,
					Math.min(this.#left, bytes.length - at),
				);
				parts.push({stream: this.#stream, bytes: part});
				this.#left -= part.length;
				at += part.length;
				continue;
			}

			const some = bytes.subarray(at, at + headerLength - this.#filled);
			this.#header.set(some, this.#filled);
			this.#filled += some.length;
			at += some.length;
			if (this.#filled === headerLength) {
				this.#begin();
			}
		}

		return parts;
	}

	#begin(): void {
		const header = readFrameHeader(new DataView(this.#header.buffer), 0);
		if (header === undefined) {
			throw badHeader(this.#header);
		}

		this.#filled = 0;
		this.#stream = header.stream;
		this.#left = header.size;
	}
}
