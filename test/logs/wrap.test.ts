import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {cleanLine} from '../../src/logs/clean.ts';
import {plainText} from '../../src/narrow-text.ts';
import {wrapLine} from '../../src/logs/wrap.ts';
import {cut, head, width} from '../../src/text.ts';

const line = fc
	.string({
		maxLength: 400,
		unit: fc.constantFrom(
			'a',
			' ',
			'é',
			'表',
			'👍🏽',
			'e\u0301',
			'\u001B[31m',
			'\u001B[7m',
			'\u001B[0m',
			'\u001B',
		),
	})
	.map(cleanLine);

test('the rows of a wrapped line are its text, and none is wider than the pane', () => {
	fc.assert(
		fc.property(line, fc.integer({min: 2, max: 60}), (text, columns) => {
			const rows = wrapLine(text, columns);
			assert.equal(rows.map((row) => plainText(row)).join(''), plainText(text));
			assert.ok(rows.every((row) => width(row) <= columns));
		}),
	);
});

test('a colour goes on in the next row, and ends with each', () => {
	assert.deepEqual(wrapLine('\u001B[31m表表表\u001B[0mb', 4), [
		'\u001B[31m表表\u001B[0m',
		'\u001B[31m表\u001B[0mb',
	]);
	assert.deepEqual(wrapLine('', 4), ['']);
});

test('a long line is cut as if all of it had been looked at', () => {
	fc.assert(
		fc.property(line, fc.nat(60), fc.integer({min: 1, max: 50}), (text, columns, times) => {
			const long = text.repeat(times);
			const start = head(long, columns);
			assert.ok(long.startsWith(start));
			assert.ok(start === long || width(start) > columns);
			assert.equal(plainText(cut(long, columns)), plainText(cut(start, columns)));
		}),
	);
});

test('a hostile line of 64 KiB is wrapped and cut without holding up the keys', () => {
	for (const unit of ['表', 'e\u0301', '👍🏽', '\u001B', '\u0007', '\uFFFD', '\u001B[31mx']) {
		const text = cleanLine(unit.repeat(65_536 / Buffer.byteLength(unit)));
		const started = Date.now();
		for (let frame = 0; frame < 50; frame++) {
			for (let row = 0; row < 20; row++) {
				wrapLine(text, 100);
				cut(text, 100);
			}
		}

		assert.ok(Date.now() - started < 10_000, JSON.stringify(unit));
	}
});
