import {closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync} from 'node:fs';
import {headLength, logPaths, logSize, parseRecord, recordHead} from './log-format.ts';
import {formatStamp, parseStamp, stampClock} from './stamps.ts';

const newline = 0x0a;
const newlineBuffer = Buffer.from('\n');
const nothing = Buffer.alloc(0);

/** Longer than any record's head; the last line's stamp is looked for in so many bytes, and at most twice 64 KiB. */
const tailSize = 128 * 1024;

/** What is read from a pipe at once. */
const blockSize = 64 * 1024;

export interface LogWriter {
	/** Writes what a process wrote, each line with its own stamp, before it returns, so that a kill costs little. */
	write(stream: 'stdout' | 'stderr', chunk: Buffer): void;
	close(): void;
}

/**
 * Appends to a service's log and sets it aside at 10 MiB. A log that cannot be written (a full disk) loses lines and
 * harms nothing else: `onTrouble` hears of the first one.
 */
export function openLog(folder: string, service: string, onTrouble: (error: unknown) => void): LogWriter {
	const paths = logPaths(folder, service);
	const [path = ''] = paths;
	let file = openSync(path, 'a+', 0o600);
	let {size, last, torn} = endOf(file);
	const clock = stampClock(last);
	let inTrouble = false;

	const append = (bytes: Buffer): void => {
		try {
			if (size > logSize) {
				closeSync(file);
				rotate(paths);
				file = openSync(path, 'a+', 0o600);
				size = 0;
			}

			if (torn) {
				size += writeSync(file, newlineBuffer);
				torn = false;
			}

			const written = writeSync(file, bytes);
			size += written;
			torn = written < bytes.length;
			inTrouble = false;
		} catch (error) {
			if (!inTrouble) {
				onTrouble(error);
			}

			inTrouble = true;
		}
	};

	const held = {stdout: nothing, stderr: nothing};
	// Used again for each chunk: a flood of lines leaves no garbage, which a supervisor would keep for ever.
	let scratch: Buffer = Buffer.allocUnsafeSlow(2 * blockSize);
	return {
		write(stream, bytes) {
			const whole = held[stream].length === 0 ? bytes : Buffer.concat([held[stream], bytes]);
			const cut = whole.length - unfinished(whole);
			held[stream] = cut === whole.length ? nothing : Buffer.from(whole.subarray(cut));
			const chunk = whole.subarray(0, cut);
			let length = 0;
			for (let start = 0; start < chunk.length;) {
				const end = chunk.indexOf(newline, start);
				const stop = end < 0 ? chunk.length : end;
				scratch = withRoom(scratch, length, headLength + stop - start + 1);
				length += scratch.write(recordHead(formatStamp(clock()), stream, end >= 0), length, 'latin1');
				length += chunk.copy(scratch, length, start, stop);
				scratch[length++] = newline;
				start = stop + 1;
			}

			if (length > 0) {
				append(scratch.subarray(0, length));
			}
		},
		close() {
			closeSync(file);
		},
	};
}

/** The size of a log, the stamp of its last whole line, and whether the last line was torn off. */
function endOf(file: number): {size: number; last: bigint; torn: boolean} {
	const {size} = fstatSync(file);
	const tail = Buffer.alloc(Math.min(size, tailSize));
	readSync(file, tail, 0, tail.length, size - tail.length);
	const lines = tail.toString('latin1').split('\n');
	const torn = lines.pop() !== '';
	let last = 0n;
	for (const line of lines.toReversed()) {
		const stamp = parseRecord(line)?.stamp;
		const nanoseconds = stamp === undefined ? undefined : parseStamp(stamp);
		if (nanoseconds !== undefined) {
			last = nanoseconds;
			break;
		}
	}

	return {size, last, torn: torn && size > 0};
}

/** The buffer, or a larger one with the same beginning, with room for `more` bytes after `length`. */
function withRoom(buffer: Buffer, length: number, more: number): Buffer {
	if (length + more <= buffer.length) {
		return buffer;
	}

	const larger = Buffer.allocUnsafeSlow(2 * (length + more));
	buffer.copy(larger, 0, 0, length);
	return larger;
}

/** How many bytes at the end begin a character of UTF-8 and do not finish it: 0 to 3. */
function unfinished(bytes: Buffer): number {
	for (let back = 1; back <= Math.min(3, bytes.length); back++) {
		const byte = bytes[bytes.length - back] ?? 0;
		const isLead = byte >= 0xc0;
		if (isLead || byte < 0x80) {
			const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
			return isLead && length > back ? back : 0;
		}
	}

	return 0;
}

function rotate(paths: readonly string[]): void {
	for (let age = paths.length - 1; age > 0; age--) {
		const from = paths[age - 1];
		const to = paths[age];
		if (from !== undefined && to !== undefined) {
			rmSync(to, {force: true});
			try {
				renameSync(from, to);
			} catch {
				// Not every age has a file yet.
			}
		}
	}
}
