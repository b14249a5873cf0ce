import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {LineAssembler, leftOutMark, longestLine} from '../../src/logs/lines.ts';
import {digest, engineLog, frame, readLog, stampOf, type Written} from './support.ts';

const stamp = '2026-11-24T05:34:25.087180742Z';
const later = '2026-11-24T05:34:25.388205738Z';
const second = Date.UTC(2026, 10, 24, 5, 34, 25) * 1000;

/** The texts of the lines that these records, or pieces of a TTY's log, make. */
const texts = (pushes: ReadonlyArray<string | Uint8Array>, tty = false) => {
	const assembler = new LineAssembler({tty});
	const lines = pushes.flatMap((bytes) => assembler.push('stdout', Buffer.from(bytes)));
	return [...lines, ...assembler.flush()].map(({text}) => digest(text));
};

test('a record gives its time in microseconds, its stamp, its stream and its text', () => {
	assert.deepEqual(new LineAssembler().push('stderr', Buffer.from(`${stamp} LOG:  ready\n`)), [
		{time: second + 87_180.742, stamp, stream: 'stderr', text: 'LOG:  ready'},
	]);
});

test('stamps of other engines are read: a short fraction, none, another zone', () => {
	const expected = {
		'2026-11-24T05:34:25.5Z': second + 500_000,
		'2026-11-24T05:34:25Z': second,
		'2026-11-24T07:34:25.25+02:00': second + 250_000,
	};
	for (const [stamp, time] of Object.entries(expected)) {
		const line = {time, stamp, stream: 'stdout', text: 'text'};
		assert.deepEqual(new LineAssembler().push('stdout', Buffer.from(`${stamp} text\n`)), [line]);
	}
});

test('a record without a stamp keeps its text and takes the time of the one before', () => {
	const frames = [
		frame(Buffer.from(`${stamp} one\n`)),
		frame(Buffer.from('Error grabbing logs: invalid character\n'), 3),
	];
	const [, line] = readLog(Buffer.concat(frames), [Number.POSITIVE_INFINITY]);
	assert.equal(line?.stamp, stamp);
	assert.equal(line?.text, 'Error grabbing logs: invalid character');
});

test('what only looks like a stamp is text', () => {
	for (const text of ['2026-13-45T99:99:99.000000000Z x', '2026-11-24T05:34:25.08718074xZ x', '2026-11-24']) {
		assert.deepEqual(texts([`${text}\n`]), [text]);
	}
});

test('empty lines are lines, and carriage returns before a newline are no text', () => {
	const records = ['', '\r', 'crlf\r\r', 'a\rb'].map((text) => `${stamp} ${text}\n`);
	assert.deepEqual(texts(records), ['', '', 'crlf', 'a\rb']);
	assert.deepEqual(texts([records.join('')]), ['', '', 'crlf', 'a\rb']);
	assert.deepEqual(texts(records, true), ['', '', 'crlf', 'a\rb']);
});

test('pieces of a long line are joined, with the same stamp or with one each', () => {
	const piece = 'a'.repeat(16 * 1024);
	for (const next of [stamp, later]) {
		assert.deepEqual(texts([`${stamp} ${piece}`, `${next} bc\n`]), [digest(`${piece}bc`)]);
		assert.deepEqual(texts([`${stamp} ${piece}${next} bc\r\n`], true), [digest(`${piece}bc`)]);
	}
});

test('a last line without a newline is not joined to the first one after a restart', () => {
	assert.deepEqual(texts([`${stamp} last`, `${later} first\n`]), ['last', 'first']);
	assert.deepEqual(texts([`${stamp} last${later} first\r\n`], true), ['last', 'first']);
});

test('a stamp that a program wrote stays in its line', () => {
	const text = 'ts=2026-11-24T05:34:20.000000000Z level=info';
	assert.deepEqual(texts([`${stamp} ${text}\n`]), [text]);
	assert.deepEqual(texts([`${stamp} ${text}\n`], true), [text]);
});

test('a line that one stream leaves open does not hold up the other', () => {
	const assembler = new LineAssembler();
	assembler.push('stdout', Buffer.from(`${stamp} open`));
	assert.equal(assembler.push('stderr', Buffer.from(`${later} whole\n`)).length, 1);
	assert.deepEqual(
		assembler.flush().map(({text}) => text),
		['open'],
	);
	assert.deepEqual(assembler.flush(), []);
});

test('bytes that are not UTF-8 become U+FFFD', () => {
	assert.deepEqual(texts([Buffer.from(`${stamp} caf\u00E9\n`, 'latin1')]), ['caf\uFFFD']);
});

test('of a line of 5 MB 64 KiB are kept, and how much was left out is said', () => {
	const text = 'x'.repeat(longestLine) + leftOutMark(5_000_000 - longestLine);
	for (const tty of [false, true]) {
		for (const newline of [false, true]) {
			const bytes = Buffer.alloc(5_000_000, 'x');
			const log = engineLog([{stream: 'stdout', bytes, newline}], {tty});
			assert.deepEqual(
				readLog(log, [65_536], tty).map((line) => digest(line.text)),
				[digest(text)],
			);
		}
	}
});

