import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import Output from '../../node_modules/ink/build/output.js';
import sanitizeAnsi from '../../node_modules/ink/build/sanitize-ansi.js';
import {finishedRows, writtenRow} from '../../components/ink/finished-rows.ts';
import {remembered} from '../../components/ink/remembered.ts';
import {cleanLine} from '../../src/logs/clean.ts';
import {styledNarrowText} from '../../src/narrow-text.ts';

const width = 20;
const same = (line: string) => line;

/** A text as Ink itself writes it, alone. */
function written(text: string): string {
	const output = new Output({width, height: 1});
	output.write(0, 0, text, {transformers: []});
	return output.get().output;
}

const row = fc
	.string({
		maxLength: width,
		unit: fc.constantFrom(
			'a',
			' ',
			'é',
			'表',
			'👍🏽',
			'e\u0301',
			'\u200B',
			'\u001B[31m',
			'\u001B[7m',
			'\u001B[0m',
		),
	})
	.map(cleanLine);

test('a frame of blocks of whole rows is what Ink makes of it cell by cell', () => {
	const block = fc.array(row, {minLength: 1, maxLength: 5});
	const numbered = (line: string, index: number) => `${index}${line}`;
	fc.assert(
		fc.property(
			fc.array(block, {minLength: 1, maxLength: 5}),
			fc.integer({min: -1, max: 2}),
			fc.constantFrom(same, numbered),
			(blocks, down, transform) => {
				const height = blocks.flat().length + 1;
				const output = new Output({width: width * 2, height});
				const operations = blocks
					.map((rows, place) => ({
						type: 'write',
						x: 0,
						y: blocks.slice(0, place).flat().length + down,
						text: rows.join('\n'),
						transformers: [transform],
					}))
					.filter(({text}) => text !== '');
				for (const {x, y, text, transformers} of operations) {
					output.write(x, y, text, {transformers});
				}

				assert.equal(finishedRows(operations, height, written)?.join('\n'), output.get().output);
			},
		),
		{numRuns: 300},
	);
});

/** Narrow text with styles that may overlap, be unknown, or never end. */
const narrowRow = fc.string({
	maxLength: width,
	unit: fc.constantFrom(
		'a',
		' ',
		'é',
		'│',
		'\u001B[31m',
		'\u001B[7;1m',
		'\u001B[48;5;9m',
		'\u001B[39m',
		'\u001B[m',
	),
});

test('a row of narrow text is written as it stands, and means what Ink would have written', () => {
	let direct = 0;
	fc.assert(
		fc.property(narrowRow, (text) => {
			assert.match(text, styledNarrowText);
			let isDirect = true;
			const row = writtenRow(text, (other) => {
				isDirect = false;
				return written(other);
			});
			assert.equal(written(row), written(text));
			if (isDirect) {
				direct++;
				assert.match(row, /^[^\u001B]*$|\u001B\[0m$/, 'no style goes on in the next row');
			}
		}),
		{numRuns: 2000},
	);
	assert.ok(direct > 1000, 'most rows need not be read by Ink');
});

test('Ink leaves nothing out of narrow text with styles', () => {
	fc.assert(
		fc.property(narrowRow, (text) => assert.equal(sanitizeAnsi(text), text)),
		{numRuns: 2000},
	);
	for (const other of [
		'\u001B[2J',
		'\u001B]0;title\u0007',
		'a\tb',
		'\u001B[4:3m',
		'表',
		'\u009B31m',
		'e\u0301',
	]) {
		assert.doesNotMatch(other, styledNarrowText);
	}
});

test('what Ink leaves out of a block of rows, it leaves out of each', () => {
	fc.assert(
		fc.property(fc.array(row, {maxLength: 8}), (rows) => {
			assert.equal(sanitizeAnsi(rows.join('\n')), rows.map((one) => sanitizeAnsi(one)).join('\n'));
		}),
		{numRuns: 500},
	);
});

test('what was made of a text is remembered, for a while', () => {
	const asked: string[] = [];
	const make = remembered((text) => {
		asked.push(text);
		return text.length;
	});
	assert.equal(make('first'), 5);
	assert.equal(make('first'), 5);
	assert.deepEqual(asked, ['first']);
	for (let text = 0; text < 10_000; text++) {
		make(String(text));
	}

	make('first');
	assert.equal(asked.at(-1), 'first');
});

test('what is not made of whole rows is left to Ink', () => {
	const whole = {type: 'write', x: 0, y: 0, text: 'a row'};
	for (const other of [
		{...whole, text: 'on top of it'},
		{...whole, y: 1, x: 4},
		{...whole, y: -1, text: 'above\non top of it'},
		{type: 'clip'},
	]) {
		assert.equal(finishedRows([whole, other], 3, same), undefined, JSON.stringify(other));
	}
});
