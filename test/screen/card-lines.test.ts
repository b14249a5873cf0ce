import assert from 'node:assert/strict';
import {test} from 'node:test';
import {cardLines, type CardShape} from '../../src/screen/card-lines.ts';
import type {Card} from '../../src/stack/diagnosis/card.ts';

const card: Card = {
	id: 'old-volume postgres',
	rule: 'old-volume',
	service: 'postgres',
	severity: 'error',
	title: 'postgres stopped: PostgreSQL 18 found a volume where older versions keep their data',
	why: 'It keeps its data elsewhere. '.repeat(12).trim(),
	mend: [
		{text: 'Mount it higher.', change: 'volumes:\n  - VOLUME:/var/lib/postgresql'},
		{text: 'Or pin the version.', change: 'image: postgres:17'},
	],
	line: {service: 'postgres', at: 0, text: 'Error: in 18+'},
	at: 0,
};

const wide: CardShape = {columns: 100, rows: 20, ascii: false};

const textOf = (cards: readonly Card[], shape: CardShape): readonly string[] =>
	cardLines(cards, shape).map(({segments}) => segments.map(({text}) => text).join(''));

test('a card tells what happened, why, its line, what to do first, and the keys for more', () => {
	const lines = textOf([card], wide);
	assert.equal(lines[0], card.title);
	assert.match(lines[3] ?? '', / …$/);
	assert.deepEqual(lines.slice(4), [
		'“Error: in 18+”',
		'Mend: Mount it higher.',
		'  volumes:',
		'    - VOLUME:/var/lib/postgresql',
		'e explain (2 ways to mend it) · l log line',
	]);
});

test('however little room there is, title and keys stay', () => {
	for (let rows = 2; rows < 12; rows++) {
		const lines = textOf([card], {...wide, rows});
		assert.ok(lines.length <= rows, `${lines.length} lines in ${rows}`);
		assert.deepEqual([lines[0], lines.at(-1)], [card.title, 'e explain (2 ways to mend it) · l log line']);
	}
});

test('of the other cards the titles are told', () => {
	const other = {...card, id: 'other', title: 'mlflow stopped', severity: 'warning'} as const;
	assert.ok(textOf([card, other], wide).includes('mlflow stopped'));
});

test('a card that was read from no log has no key for its line', () => {
	const {line, ...lineless} = card;
	assert.equal(textOf([lineless], wide).at(-1), 'e explain (2 ways to mend it)');
	assert.equal(
		textOf([{...card, line: {service: '', at: 0, text: 'x'}}], {...wide, ascii: true}).at(-1),
		'e explain (2 ways to mend it)',
	);
});

test('a title longer than the terminal goes on in a second line', () => {
	const lines = textOf([card], {...wide, columns: 60});
	assert.equal(`${lines[0]} ${lines[1]}`, card.title);
});
