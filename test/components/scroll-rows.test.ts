import assert from 'node:assert/strict';
import {test} from 'node:test';
import headless from '@xterm/headless';
import fc from 'fast-check';
import {scrollRows} from '../../components/ink/scroll-rows.ts';

const columns = 12;

/** The rows of a terminal that showed `rows`, with the cursor in the first, after `sequence`; and where the cursor is. */
async function after(rows: readonly string[], sequence: string): Promise<{rows: string[]; cursor: number}> {
	const terminal = new headless.Terminal({
		cols: columns,
		rows: rows.length,
		scrollback: 0,
		allowProposedApi: true,
	});
	await new Promise<void>((resolve) => {
		terminal.write(`${rows.join('\r\n')}\u001B[H${sequence}`, resolve);
	});
	const {active} = terminal.buffer;
	const shown = rows.map((_, row) => active.getLine(row)?.translateToString(true) ?? '');
	const cursor = active.cursorY;
	terminal.dispose();
	return {rows: shown, cursor};
}

test('rows that a line pushed up are moved, and only the new one is left to be written', async () => {
	const last = ['title 3', 'a', 'b', 'c', 'end'];
	const scroll = scrollRows(last, ['title 4', 'b', 'c', 'd', 'end']);
	assert.deepEqual(scroll?.rows, ['title 3', 'b', 'c', '', 'end']);
	assert.deepEqual((await after(last, scroll?.sequence ?? '')).rows, scroll?.rows);
});

test('rows move down when the reader goes back', () => {
	assert.deepEqual(scrollRows(['title', 'b', 'c', 'd', 'end'], ['title', 'a', 'b', 'c', 'end'])?.rows, [
		'title',
		'',
		'b',
		'c',
		'end',
	]);
});

test('nothing is moved when nothing moved, too little did, or the frames differ in height', () => {
	assert.equal(scrollRows(['a', 'b', 'c'], ['a', 'b', 'c']), undefined);
	assert.equal(scrollRows(['a', 'b', 'c'], ['b', 'c']), undefined);
	assert.equal(scrollRows(['a', 'b', 'c'], ['x', 'y', 'z']), undefined);
	assert.equal(scrollRows(['c', 'd', 'e'], ['a', 'b', 'c']), undefined);
	// Two rows have moved, but as many would have to be written again for it.
	assert.equal(scrollRows(['a', 'x', 'y', 'b', 'c'], ['b', 'x', 'y', 'd', 'e']), undefined);
});

const frames = fc
	.record({
		log: fc.array(fc.constantFrom('', 'one', 'two', 'three', ...Array.from('abcdefghijklmnop')), {
			minLength: 40,
			maxLength: 40,
		}),
		height: fc.integer({min: 1, max: 20}),
		from: fc.integer({min: 0, max: 20}),
		to: fc.integer({min: 0, max: 20}),
		last: fc.array(fc.string({maxLength: 4, unit: fc.constantFrom('x', 'y')}), {minLength: 3, maxLength: 3}),
		next: fc.array(fc.string({maxLength: 4, unit: fc.constantFrom('x', 'y')}), {minLength: 3, maxLength: 3}),
	})
	.map(({log, height, from, to, last: [a = '', b = '', c = ''], next: [d = '', e = '', f = '']}) => ({
		last: [a, b, ...log.slice(from, from + height), c],
		next: [d, e, ...log.slice(to, to + height), f],
	}));

test('whatever moves, a terminal shows the rows that it is said to show, with the cursor where it was', async () => {
	let moved = 0;
	await fc.assert(
		fc.asyncProperty(frames, async ({last, next}) => {
			const scroll = scrollRows(last, next);
			if (scroll) {
				moved++;
				assert.deepEqual(await after(last, scroll.sequence), {rows: scroll.rows, cursor: 0});
				const left = (rows: readonly string[]) => next.filter((text, row) => text !== rows[row]).length;
				assert.ok(left(scroll.rows) < left(last));
			}
		}),
		{numRuns: 300},
	);
	assert.ok(moved > 50);
});
