const carriageReturn = 0x0d;
const newline = 0x0a;
const lineEnd = Buffer.from('\r\n');
const nothing: Buffer = Buffer.alloc(0);

/** Hexadecimal digits of a chunk's size; Docker's have five at most. */
const mostDigits = 7;

/** Characters of a head that are looked at; Docker's have some 300. */
const longestHead = 16 * 1024;

const protocol = 'HTTP/1.';

/** Logs have these types (Engine API 1.51, "Get container logs"; older engines call all of them raw). */
const logType = /\r\ncontent-type: *application\/vnd\.docker\.(?:multiplexed|raw)-stream *\r\n/i;
const chunked = /\r\ntransfer-encoding: *chunked *\r\n/i;
const switchingProtocols = /^HTTP\/1\.1 101\b/;

/**
 * Rewrites what an engine sends: of a log, the chunks (RFC 9112, 7.1) that came in one piece become one. The engine makes
 * a chunk of each line, and for each of them Node's HTTP client copies, allocates and calls back, which is a sixth of what
 * a flood costs. Everything else goes on as it came: heads, other answers, raw connections, and what is no chunk, about
 * which the client has its own word.
 */
export class ChunkMerger {
	/** What is next: an answer's head, a log's chunks, any other bytes of an answer, or no HTTP any more. */
	#state: 'head' | 'chunks' | 'through' | 'raw' = 'head';
	/** As far as it has come. */
	#head = '';
	/** What has come between two chunks' data: the line end of one, and the size of the next. */
	#between = nothing;
	/** Bytes of data that the open chunk still has. */
	#left = 0;
	/** No chunk of this answer has been given yet. */
	#isFirst = true;

	/** A request is written: another answer follows. */
	request(): void {
		if (this.#state === 'through') {
			this.#state = 'head';
		}
	}

	/** What takes the place of these bytes, which may be cut anywhere, and are written over; it may be nothing. */
	push(bytes: Buffer): Buffer {
		if (this.#state === 'chunks') {
			return this.#merged(bytes);
		}

		const end = this.#state === 'head' ? this.#headEnd(bytes) : undefined;
		return end === undefined
			? bytes
			: Buffer.concat([bytes.subarray(0, end), this.#merged(bytes.subarray(end))]);
	}

	/** Where in these bytes the head of a chunked log ends. */
	#headEnd(bytes: Buffer): number | undefined {
		const before = this.#head.length;
		this.#head += bytes.toString('latin1', 0, longestHead);
		const end = this.#head.indexOf('\r\n\r\n') + 4;
		const isHead = protocol.startsWith(this.#head.slice(0, protocol.length));
		if (isHead && end < 4 && this.#head.length < longestHead) {
			return undefined;
		}

		const head = isHead && end <= longestHead ? this.#head.slice(0, end) : '';
		this.#head = '';
		if (!chunked.test(head) || !logType.test(head)) {
			this.#state = switchingProtocols.test(head) ? 'raw' : 'through';
			return undefined;
		}

		this.#state = 'chunks';
		this.#between = lineEnd;
		this.#isFirst = true;
		return end - before;
	}

	#merged(more: Buffer): Buffer {
		const bytes = this.#between.length > 0 ? Buffer.concat([this.#between, more]) : more;
		let length = 0;
		let at = 0;
		while (at < bytes.length) {
			const start = this.#left > 0 ? at : this.#open(bytes, at);
			if (start === undefined) {
				break;
			}

			at = Math.min(bytes.length, start + this.#left);
			// The data moves together within the bytes: views of each, to be joined, cost three times as much.
			bytes.copyWithin(length, start, at);
			length += at - start;
			this.#left -= at - start;
		}

		const parts: Buffer[] = [];
		if (length > 0) {
			const size = Buffer.from(`${this.#isFirst ? '' : '\r\n'}${length.toString(16)}\r\n`);
			parts.push(size, bytes.subarray(0, length));
			this.#isFirst = false;
		}

		this.#between = bytes.subarray(at);
		if (this.#state !== 'chunks') {
			parts.push(this.#isFirst ? this.#between.subarray(lineEnd.length) : this.#between);
			this.#between = nothing;
		}

		return Buffer.concat(parts);
	}

	/**
	 * Opens the next chunk, and gives where its data begins. Undefined when that has not come yet, and when there is none:
	 * the last chunk has no data, and what is no chunk ends the merging as well.
	 */
	#open(bytes: Buffer, from: number): number | undefined {
		const digits = from + lineEnd.length;
		let at = digits;
		let size = 0;
		for (let digit = hexDigit(bytes[at]); digit !== undefined; digit = hexDigit(bytes[++at])) {
			size = size * 16 + digit;
		}

		if (at + lineEnd.length > bytes.length && at - digits <= mostDigits) {
			return undefined;
		}

		if (size === 0 || at - digits > mostDigits || !isLineEnd(bytes, from) || !isLineEnd(bytes, at)) {
			this.#state = 'through';
			return undefined;
		}

		this.#left = size;
		return at + lineEnd.length;
	}
}

function isLineEnd(bytes: Buffer, at: number): boolean {
	return bytes[at] === carriageReturn && bytes[at + 1] === newline;
}

function hexDigit(byte = 0): number | undefined {
	if (byte >= 0x30 && byte <= 0x39) {
		return byte - 0x30;
	}

	const letter = byte | 0x20;
	return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : undefined;
}
