import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {rowText, scrolled, windowOf, type LogPosition, type Pane} from '../../src/logs/window.ts';

function sourceOf(texts: readonly string[], first = 0) {
	return {
		first,
		end: first + texts.length,
		at(index: number) {
			const text = texts[index - first];
			return text === undefined ? undefined : {text};
		},
	};
}

function shown(texts: readonly string[], position: LogPosition, pane: Pane, first = 0): readonly string[] {
	return windowOf(sourceOf(texts, first), position, pane).rows.map(({line, row}) =>
		pane.wrap ? rowText(line.text, row, pane.columns) : line.text,
	);
}

const cut: Pane = {columns: 10, rows: 3, wrap: false};
const wrapping: Pane = {columns: 4, rows: 3, wrap: true};

test('following shows the last lines', () => {
	assert.deepEqual(shown(['a', 'b', 'c', 'd'], {follow: true}, cut), ['b', 'c', 'd']);
	assert.deepEqual(shown(['a'], {follow: true}, cut), ['a']);
	assert.deepEqual(shown([], {follow: true}, cut), []);
});

test('a held place stays while lines arrive', () => {
	const position = scrolled(sourceOf(['a', 'b', 'c', 'd']), {follow: true}, cut, -1);
	assert.deepEqual(shown(['a', 'b', 'c', 'd'], position, cut), ['a', 'b', 'c']);
	assert.deepEqual(shown(['a', 'b', 'c', 'd', 'e', 'f'], position, cut), ['a', 'b', 'c']);
	assert.equal(windowOf(sourceOf(['a', 'b', 'c', 'd', 'e', 'f']), position, cut).below, 3);
});

test('a held place that was dropped becomes the oldest line', () => {
	assert.deepEqual(shown(['x', 'y', 'z', 'w'], {follow: false, index: 2, row: 0}, cut, 100), ['x', 'y', 'z']);
});

test('a wrapped line takes the rows it needs, from the bottom up', () => {
	assert.deepEqual(shown(['ab', '123456789'], {follow: true}, wrapping), ['1234', '5678', '9']);
	assert.deepEqual(shown(['ab', '12345678'], {follow: true}, wrapping), ['ab', '1234', '5678']);
});

test('scrolling on to the last row follows again', () => {
	const source = sourceOf(['a', 'b', 'c', 'd', 'e']);
	const back = scrolled(source, {follow: true}, cut, -2);
	assert.deepEqual(scrolled(source, back, cut, 1), {follow: false, index: 1, row: 0});
	assert.deepEqual(scrolled(source, back, cut, 2), {follow: true});
	assert.deepEqual(scrolled(source, {follow: true}, cut, 'start'), {follow: false, index: 0, row: 0});
});

test('whatever is scrolled, the pane is as full as the log allows, and back and on are inverse', () => {
	fc.assert(
		fc.property(
			fc.array(fc.string({maxLength: 20}), {minLength: 1, maxLength: 30}),
			fc.integer({min: 1, max: 8}),
			fc.integer({min: 1, max: 7}),
			fc.boolean(),
			fc.array(fc.integer({min: -9, max: 9}), {maxLength: 8}),
			(texts, columns, rows, wrap, moves) => {
				const pane = {columns, rows, wrap};
				const source = sourceOf(texts, 5);
				const all = windowOf(source, {follow: true}, {...pane, rows: 10_000}).rows.length;
				let position: LogPosition = {follow: true};
				for (const by of moves) {
					position = scrolled(source, position, pane, by);
					assert.equal(windowOf(source, position, pane).rows.length, Math.min(rows, all));
				}

				const start = scrolled(source, position, pane, 'start');
				const on = scrolled(source, start, pane, 1);
				if (!on.follow) {
					assert.deepEqual(scrolled(source, on, pane, -1), start);
				}
			},
		),
	);
});
