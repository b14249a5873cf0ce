import assert from 'node:assert/strict';
import {test} from 'node:test';
import {activeLog, logViews, ownPane} from '../../src/screen/log-readings.ts';
import {bindingOf} from '../../src/keys.ts';
import {scopeOf} from '../../src/screen/scope.ts';
import {initialView, viewAfter, type View, type ViewFacts} from '../../src/screen/view.ts';

const facts: ViewFacts = {
	services: ['postgres', 'mlflow', 'minio'],
	page: 10,
	scrolled: (_view, by) => ({follow: false, index: by === 'start' ? 0 : 50 + by, row: 0}),
	moved: () => undefined,
	jumped: () => undefined,
};
const wide: View = {...initialView, columns: 161, selected: 'postgres'};

function after(keys: readonly string[], view: View = wide): View {
	return keys.reduce((before, key) => {
		const binding = bindingOf(key, scopeOf(before, false));
		return binding ? viewAfter(before, binding.action, facts) : before;
	}, view);
}

/** What is on the screen: each log's service, an asterisk where the keys go. */
function logs(view: View): readonly string[] {
	return logViews(view).map(({allLogs, selected}, place) => {
		const focused = view.pane === 'logs' && place === activeLog(view) ? '*' : '';
		return `${allLogs ? 'all' : selected}${focused}`;
	});
}

test('side by side are the selected service and the next one; again it is one', () => {
	assert.deepEqual(logs(after(['|'])), ['postgres', 'mlflow']);
	assert.deepEqual(logs(after(['|', '|'])), ['postgres']);
	assert.deepEqual(logs(after(['|'], {...wide, selected: 'minio'})), ['minio', 'postgres']);
	assert.deepEqual(
		logViews(after(['|'])).map(({columns}) => columns),
		[81, 80],
	);
});

test('tab goes through services and logs, shift-tab back', () => {
	assert.deepEqual(logs(after(['|', 'tab'])), ['postgres*', 'mlflow']);
	assert.deepEqual(logs(after(['|', 'tab', 'tab'])), ['postgres', 'mlflow*']);
	assert.deepEqual(logs(after(['|', 'tab', 'tab', 'shift+tab'])), ['postgres*', 'mlflow']);
	assert.equal(after(['|', 'tab', 'tab', 'tab']).pane, 'services');
	assert.deepEqual(logs(after(['|', 'shift+tab'])), ['postgres', 'mlflow*']);
	assert.equal(ownPane(after(['|', 'tab', 'tab'])).columns, 80);
});

test('each log has a place of its own', () => {
	const [left, right] = logViews(after(['|', 'tab', 'up', 'up', 'tab', 'home']));
	assert.deepEqual(left?.position, {follow: false, index: 49, row: 0});
	assert.deepEqual(right?.position, {follow: false, index: 0, row: 0});
	const [, followed] = logViews(after(['|', 'tab', 'up', 'tab', 'home', 'end']));
	assert.deepEqual(followed?.position, {follow: true});
});

test('a service that is selected takes the place of the log that keys go to; one that is shown gets the keys', () => {
	assert.deepEqual(logs(after(['|', 'end'])), ['minio', 'mlflow']);
	const moved = after(['|', 'down']);
	assert.deepEqual(logs(moved), ['postgres', 'mlflow']);
	assert.equal(moved.selected, 'mlflow');
	assert.deepEqual(logs(after(['tab', 'tab'], moved)), ['postgres', 'mlflow*']);
});

test('a terminal that becomes narrow shows the log that keys go to, and both when it is wide again', () => {
	const view = after(['|', 'shift+tab']);
	const narrow = {...view, columns: 120};
	assert.deepEqual(logs(narrow), ['mlflow*']);
	assert.deepEqual(logs({...narrow, columns: 160}), ['postgres', 'mlflow*']);
	assert.equal(after(['tab'], narrow).pane, 'services');
});

test('all logs are one log', () => {
	assert.deepEqual(logs(after(['|', 'a'])), ['all']);
});
