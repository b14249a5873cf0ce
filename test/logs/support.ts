import assert from 'node:assert/strict';
import type {LogLine, LogRequest} from '../../src/stack/model.ts';
import type {LogEntry} from '../../src/logs/entry.ts';
import {FrameDecoder} from '../../src/logs/frames.ts';
import {LineAssembler} from '../../src/logs/lines.ts';
import type {LogSource} from '../../src/logs/source.ts';

/** A frame of Docker's multiplexed stream; `length` may lie. */
export function frame(payload: Uint8Array, type = 1, length = payload.length): Uint8Array {
	const header = Buffer.alloc(8);
	header[0] = type;
	header.writeUInt32BE(length, 4);
	return Buffer.concat([header, payload]);
}

/** The bytes in pieces: the lengths are taken in turn, over and over; no piece is empty. */
export function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
	const pieces: Uint8Array[] = [];
	for (let at = 0, turn = 0; at < bytes.length; turn++) {
		const length = Math.max(1, lengths[turn % lengths.length] ?? 1);
		pieces.push(bytes.subarray(at, at + length));
		at += length;
	}

	return pieces;
}

/** What a program wrote before a newline; without `newline` it ended there. */
export interface Written {
	readonly stream: LogLine['stream'];
	readonly bytes: Uint8Array;
	readonly newline: boolean;
}

/** The stamp of the nth record of a test's log. */
export function stampOf(n: number): string {
	return `2026-11-24T05:34:25.${String(n).padStart(9, '0')}Z`;
}

/** The log as the engine sends it with `timestamps=1`; `ownStamps`: pieces have stamps of their own, as on 17.03. */
export function engineLog(
	written: readonly Written[],
	{tty = false, ownStamps = false}: {readonly tty?: boolean; readonly ownStamps?: boolean} = {},
): Uint8Array {
	const size = 16 * 1024;
	const records: Uint8Array[] = [];
	let stamps = 0;
	for (const {stream, bytes: text, newline} of written) {
		const bytes = tty && newline ? Buffer.concat([text, Buffer.from('\r')]) : text;
		let stamp = stampOf(stamps++);
		for (let at = 0, last = false; !last; at += size) {
			last = bytes.length - at < size;
			const record = Buffer.concat([
				Buffer.from(`${stamp} `),
				bytes.subarray(at, at + size),
				Buffer.from(last && newline ? '\n' : ''),
			]);
			if (!last || newline || at < bytes.length) {
				records.push(tty ? record : frame(record, stream === 'stdout' ? 1 : 2));
			}

			stamp = ownStamps ? stampOf(stamps++) : stamp;
		}
	}

	return Buffer.concat(records);
}

/** The lines of a log that comes in pieces of these lengths. */
export function readLog(log: Uint8Array, lengths: readonly number[], tty = false): LogLine[] {
	const frames = new FrameDecoder();
	const assembler = new LineAssembler({tty});
	const lines = cut(log, lengths).flatMap((bytes) =>
		tty ? assembler.push('stdout', bytes) : assembler.pushFrames(frames.push(bytes)),
	);
	return [...lines, ...assembler.flush()];
}

/** Long texts make an unreadable difference. */
export function digest(text: string): string {
	return text.length < 200 ? text : `${text.slice(0, 20)} (${text.length}) ${text.slice(-60)}`;
}

/** The nth line of a test's log: one a millisecond, a second apart every thousand. */
export function lineOf(n: number, text = `line ${n}`, stream: LogLine['stream'] = 'stdout'): LogLine {
	const milliseconds = Date.UTC(2026, 10, 24) + n;
	return {
		time: milliseconds * 1000,
		stamp: new Date(milliseconds).toISOString().replace('Z', '000000Z'),
		stream,
		text,
	};
}

/** The lines from `from` up to, but not including, `to`. */
export function linesOf(from: number, to: number): LogLine[] {
	return Array.from({length: Math.max(0, to - from)}, (_, index) => lineOf(from + index));
}

/** The lines that a source holds. */
export function entriesIn(source: LogSource): LogEntry[] {
	const entries: LogEntry[] = [];
	for (let index = source.first; index < source.end; index++) {
		const entry = source.at(index);
		assert.ok(entry, `line ${index} is there`);
		entries.push(entry);
	}

	return entries;
}

/** That they are the same lines, not only alike. */
export function assertSame(entries: readonly LogEntry[], expected: readonly LogEntry[]): void {
	assert.equal(entries.length, expected.length);
	for (const [place, entry] of entries.entries()) {
		assert.ok(entry.isSame(expected[place]), entry.text);
	}
}

/** The texts that a source holds. */
export function textsIn(source: LogSource): string[] {
	return entriesIn(source).map(({text}) => text);
}

/** What an engine sends of a log from where a buffer's `release` says. */
export function readFrom(
	log: readonly LogLine[],
	start: Pick<LogRequest, 'since' | 'tail'> = {tail: 0},
): readonly LogLine[] {
	const {since = '', tail = log.length} = start;
	return log.slice(Math.max(0, log.length - tail)).filter(({stamp}) => stamp >= since);
}
