import {Failure} from '../failure.ts';
import {ByteParts} from './byte-parts.ts';

/** One record of a container's log, or a piece of one, as the engine framed it. */
export interface Frame {
	readonly stream: 'stdout' | 'stderr';
	/** A view of the bytes that were pushed, not a copy. */
	readonly bytes: Uint8Array;
}

/** A whole frame among the bytes that were pushed. Of a flood nearly all are read where they stand, and no view is made. */
export class PushedFrame implements Frame {
	readonly stream: Frame['stream'];
	/** The bytes among which it stands, from `at` up to `end`. */
	readonly pushed: PushedBytes;
	readonly at: number;
	readonly end: number;

	constructor(stream: Frame['stream'], pushed: PushedBytes, at: number, end: number) {
		this.stream = stream;
		this.pushed = pushed;
		this.at = at;
		this.end = end;
	}

	get bytes(): Uint8Array {
		const {buffer, byteOffset} = this.pushed.bytes;
		// `subarray` costs three times as much on a Buffer.
		return new Uint8Array(buffer, byteOffset + this.at, this.end - this.at);
	}
}

/** Bytes that frames are parts of. */
export class PushedBytes {
	readonly bytes: Uint8Array;
	#latin1: string | undefined;

	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
	}

	/** The text of bytes that are ASCII. Read for all frames at once: one by one it costs eight times as much. */
	ascii(from: number, to: number): string {
		const {buffer, byteOffset, length} = this.bytes;
		this.#latin1 ??= Buffer.from(buffer, byteOffset, length).toString('latin1');
		return this.#latin1.slice(from, to);
	}
}

/** Bytes: the stream's type, three zeros, the payload's length (big endian). */
export const headerLength = 8;

/**
 * Bytes. The engine cuts records at 16 KiB, for some log drivers at up to 1 MiB (moby, daemon/logger/copier.go), and
 * the json-file driver writes three bytes for each byte that is not UTF-8. What claims to be longer is no frame.
 */
export const longestFrame = 4 * 1024 * 1024;

/**
 * Takes Docker's multiplexed stream apart: every payload comes after a header of eight bytes.
 * Engine API 1.51, "Attach to a container", "Stream format": type 0 is stdin (written on stdout), 1 stdout, 2 stderr;
 * moby's pkg/stdcopy adds 3, an error of the engine itself (`Error grabbing logs: ...`), given here as stderr so that
 * it is read in its place. A container with a TTY has no frames: its bytes go to the line assembler as they are.
 */
export class FrameDecoder {
	readonly #parts = new ByteParts();
	/** Bytes that must be there before it is worth looking again. */
	#needed = headerLength;

	/**
	 * The frames that these bytes complete, in order. The bytes may be cut anywhere, and must not be changed afterwards.
	 * Throws a Failure when a header is none; the frames before it have been returned by then.
	 */
	push(bytes: Uint8Array): readonly PushedFrame[] {
		const frames: PushedFrame[] = [];
		if (this.#parts.held + bytes.length < this.#needed) {
			this.#parts.keep(bytes);
			return frames;
		}

		const taken = this.#parts.take(bytes);
		const pushed = new PushedBytes(taken);
		const {buffer, byteOffset, length} = taken;
		const view = new DataView(buffer, byteOffset, length);
		let at = 0;
		this.#needed = headerLength;
		while (at + headerLength <= length) {
			const header = readFrameHeader(view, at);
			if (header === undefined) {
				if (frames.length === 0) {
					throw badHeader(new Uint8Array(buffer, byteOffset + at, headerLength));
				}

				break;
			}

			const {stream, size} = header;
			const payload = at + headerLength;
			if (payload + size > length) {
				this.#needed = headerLength + size;
				break;
			}

			frames.push(new PushedFrame(stream, pushed, payload, payload + size));
			at = payload + size;
		}

		if (at < length) {
			this.#parts.keep(new Uint8Array(buffer, byteOffset + at, length - at));
		}

		return frames;
	}
}

/** What a header says: whose the payload is, and its length in bytes. Undefined for what is no header. */
export function readFrameHeader(
	view: DataView,
	at: number,
): {readonly stream: Frame['stream']; readonly size: number} | undefined {
	// The first word: the stream's type in its first byte, and three zeros.
	const type = view.getUint32(at);
	const size = view.getUint32(at + 4);
	if (size > longestFrame || (type & 0x00_ff_ff_ff) !== 0 || type > 0x03_00_00_00) {
		return undefined;
	}

	return {stream: type >= 0x02_00_00_00 ? 'stderr' : 'stdout', size};
}

/** The Failure for bytes that should be a header. */
export function badHeader(header: Uint8Array): Failure {
	return new Failure('the log that the engine sent cannot be read', {
		code: 'log-framing',
		why: `Docker's log frames begin with eight bytes that name the stream and the length; these came instead: ${Buffer.from(header).toString('hex')}.`,
		next: ['docker logs CONTAINER shows whether the engine itself can read this log.'],
	});
}
