import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {LogBook} from '../../src/logs/book.ts';
import type {LogQuery} from '../../src/logs/query.ts';
import {someLines} from '../support/stack.ts';

const pane = {columns: 80, rows: 10, wrap: false};
const following: LogQuery = {allLogs: true, position: {follow: true}, wrap: false, shift: 0};

function aBook(lines: number, textOf: (index: number) => string = (index) => `line ${index}`): LogBook {
	const book = new LogBook();
	for (let index = 0; index < lines; index++) {
		book.append('mlflow', someLines(1, textOf(index), index));
	}

	return book;
}

/** The bar as it is drawn: `#` for the thumb, `f` and `e` for marks, in capitals on the thumb. */
function drawn(book: LogBook, query: LogQuery = following): string | undefined {
	return book
		.window(query, pane)
		.bar?.map(({mark, thumb}) => (mark ? (thumb ? mark.toUpperCase() : mark).charAt(0) : thumb ? '#' : '.'))
		.join('');
}

test('a log that is all in the pane has no bar', () => {
	assert.equal(drawn(aBook(10)), undefined);
});

test('the thumb is as long as the part in the pane, and where it is', () => {
	const book = aBook(50);
	const at = (index: number) => drawn(book, {...following, position: {follow: false, index, row: 0}});
	assert.equal(drawn(book), '........##');
	assert.equal(at(0), '##........');
	assert.equal(at(20), '....##....');
	assert.equal(at(1), '.##.......', 'the start of the bar is the start of the log');
	assert.equal(at(39), '.......##.', 'its end is the end');
});

test('the bar has a mark where something was found, and where an error is', () => {
	const book = aBook(100, (index) =>
		index === 25 ? 'ERROR:  broke' : index === 57 || index === 99 ? 'a needle' : 'hay',
	);
	assert.equal(drawn(book), '..e......#');
	assert.equal(drawn(book, {...following, search: {text: 'needle', regex: false}}), '..e..f...F');
	assert.equal(drawn(book, {...following, search: {text: 'broke', regex: false}}), '..f......#');
	assert.equal(drawn(book, {...following, filter: {text: 'hay', regex: false}}), '.........#');
});

test('errors stay marked while lines come and go', () => {
	const book = new LogBook({lines: 100});
	for (let index = 0; index < 1000; index++) {
		book.append('mlflow', someLines(1, index % 50 === 0 ? 'ERROR:  broke' : 'hay', index));
		const {bar} = book.window(following, pane);
		assert.ok(index < 10 || bar?.some(({mark}) => mark === 'error'));
	}

	assert.equal(drawn(book), 'e....e...#');
});

test('wherever the reader is, the thumb is one piece, and at an end only when the log is', () => {
	fc.assert(
		fc.property(fc.integer({min: 11, max: 400}), fc.nat({max: 400}), (lines, index) => {
			const book = aBook(lines);
			const query: LogQuery = {...following, position: {follow: false, index: index % lines, row: 0}};
			const {bar, below} = book.window(query, pane);
			const text = bar?.map(({thumb}) => (thumb ? '#' : '.')).join('') ?? '';
			assert.match(text, /^\.*#+\.*$/);
			assert.equal(text.length, 10);
			const above = lines - 10 - below;
			if (text.includes('..')) {
				assert.equal(text.startsWith('#'), above === 0);
				assert.equal(text.endsWith('#'), below === 0);
			}
		}),
	);
});
