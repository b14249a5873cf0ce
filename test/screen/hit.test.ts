import assert from 'node:assert/strict';
import {test} from 'node:test';
import {firstService, hitAt} from '../../src/screen/hit.ts';
import {layoutOf} from '../../src/screen/layout.ts';
import {initialView, type View} from '../../src/screen/view.ts';

/** What is at each row of a column, in a word, runs of the same joined. */
function column(view: View, at: number): string {
	const layout = layoutOf(view, 2, 1);
	const words = Array.from({length: view.rows}, (_, row) => {
		const hit = hitAt(view, layout, at, row);
		return hit === undefined
			? '-'
			: hit.what === 'service'
				? `s${hit.row}`
				: `${hit.log}${hit.row === undefined ? 'border' : hit.isBar ? 'bar' : 'line'}`;
	});
	return words.filter((word, row) => word !== words[row - 1]).join(' ');
}

test('what stands at each row of the dashboard', () => {
	const view = {...initialView, columns: 100, rows: 30};
	assert.equal(column(view, 10), '- s0 s1 - 0border 0line 0border -');
	assert.equal(column(view, 99), '- s0 s1 - 0border 0bar 0border -');
	assert.equal(column(view, 100), '- s0 s1 -');
});

test('without borders nothing is a scroll bar', () => {
	const view = {...initialView, columns: 50, rows: 12};
	assert.equal(column(view, 10), '- s0 s1 - 0border 0line -');
	assert.equal(column(view, 49), '- s0 s1 - 0border 0line -');
});

test('of two logs each has its columns and its bar', () => {
	const view: View = {
		...initialView,
		columns: 161,
		rows: 30,
		beside: {position: {follow: true}, shift: 0, side: 'left'},
	};
	assert.equal(column(view, 79), '- s0 s1 - 0border 0line 0border -');
	assert.equal(column(view, 80), '- s0 s1 - 0border 0bar 0border -');
	assert.equal(column(view, 81), '- s0 s1 - 1border 1line 1border -');
	assert.equal(column(view, 160), '- s0 s1 - 1border 1bar 1border -');
});

test('the rows of a log are counted from its first line', () => {
	const view = {...initialView, columns: 100, rows: 30};
	const layout = layoutOf(view, 2, 1);
	const row = Array.from({length: 30}, (_, at) => at).find((at) => {
		const hit = hitAt(view, layout, 5, at);
		return hit?.what === 'log' && hit.row === 0;
	});
	// Header, the table with its borders, the line between, the title.
	assert.equal(row, 1 + 4 + 1 + 1);
});

test('a table with more services than rows shows the selected one', () => {
	assert.equal(firstService(0, 10, 4), 0);
	assert.equal(firstService(5, 10, 4), 2);
	assert.equal(firstService(9, 10, 4), 6);
	assert.equal(firstService(0, 2, 4), 0);
});
