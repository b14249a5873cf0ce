import assert from 'node:assert/strict';
import {parseLines} from '../../src/engine/docker/ndjson.ts';
import {Failure} from '../../src/failure.ts';
import {LogBook} from '../../src/logs/book.ts';
import {LogBuffer} from '../../src/logs/buffer.ts';
import {cleanLine} from '../../src/logs/clean.ts';
import {sgrSequence} from '../../src/narrow-text.ts';
import type {LogEntry} from '../../src/logs/entry.ts';
import {FilteredLog} from '../../src/logs/filter.ts';
import {FrameDecoder, longestFrame} from '../../src/logs/frames.ts';
import {LineAssembler, longestLine} from '../../src/logs/lines.ts';
import {MergedLog} from '../../src/logs/merge.ts';
import {fit} from '../../src/text.ts';
import {assertSame, cut, engineLog, entriesIn, lineOf, readLog} from './support.ts';

/** What eats bytes: whatever they are, and however they are cut, its promise holds. */
export interface FuzzTarget {
	readonly name: string;
	/** Throws when the promise is broken. `cuts`: the lengths of the pieces, in turn. */
	readonly check: (bytes: Uint8Array, cuts: readonly number[]) => void | Promise<void>;
}

export const fuzzTargets: readonly FuzzTarget[] = [
	{name: 'frames', check: checkFrames},
	{name: 'lines', check: checkLines},
	{name: 'screen', check: checkScreen},
	{name: 'json', check: checkJson},
	{name: 'ring', check: checkRing},
];

/** The same frames, and the same end, wherever the bytes are cut; a header that is none is a Failure. */
function checkFrames(bytes: Uint8Array, cuts: readonly number[]): void {
	const read = (pieces: readonly Uint8Array[]) => {
		const decoder = new FrameDecoder();
		const frames: string[] = [];
		try {
			for (const piece of pieces) {
				for (const {stream, bytes: payload} of decoder.push(piece)) {
					assert.ok(payload.length <= longestFrame);
					frames.push(`${stream} ${Buffer.from(payload).toString('hex')}`);
				}
			}

			// A whole that is bad after good frames says so with the next bytes.
			decoder.push(new Uint8Array(0));
		} catch (error) {
			assert.ok(error instanceof Failure, String(error));
			assert.equal(error.code, 'log-framing');
		}

		return frames;
	};
	assert.deepEqual(read(cut(bytes, cuts)), read([bytes]));
}

/** A program's lines come out the same, framed or not, wherever its log is cut; none is longer than it may be. */
function checkLines(bytes: Uint8Array, cuts: readonly number[]): void {
	const written = [{stream: 'stdout' as const, bytes, newline: true}];
	assert.deepEqual(
		readLog(engineLog(written), cuts),
		readLog(engineLog(written), [Number.POSITIVE_INFINITY]),
	);
	const raw = (pieces: readonly Uint8Array[]) => {
		const assembler = new LineAssembler({tty: true});
		return [...pieces.flatMap((piece) => assembler.push('stdout', piece)), ...assembler.flush()];
	};
	const lines = raw(cut(bytes, cuts));
	assert.deepEqual(lines, raw([bytes]));
	for (const {text} of lines) {
		assert.ok(!text.includes('\n'));
		// Each byte that is not UTF-8 becomes one character.
		assert.ok(text.length <= longestLine + 100);
	}
}

const pane = {columns: 40, rows: 20, wrap: false};

/** Nothing but SGR is left of the escapes in what reaches the screen: whole, cut, scrolled, wrapped, highlighted. */
function checkScreen(bytes: Uint8Array, cuts: readonly number[]): void {
	const lines = readLog(engineLog([{stream: 'stdout', bytes, newline: true}]), cuts);
	const book = new LogBook();
	book.append('mlflow', lines);
	for (const {text} of lines) {
		const clean = cleanLine(text);
		assertHarmless(clean);
		assert.equal(cleanLine(clean), clean, 'cleaning twice changes nothing');
	}

	const query = {allLogs: true, position: {follow: true as const}, wrap: false, shift: 0};
	for (const change of [
		{},
		{shift: 3},
		{wrap: true},
		{search: {text: 'm', regex: false}},
		{search: {text: '.', regex: true}, shift: 1},
	]) {
		const asked = {...query, ...change};
		for (const row of book.window(asked, {...pane, wrap: asked.wrap}).rows) {
			assertHarmless(fit(row.text, pane.columns));
		}
	}
}

function assertHarmless(text: string): void {
	assert.doesNotMatch(
		text.replaceAll(sgrSequence, ''),
		/[\p{Cc}\u00AD\u061C\u200E\u200F\u2028-\u202E\u2066-\u206F\uFEFF]/u,
	);
}

/** The same values wherever the stream is cut; what is not JSON is a Failure. */
async function checkJson(bytes: Uint8Array, cuts: readonly number[]): Promise<void> {
	const read = async (pieces: readonly Uint8Array[]) => {
		const values: unknown[] = [];
		try {
			for await (const value of parseLines(streamOf(pieces))) {
				values.push(value);
			}
		} catch (error) {
			assert.ok(error instanceof Failure, String(error));
			values.push(error.code);
		}

		return values;
	};
	assert.deepEqual(await read(cut(bytes, cuts)), await read([bytes]));
}

async function* streamOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
	yield* pieces;
}

/**
 * Each byte is something that happens to three services' buffers. The merged log is always all that they hold, in order,
 * and a filter over it what the filter lets through.
 */
function checkRing(bytes: Uint8Array, cuts: readonly number[]): void {
	const limit = 5 + (cuts[0] ?? 0);
	const buffers = ['a', 'b', 'c'].map((service) => new LogBuffer({service, lines: limit}));
	const merged = new MergedLog(buffers);
	const filtered = new FilteredLog(merged, {minimum: 'error'});
	let time = 0;
	for (const byte of bytes) {
		const buffer = buffers[byte % 3] ?? new LogBuffer();
		const count = byte >> 4;
		switch ((byte >> 2) % 4) {
			case 0: {
				buffer.append(
					Array.from({length: count}, (_, at) =>
						lineOf(time + at * 7, at % 3 === 0 ? `ERROR: ${at}` : `line ${at}`),
					),
				);
				time += count;
				break;
			}

			case 1: {
				buffer.prepend(Array.from({length: count}, (_, at) => lineOf(time - 100 + at, `older ${at}`)));
				break;
			}

			case 2: {
				buffer.hold();
				break;
			}

			default: {
				buffer.release();
				buffer.appendRule(time * 1000, 'exited');
			}
		}

		if (byte & 64) {
			merged.update();
			filtered.update();
			checkMerged(buffers, merged, filtered);
		}

		assert.ok(buffer.end - buffer.first <= limit);
	}
}

function checkMerged(buffers: readonly LogBuffer[], merged: MergedLog, filtered: FilteredLog): void {
	const held = buffers.flatMap((buffer) => entriesIn(buffer));
	// Lines that a buffer dropped may stay for a while.
	const shown = entriesIn(merged).filter((entry) => buffers.some((one) => entry.isSame(one.at(entry.index))));
	const rank = (entry: LogEntry) => buffers.findIndex(({service}) => service === entry.service);
	const sorted = held.toSorted((a, b) => a.order - b.order || rank(a) - rank(b) || a.index - b.index);
	assert.deepEqual(
		shown.map(({service, index}) => `${service} ${index}`),
		sorted.map(({service, index}) => `${service} ${index}`),
	);
	const errors = entriesIn(merged).filter(({rule, level}) => rule || level === 'error');
	assertSame(entriesIn(filtered), errors);
}
