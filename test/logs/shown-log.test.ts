import assert from 'node:assert/strict';
import {test} from 'node:test';
import {LogBook} from '../../src/logs/book.ts';
import type {LogQuery} from '../../src/logs/query.ts';
import {someLines, now} from '../support/stack.ts';

const pane = {columns: 80, rows: 10, wrap: false};
const following: LogQuery = {allLogs: true, position: {follow: true}, wrap: false, shift: 0};
const phrase = (text: string, regex = false) => ({text, regex});

function aBook(texts: readonly string[]): LogBook {
	const book = new LogBook();
	book.append(
		'mlflow',
		texts.map((text, index) => ({
			time: (now + index) * 1000,
			stamp: new Date(now + index).toISOString(),
			stream: 'stdout',
			text,
		})),
	);
	return book;
}

const hundred = Array.from({length: 100}, (_, index) =>
	index % 25 === 10 ? `Needle ${index}` : `hay ${index}`,
);
const shown = (book: LogBook, query: LogQuery) => book.window(query, pane).rows.map(({text}) => text);

test('while a search is typed the pane shows the newest line found, and the place is not left', () => {
	const book = aBook(hundred);
	const window = book.window({...following, input: 'search', search: phrase('needle')}, pane);
	assert.deepEqual(window.found, {count: 4, place: 4, partial: false});
	assert.match(window.rows.find(({marked}) => marked)?.text ?? '', /85/);
	assert.match(shown(book, following).at(-1) ?? '', /hay 99/);
});

test('smart case: a capital makes capitals count', () => {
	const book = aBook(hundred);
	const count = (text: string) => book.window({...following, search: phrase(text)}, pane).found?.count;
	assert.deepEqual([count('needle'), count('Needle'), count('NEEDLE')], [4, 4, 0]);
});

test('next and previous go from line to line found, around the end, and hold the place', () => {
	const book = aBook(hundred);
	let query: LogQuery = {...following, search: phrase('needle')};
	const go = (to: 'next-match' | 'previous-match') => {
		query = {...query, ...book.jumped(query, pane, to)};
		assert.equal(query.position.follow, false);
		const window = book.window(query, pane);
		assert.ok(window.rows.some(({marked}) => marked));
		return query.mark?.plain;
	};
	assert.deepEqual(
		[go('previous-match'), go('previous-match'), go('next-match'), go('next-match')],
		['Needle 85', 'Needle 60', 'Needle 85', 'Needle 10'],
	);
	assert.equal(go('previous-match'), 'Needle 85');
});

test('a search that finds nothing leads nowhere', () => {
	const book = aBook(hundred);
	const query = {...following, search: phrase('absent')};
	assert.equal(book.jumped(query, pane, 'next-match'), undefined);
	assert.equal(book.window(query, pane).found?.count, 0);
});

test('a filter shows the lines that hold its text; behind a ! the others', () => {
	const book = aBook(['a', 'b', 'ab', 'c']);
	assert.deepEqual(shown(book, {...following, filter: phrase('a')}), ['a', 'ab']);
	assert.deepEqual(shown(book, {...following, filter: phrase('!a')}), ['b', 'c']);
	assert.deepEqual(shown(book, {...following, filter: phrase('!')}), ['a', 'b', 'ab', 'c']);
	assert.deepEqual(shown(book, {...following, filter: phrase('^.$', true)}), ['a', 'b', 'c']);
});

test('half a regular expression hides nothing, and says what is wrong', () => {
	const book = aBook(['a(', 'b']);
	const window = book.window({...following, filter: phrase('a(', true)}, pane);
	assert.equal(window.rows.length, 2);
	assert.match(window.problem ?? '', /unterminated group/);
});

test('a search finds only what the filter shows', () => {
	const book = aBook(['a 1', 'b 1', 'a 2']);
	const query = {...following, filter: phrase('a'), search: phrase('1')};
	assert.equal(book.window(query, pane).found?.count, 1);
});

test('a held place stays at its line when a filter comes and goes', () => {
	const book = aBook(hundred);
	const held = {...following, position: book.scrolled(following, pane, -50)};
	const top = shown(book, held)[0];
	assert.equal(top, 'hay 40');
	assert.equal(shown(book, {...held, filter: phrase('hay')})[0], 'hay 40');
	assert.equal(shown(book, held)[0], top);
});

test('a held place stays at its line when another service was late', () => {
	const book = aBook(hundred);
	const held = {...following, position: book.scrolled(following, pane, -50)};
	assert.equal(shown(book, held)[0], 'hay 40');
	book.append('postgres', someLines(20, 'late', now));
	assert.equal(shown(book, held)[0], 'hay 40');
});

test('errors are gone through a record at a time', () => {
	const book = aBook([
		'INFO:     fine',
		'Traceback (most recent call last):',
		'  File "a.py", line 1, in <module>',
		'ValueError: no',
		'INFO:     fine',
		'ERROR:    bad',
		...Array.from({length: 20}, () => 'INFO:     fine'),
	]);
	let query = following;
	const go = (to: 'next-error' | 'previous-error') => {
		const jump = book.jumped(query, pane, to);
		query = {...query, ...jump};
		return jump?.mark.index;
	};
	assert.deepEqual(
		[go('previous-error'), go('previous-error'), go('previous-error'), go('next-error'), go('next-error')],
		[5, 1, undefined, 5, undefined],
	);
});

test('a long log is searched in slices, the newest lines first', () => {
	const book = aBook(Array.from({length: 12_000}, (_, index) => `line ${index}`));
	const query = {...following, search: phrase('line')};
	const first = book.window(query, pane).found;
	assert.ok(first?.partial && first.count < 12_000);
	while (!book.update(query)) {
		// The next slice.
	}

	assert.deepEqual(book.window(query, pane).found, {count: 12_000, place: undefined, partial: false});
});

test('a marked line that a filter hides marks no other', () => {
	const book = aBook(hundred);
	const query = {...following, search: phrase('needle')};
	const {mark} = book.jumped(query, pane, 'previous-match') ?? {};
	assert.equal(mark?.plain, 'Needle 85');
	const marked = (filter: string) =>
		book
			.window({...query, ...(mark && {mark}), filter: phrase(filter)}, pane)
			.rows.filter((row) => row.marked).length;
	assert.deepEqual([marked('needle'), marked('hay')], [1, 0]);
});
