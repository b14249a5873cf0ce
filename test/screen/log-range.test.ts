import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {bindingOf} from '../../src/keys.ts';
import {LogBook} from '../../src/logs/book.ts';
import {scopeOf} from '../../src/screen/scope.ts';
import {initialView, viewAfter, type View, type ViewFacts} from '../../src/screen/view.ts';
import {someLines} from '../support/stack.ts';

const pane = {columns: 20, rows: 10, wrap: false};

/** A reader of a log of a hundred lines, in a pane of ten. */
function aReader(lines = 100, more: Partial<View> = {}) {
	const book = new LogBook();
	book.append('mlflow', someLines(lines));
	const facts: ViewFacts = {
		services: ['mlflow'],
		page: pane.rows,
		scrolled: (view, by) => book.scrolled(view, pane, by),
		moved: (view, by) => book.moved(view, pane, by),
		jumped: (view, to) => book.jumped(view, pane, to),
	};
	let view: View = {...initialView, ...more};
	return {
		book,
		press: (...keys: readonly string[]): View => {
			for (const key of keys) {
				const binding = bindingOf(key, scopeOf(view, false));
				view = binding ? viewAfter(view, binding.action, facts) : view;
			}

			return view;
		},
		/** The first and the last line of the range. */
		range: () =>
			view.range &&
			[book.entries(view)[0], book.entries(view).at(-1)].map((entry) => Number(entry?.plain.slice(5))),
		rows: () => book.window(view, pane).rows,
	};
}

test('a range begins at the last line that is followed, and holds the place', () => {
	const {press, range, rows, book} = aReader();
	const view = press('V');
	assert.equal(view.pane, 'logs');
	assert.equal(view.position.follow, false);
	assert.deepEqual(range(), [100, 100]);
	book.append('mlflow', someLines(50, 'later'));
	assert.equal(rows().at(-1)?.text, 'line 100');
});

test('a range begins at the line that was found', () => {
	const {press, range} = aReader();
	press('tab', 'home', 'V');
	assert.deepEqual(range(), [1, 1]);
});

for (const {keys, expected} of [
	{keys: ['up'], expected: [99, 100]},
	{keys: ['k', 'k', 'down'], expected: [99, 100]},
	{keys: ['pageup'], expected: [91, 100]},
	{keys: ['pageup', 'pageup', 'pagedown'], expected: [91, 100]},
	{keys: ['home'], expected: [1, 100]},
	{keys: ['home', 'G'], expected: [100, 100]},
	{keys: ['down', 'end', 'pagedown'], expected: [100, 100]},
] as const) {
	test(`V and ${keys.join(' ')} takes the lines ${expected.join(' to ')}`, () => {
		const {press, range, rows} = aReader();
		press('V', ...keys);
		assert.deepEqual(range(), expected);
		assert.equal(rows().filter(({marked}) => marked).length, 1, 'the end that moves is on the screen');
	});
}

test('the pane scrolls only when the end that moves would leave it', () => {
	const {press, rows} = aReader();
	press('V', ...Array.from({length: 9}, () => 'up'));
	assert.equal(rows()[0]?.text, 'line 91');
	press('up');
	assert.equal(rows()[0]?.text, 'line 90');
	press('down');
	assert.equal(rows()[0]?.text, 'line 90');
});

test('all lines between the two ends are picked, and nothing else', () => {
	const {press, rows} = aReader();
	press('V', 'up', 'up');
	assert.deepEqual(
		rows()
			.filter(({picked}) => picked)
			.map(({text}) => text),
		['line 98', 'line 99', 'line 100'],
	);
});

test('esc leaves the range before it takes a search away', () => {
	const {press} = aReader(100, {search: {text: '9', regex: false}});
	const left = press('V', 'up', 'escape');
	assert.deepEqual([left.range, left.search?.text], [undefined, '9']);
	assert.equal(press('escape').search, undefined);
});

test('V leaves a range too', () => {
	const {press} = aReader();
	assert.ok(press('V').range);
	assert.equal(press('V').range, undefined);
});

test('without a line there is no range', () => {
	assert.equal(aReader(0).press('V').range, undefined);
});

test('the end that moves stays on the screen, whatever is pressed and however lines wrap', () => {
	const keys = ['up', 'down', 'pageup', 'pagedown', 'home', 'end', 'w'] as const;
	fc.assert(
		fc.property(fc.array(fc.constantFrom(...keys), {maxLength: 30}), fc.nat({max: 30}), (pressed, lines) => {
			const book = new LogBook();
			for (let index = 0; index < lines; index++) {
				book.append('mlflow', someLines(1, 'x'.repeat((index * 13) % 70), index));
			}

			let view: View = {...initialView, pane: 'logs'};
			for (const key of ['V', ...pressed]) {
				const shape = {...pane, wrap: view.wrap};
				view = viewAfter(view, bindingOf(key, 'logs')?.action ?? 'close', {
					services: [],
					page: pane.rows,
					scrolled: (before, by) => book.scrolled(before, shape, by),
					moved: (before, by) => book.moved(before, shape, by),
					jumped: () => undefined,
				});
			}

			if (pressed.at(-1) !== 'w' && view.range) {
				const {rows} = book.window(view, {...pane, wrap: view.wrap});
				assert.ok(rows.some(({marked}) => marked));
			}
		}),
	);
});
