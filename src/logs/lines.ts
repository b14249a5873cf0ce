import type {LogLine} from '../stack/model.ts';
import type {PushedFrame} from './frames.ts';
import {StampReader, stampLength} from './stamp.ts';
import {TtyRecords} from './tty.ts';

type Stream = LogLine['stream'];

/** Bytes of a line's text that are kept; how much was beyond is said at the line's end. */
export const longestLine = 64 * 1024;

/** Bytes. The engine writes a longer line as several records of this size (moby, daemon/logger/copier.go). */
const pieceLength = 16 * 1024;

const newline = 0x0a;
const carriageReturn = 0x0d;

/** A line whose newline has not come yet. */
interface OpenLine {
	readonly stream: Stream;
	readonly stamp: string;
	readonly time: number;
	readonly parts: Uint8Array[];
	kept: number;
	leftOut: number;
	/** Carriage returns at the end of what came: no text unless something follows them. */
	returns: number;
	/** Bytes of text in the last record: one of full size goes on in the next. */
	lastPiece: number;
}

/**
 * Makes lines of a container's log that was asked for with `timestamps=1`. What the engine sends (seen on 28.5, with the
 * drivers json-file and local alike): each record is `STAMP text\n`. A line over 16 KiB is several records, all but the
 * last without a newline, each with a stamp: the line's own, or on old engines (17.03) the piece's. A character may be
 * cut in two by that. The last line of a container that ended without a newline has none either; a restarted
 * container's first record follows it. Framed, every record is a frame; with a TTY nothing is between them.
 */
export class LineAssembler {
	readonly #tty: TtyRecords | undefined;
	readonly #stamps = new StampReader();
	readonly #decoder = new TextDecoder('utf-8', {ignoreBOM: true});
	readonly #open: {[stream in Stream]: OpenLine | undefined} = {stdout: undefined, stderr: undefined};
	#lastStamp = '';

	/** `tty`: the bytes are those of a container with a TTY, cut anywhere; otherwise each push is a frame's payload. */
	constructor({tty = false}: {readonly tty?: boolean} = {}) {
		this.#tty = tty ? new TtyRecords() : undefined;
	}

	/** The lines that these bytes complete. The bytes are not kept. */
	push(stream: Stream, bytes: Uint8Array): LogLine[] {
		const lines: LogLine[] = [];
		if (this.#tty) {
			for (const record of this.#tty.push(bytes)) {
				this.#push(stream, record.bytes, record.stamped, lines);
			}
		} else {
			this.#push(stream, bytes, true, lines);
		}

		return lines;
	}

	/** The lines that these frames complete: `push` for many at once. */
	pushFrames(frames: readonly PushedFrame[]): LogLine[] {
		const lines: LogLine[] = [];
		for (const frame of frames) {
			const line = this.#printableLine(frame);
			if (line) {
				lines.push(line);
			} else {
				this.#push(frame.stream, frame.bytes, true, lines);
			}
		}

		return lines;
	}

	/** The log has ended: the lines whose newline never came. */
	flush(): LogLine[] {
		const lines: LogLine[] = [];
		for (const record of this.#tty?.flush() ?? []) {
			this.#push('stdout', record.bytes, record.stamped, lines);
		}

		for (const line of [this.#open.stdout, this.#open.stderr]) {
			if (line) {
				this.#close(line, lines);
			}
		}

		return lines.sort((a, b) => a.time - b.time);
	}

	#push(stream: Stream, bytes: Uint8Array, stamped: boolean, lines: LogLine[]): void {
		if (stamped && this.#open[stream] === undefined && bytes.length <= pieceLength) {
			const record = this.#decoder.decode(bytes);
			if (record.indexOf('\n') === record.length - 1) {
				lines.push(this.#line(stream, record, bytes));
				return;
			}
		}

		for (let at = 0; at < bytes.length;) {
			const end = bytes.indexOf(newline, at);
			const line = this.#continued(stream, bytes.subarray(at, end < 0 ? bytes.length : end), stamped, lines);
			if (end < 0) {
				return;
			}

			this.#close(line, lines);
			at = end + 1;
		}
	}

	/** The line of a record of printable ASCII that holds all of it, as nearly every one does; undefined for any other. */
	#printableLine({stream, pushed, at, end}: PushedFrame): LogLine | undefined {
		const {bytes} = pushed;
		const text = at + stampLength + 1;
		if (
			this.#open[stream] !== undefined ||
			end <= text ||
			end - at > pieceLength ||
			bytes[end - 1] !== newline ||
			!isPrintable(bytes, text, end - 1) ||
			!this.#stamps.readNext(bytes, at)
		) {
			return undefined;
		}

		this.#lastStamp = pushed.ascii(at, at + stampLength);
		return {
			time: this.#stamps.time,
			stamp: this.#lastStamp,
			stream,
			text: pushed.ascii(text, end - 1),
			printable: true,
		};
	}

