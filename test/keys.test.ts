import assert from 'node:assert/strict';
import {test} from 'node:test';
import {bindingOf, footerBindings, keyBindings, keysMarkdown, type KeyFacts} from '../src/keys.ts';

const allWell: KeyFacts = {
	connected: true,
	hasFiles: true,
	containers: 2,
	running: 2,
	tracks: true,
	services: 2,
	columns: 160,
	isSplit: false,
	selected: {name: 'mlflow', exists: true, running: true},
	address: 'http://localhost:5000',
};

for (const binding of keyBindings) {
	const name = `${binding.scope}: ${binding.shown}`;
	test(`key ${name} is found by each of its names, and explained`, () => {
		for (const key of binding.keys) {
			assert.equal(bindingOf(key, binding.scope), binding, `${key} is taken by another row`);
		}

		assert.match(binding.help, /^[A-Z].*\.$/);
		const shown = binding.shown.replace('|', String.raw`\|`);
		assert.ok(keysMarkdown().includes(`| \`${shown}\` | ${binding.help} |`));
	});
}

test('a pane has the keys of the dashboard, unless it gives one another meaning', () => {
	assert.equal(bindingOf('u', 'logs')?.action, 'up');
	assert.equal(bindingOf('up', 'logs')?.action, 'scroll-up');
	assert.equal(bindingOf('up', 'services')?.action, 'select-previous');
});

test('a dialog has no keys but its own: nothing behind it can be pressed', () => {
	for (const key of ['u', 'd', 'r', 'b', 'o']) {
		for (const scope of ['confirm', 'help', 'prune', 'prune-confirm', 'prune-type', 'work'] as const) {
			assert.equal(bindingOf(key, scope), undefined);
		}
	}
});

test('Enter alone never confirms', () => {
	assert.equal(bindingOf('enter', 'confirm')?.action, 'close');
	assert.equal(bindingOf('enter', 'prune-confirm'), undefined);
});

test('what is dangerous asks: it is bound to a key that opens a question', () => {
	assert.deepEqual(
		keyBindings.filter(({dangerous}) => dangerous).map(({action}) => action),
		['down', 'prune', 'migrate'],
	);
});

test('a key that can do nothing now says why', () => {
	const why = (key: string, facts: KeyFacts) => bindingOf(key, 'dashboard')?.blocked?.(facts);
	assert.equal(why('u', allWell), undefined);
	assert.match(why('u', {...allWell, operation: 'up'}) ?? '', /`up` is still at work/);
	assert.match(why('u', {...allWell, hasFiles: false}) ?? '', /-f FILE/);
	assert.match(why('v', {...allWell, tracks: false}) ?? '', /no MLflow server runs; u starts the stack/);
	assert.equal(why('v', allWell), undefined);
	assert.match(why('u', {...allWell, connected: false}) ?? '', /engine does not answer/);
	assert.match(why('d', {...allWell, containers: 0}) ?? '', /no container/);
	assert.match(
		why('r', {...allWell, selected: {name: 'mlflow', exists: false, running: false}}) ?? '',
		/no container/,
	);
	assert.match(why('|', {...allWell, columns: 120}) ?? '', /two logs need 140 columns, .* has 120/);
	assert.match(why('|', {...allWell, services: 1}) ?? '', /no second service/);
	assert.equal(why('|', {...allWell, columns: 120, isSplit: true}), undefined);
	const {address, ...nowhere} = allWell;
	assert.match(why('o', nowhere) ?? '', /published port/);
	assert.match(why('x', allWell) ?? '', /nothing is at work/);
});

test('the footer keeps its order, and a dialog has its own', () => {
	assert.deepEqual(
		footerBindings('services')
			.slice(0, 3)
			.map(({action}) => action),
		['up', 'down', 'restart'],
	);
	assert.deepEqual(
		footerBindings('confirm').map(({action}) => action),
		['confirm', 'close'],
	);
});