test('a line is not cut in the middle of a character', () => {
	const bytes = Buffer.from(`a${'𝄞'.repeat(20_000)}`);
	const [line] = readLog(engineLog([{stream: 'stdout', bytes, newline: true}]), [65_536]);
	const kept = longestLine - 3;
	assert.equal(
		digest(line?.text ?? ''),
		digest(`a${'𝄞'.repeat((kept - 1) / 4)}${leftOutMark(bytes.length - kept)}`),
	);
});

test('a record that is read where it stands among bytes is the same line as one read by itself', () => {
	const change = fc.record({
		at: fc.integer({min: 0, max: 45}),
		put: fc.constantFrom('', ' ', '0', '7', 'Z', '.', 'x', '\n', '\r', '\u001B', '\u007F', 'é'),
		removed: fc.integer({min: 0, max: 2}),
	});
	const record = fc.tuple(
		fc.nat(20),
		fc.constantFrom('', ' ', 'text', '~ ~'),
		fc.array(change, {maxLength: 1}),
	);
	fc.assert(
		fc.property(fc.array(record, {minLength: 1, maxLength: 20}), (records) => {
			const bytes = records.map(([n, text, changes]) => {
				const whole = `${stampOf(n * 77_000_000)} ${text}\n`;
				return Buffer.from(
					changes.reduce(
						(now, {at, put, removed}) => now.slice(0, at) + put + now.slice(at + removed),
						whole,
					),
				);
			});
			const assembler = new LineAssembler();
			const alone = [...bytes.flatMap((one) => assembler.push('stdout', one)), ...assembler.flush()];
			const among = readLog(Buffer.concat(bytes.map((one) => frame(one))), [Number.POSITIVE_INFINITY]);
			assert.deepEqual(
				among.map(({printable, ...line}) => line),
				alone,
			);
			for (const {printable = false, text} of among) {
				assert.ok(!printable || /^[ -~]*$/.test(text));
			}
		}),
		{numRuns: 2000},
	);
});

test('of lines of printable ASCII it is told, for nothing in them has to be cleaned', () => {
	const log = [
		'first, which gives the second',
		'plain ~',
		'caf\u00E9',
		'a\tb',
		'\u001B[31mred',
		'del\u007F',
	].map((text, n) => frame(Buffer.from(`${stampOf(n)} ${text}\n`)));
	assert.deepEqual(
		readLog(Buffer.concat(log), [Number.POSITIVE_INFINITY]).map(({printable = false}) => printable),
		[false, true, false, false, false, false],
	);
});

test('whatever a program writes, its lines come out, however the engine and the network cut them', () => {
	const bytes = fc
		.oneof(
			{weight: 5, arbitrary: fc.string({unit: 'grapheme', maxLength: 60})},
			fc.constantFrom('2026-11-24T05:34:20.000000000Z x', '2026-11-24T05:34:', '\r', 'a\rb', '\u001B[31m'),
			fc
				.tuple(fc.constantFrom('x', 'é', '𝄞'), fc.integer({min: 8000, max: 30_000}))
				.map(([c, n]) => c.repeat(n)),
		)
		.map((text) => Buffer.from(text.replaceAll('\n', '').replace(/\r+$/, '')));
	const line = fc.record({
		stream: fc.constantFrom('stdout' as const, 'stderr' as const),
		bytes,
		newline: fc.boolean(),
	});
	fc.assert(
		fc.property(
			fc.array(line, {maxLength: 12}),
			fc.array(fc.integer({min: 1, max: 5000}), {minLength: 1, maxLength: 5}),
			fc.boolean(),
			fc.boolean(),
			(lines, lengths, tty, ownStamps) => {
				// A program ends without a newline once, and what it wrote then was no full piece.
				const written = lines.map((one, index): Written => ({
					stream: tty ? 'stdout' : one.stream,
					bytes: one.bytes,
					newline: one.newline || index < lines.length - 1,
				}));
				const expected = written
					.filter(({bytes, newline}) => newline || bytes.length > 0)
					.map(({stream, bytes}) => [stream, digest(textOf(bytes))]);
				const actual = readLog(engineLog(written, {tty, ownStamps}), lengths, tty);
				assert.deepEqual(
					actual.map(({stream, text}) => [stream, digest(text)]),
					expected,
				);
			},
		),
		{numRuns: 300},
	);
});

/** The text that is kept of these bytes. */
function textOf(bytes: Uint8Array): string {
	if (bytes.length <= longestLine) {
		return Buffer.from(bytes).toString();
	}

	const kept = Buffer.from(bytes.subarray(0, longestLine))
		.toString()
		.replace(/\uFFFD$/, '');
	return kept + leftOutMark(bytes.length - Buffer.byteLength(kept));
}