	/** The line of a record that holds it all. */
	#line(stream: Stream, record: string, bytes: Uint8Array): LogLine {
		const length = this.#stamps.readNext(bytes, 0) ? stampLength : this.#stamps.read(record);
		if (length > 0) {
			this.#lastStamp = record.slice(0, length);
		}

		// The newline, and the carriage returns of a TTY or of a Windows program.
		let end = record.length - 1;
		while (record.charCodeAt(end - 1) === carriageReturn) {
			end--;
		}

		return {
			time: this.#stamps.time,
			stamp: this.#lastStamp,
			stream,
			text: record.slice(length > 0 ? length + 1 : 0, end),
		};
	}

	/** The line that a record without its newline belongs to, with the record added. */
	#continued(stream: Stream, record: Uint8Array, stamped: boolean, lines: LogLine[]): OpenLine {
		const head = this.#decoder.decode(record.subarray(0, 40));
		const length = stamped ? this.#stamps.read(head) : 0;
		if (length > 0) {
			this.#lastStamp = head.slice(0, length);
		}

		let line = this.#open[stream];
		if (line && length > 0 && line.stamp !== this.#lastStamp && line.lastPiece < pieceLength) {
			this.#close(line, lines);
			line = undefined;
		}

		line ??= {
			stream,
			stamp: this.#lastStamp,
			time: this.#stamps.time,
			parts: [],
			kept: 0,
			leftOut: 0,
			returns: 0,
			lastPiece: 0,
		};
		this.#open[stream] = line;
		const text = record.subarray(length > 0 ? length + 1 : 0);
		line.lastPiece = length > 0 ? text.length : line.lastPiece + text.length;
		add(line, text);
		return line;
	}

	#close(line: OpenLine, lines: LogLine[]): void {
		this.#open[line.stream] = undefined;
		const {time, stamp, stream, leftOut} = line;
		const bytes = Buffer.concat(line.parts, line.kept);
		if (leftOut > 0) {
			const cut = cutCharacter(bytes);
			const text = this.#decoder.decode(bytes.subarray(0, bytes.length - cut));
			lines.push({time, stamp, stream, text: text + leftOutMark(leftOut + cut)});
			return;
		}

		lines.push({time, stamp, stream, text: this.#decoder.decode(bytes)});
	}
}

/** Whether the bytes from `from` up to `to` are printable ASCII. */
function isPrintable(bytes: Uint8Array, from: number, to: number): boolean {
	for (let at = from; at < to; at++) {
		const byte = bytes[at] ?? 0;
		if (byte < 0x20 || byte > 0x7e) {
			return false;
		}
	}

	return true;
}

/** What is said at the end of a line that was cut at `longestLine`. */
export function leftOutMark(bytes: number): string {
	return ` … [bytes left out: ${bytes.toLocaleString('en')}]`;
}

/** Adds bytes to a line; carriage returns at their end wait for what follows. */
function add(line: OpenLine, bytes: Uint8Array): void {
	let end = bytes.length;
	while (bytes[end - 1] === carriageReturn) {
		end--;
	}

	if (end > 0 && line.returns > 0) {
		keep(line, new Uint8Array(line.returns).fill(carriageReturn));
		line.returns = 0;
	}

	keep(line, bytes.subarray(0, end));
	line.returns += bytes.length - end;
}

/** Keeps a copy of the bytes as far as the line has room, and counts the others. */
function keep(line: OpenLine, bytes: Uint8Array): void {
	const kept = new Uint8Array(bytes.subarray(0, longestLine - line.kept));
	if (kept.length > 0) {
		line.parts.push(kept);
		line.kept += kept.length;
	}

	line.leftOut += bytes.length - kept.length;
}

/** How many bytes at the end are the beginning of a character that the cut took the rest of. */
function cutCharacter(bytes: Uint8Array): number {
	for (let back = 1; back <= 3; back++) {
		const byte = bytes.at(-back) ?? 0;
		if (byte >= 0xc0) {
			// 110xxxxx begins a character of two bytes, 1110xxxx one of three, 11110xxx one of four.
			const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
			return length > back ? back : 0;
		}

		if (byte < 0x80) {
			return 0;
		}
	}

	return 0;
}
