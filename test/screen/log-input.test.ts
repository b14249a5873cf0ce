import assert from 'node:assert/strict';
import {test} from 'node:test';
import {bindingOf} from '../../src/keys.ts';
import {typed} from '../../src/screen/log-input.ts';
import {scopeOf} from '../../src/screen/scope.ts';
import {initialView, viewAfter, type View, type ViewFacts} from '../../src/screen/view.ts';

const facts: ViewFacts = {
	services: [],
	page: 10,
	scrolled: () => ({follow: false, index: 0, row: 0}),
	moved: () => undefined,
	jumped: () => undefined,
};

/** The view after keys, as the controller takes them. */
function after(keys: readonly string[], view: View = initialView): View {
	return keys.reduce((before, key) => {
		const binding = bindingOf(key, scopeOf(before, false));
		return binding ? viewAfter(before, binding.action, facts) : typed(before, key);
	}, view);
}

test('what is typed into a search is text, whatever the keys mean elsewhere', () => {
	const {input, search, pane} = after(['/', 'j', 'k', 'q', 'space', 'u', '/', '&', '?', 'é', '漢']);
	assert.equal(input, 'search');
	assert.deepEqual(search, {text: 'jkq u/&?é漢', regex: false});
	assert.equal(pane, 'services');
});

test('keys without a character, and such as are no text, change nothing', () => {
	const open = after(['/', 'a']);
	assert.equal(after(['up', 'tab', 'pageup', 'ctrl+l', '\u0007'], open), open);
});

test('backspace takes a whole character away, also one of several code points', () => {
	assert.equal(after(['/', 'a', 'e\u0301', 'backspace']).search?.text, 'a');
	assert.equal(after(['/', 'a', 'backspace', 'backspace']).search?.text, '');
});

test('Enter keeps what was typed, and the keys mean what they meant', () => {
	const view = after(['/', 'a', 'enter']);
	assert.equal(view.input, undefined);
	assert.equal(view.search?.text, 'a');
	assert.equal(scopeOf(view, false), 'services');
});

test('Escape clears what was typed; Enter on nothing does too', () => {
	assert.deepEqual(after(['/', 'a', 'escape']), initialView);
	assert.deepEqual(after(['/', 'enter']), initialView);
	assert.deepEqual(after(['&', 'a', 'ctrl+u', 'enter']), initialView);
});

test('search and filter are kept apart; Escape outside takes the search first', () => {
	const both = after(['&', 'f', 'enter', '/', 's', 'enter']);
	assert.deepEqual([both.filter?.text, both.search?.text], ['f', 's']);
	const filtered = after(['escape'], both);
	assert.deepEqual([filtered.filter?.text, filtered.search], ['f', undefined]);
	assert.deepEqual(after(['escape'], filtered), initialView);
});

test('a line that is opened again goes on with what it said', () => {
	assert.equal(after(['/', 'a', 'enter', '/', 'b']).search?.text, 'ab');
});

test('ctrl-r makes a regular expression of the line that is open, and text again', () => {
	const regex = after(['/', 'a', 'ctrl+r']);
	assert.deepEqual(regex.search, {text: 'a', regex: true});
	assert.equal(after(['ctrl+r'], regex).search?.regex, false);
	assert.deepEqual(after(['&', 'ctrl+r', 'a']).filter, {text: 'a', regex: true});
});

test('the level goes from all to warnings to errors to all; noise folds and unfolds', () => {
	assert.deepEqual(
		[1, 2, 3].map((times) => after(Array.from({length: times}, () => 'L')).minimum),
		['warning', 'error', undefined],
	);
	assert.equal(after(['i']).foldNoise, true);
	assert.equal(after(['i', 'i']).foldNoise, false);
});

test('times go through every mode, and begin again', () => {
	const times = (count: number) => after(Array.from({length: count}, () => 'T')).timestamps;
	assert.deepEqual([0, 1, 2, 3, 4, 5].map(times), [
		'local',
		'utc',
		'relative',
		'since start',
		'off',
		'local',
	]);
});

test('Escape takes a mark away when nothing else is left', () => {
	const mark = {service: 'a'} as unknown as NonNullable<View['mark']>;
	const marked = {...initialView, mark, filter: {text: 'f', regex: false}};
	assert.equal(after(['escape'], marked).mark, mark);
	assert.equal(after(['escape', 'escape'], marked).mark, undefined);
});

test('who scrolls on has left the line that was found', () => {
	const mark = {service: 'a'} as unknown as NonNullable<View['mark']>;
	assert.equal('mark' in after(['pageup'], {...initialView, mark}), false);
});
