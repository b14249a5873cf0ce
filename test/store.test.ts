import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Failure} from '../src/failure.ts';
import {LogBook} from '../src/logs/book.ts';
import {selectAddress, selectKeyFacts, Store} from '../src/store.ts';
import {aContainer, aStack, now} from './support/stack.ts';

function aStore(): Store {
	return new Store(new LogBook(), {}, now);
}

test('listeners hear of a change once, and not of an event that changes nothing', () => {
	const store = aStore();
	let heard = 0;
	const stop = store.subscribe(() => heard++);
	const event = {
		type: 'engine-event',
		event: {type: 'container', at: now, container: aContainer('postgres')},
	} as const;
	store.dispatch(event);
	assert.equal(heard, 1);
	store.dispatch(event);
	assert.equal(heard, 1);
	stop();
	store.dispatch({type: 'tick', now: now + 1000});
	assert.equal(heard, 1);
});

test('the first service is selected, and the selection survives as long as its service', () => {
	const store = aStore();
	store.dispatch({type: 'stack', stack: aStack()});
	assert.equal(store.getState().view.selected, 'postgres');
	store.dispatch({type: 'view', view: {...store.getState().view, selected: 'mlflow'}});
	store.dispatch({type: 'stack', stack: aStack()});
	assert.equal(store.getState().view.selected, 'mlflow');
	store.dispatch({type: 'stack', stack: aStack({services: aStack().services.slice(0, 1)})});
	assert.equal(store.getState().view.selected, 'postgres');
});

test('an operation collects its steps and its output, and keeps why it failed', () => {
	const store = aStore();
	store.dispatch({type: 'operation-began', kind: 'up', services: [], at: now});
	assert.equal(selectKeyFacts(store.getState()).operation, 'up');
	const step = {type: 'step', id: 'container a', kind: 'container', name: 'a'} as const;
	store.dispatch({
		type: 'progress',
		progress: [
			{...step, at: now + 10, state: 'working', status: 'Starting'},
			{...step, at: now + 30, state: 'done', status: 'Started'},
			{type: 'output', at: now + 40, level: 'warning', text: 'a warning'},
		],
	});
	const {operation} = store.getState();
	assert.deepEqual(
		[...(operation?.steps.values() ?? [])].map(({state, startedAt, at}) => [state, startedAt, at]),
		[['done', now + 10, now + 30]],
	);
	assert.equal(operation?.output[0]?.text, 'a warning');
	const failure = new Failure('port taken', {code: 'port-taken'});
	store.dispatch({type: 'operation-ended', at: now + 50, failure});
	assert.equal(store.getState().operation?.failure, failure);
	assert.equal(selectKeyFacts(store.getState()).operation, undefined);
});

test('the card of a missing engine goes when an engine answers', () => {
	const store = aStore();
	const failure = new Failure('none', {code: 'no-engine', reason: 'noEngine'});
	store.dispatch({type: 'no-engine', failure});
	store.dispatch({type: 'no-engine', failure});
	assert.equal(store.getState().noEngine?.tries, 2);
	store.dispatch({type: 'engine-event', event: {type: 'disconnected', at: now, why: ''}});
	assert.ok(store.getState().noEngine);
	store.dispatch({type: 'engine-event', event: {type: 'snapshot', at: now, containers: []}});
	assert.equal(store.getState().noEngine, undefined);
});

test("the tracking server's address is where its container is published", () => {
	const store = aStore();
	store.dispatch({type: 'stack', stack: aStack()});
	assert.equal(selectAddress(store.getState()), 'http://localhost:5000');
	const ports = [{address: '0.0.0.0', published: 5055, target: 5000, protocol: 'tcp'}];
	store.dispatch({
		type: 'engine-event',
		event: {type: 'snapshot', at: now, containers: [aContainer('mlflow', {ports})]},
	});
	assert.equal(selectAddress(store.getState()), 'http://localhost:5055');
});

test('the same answer of the tracking server again is no news', () => {
	const store = aStore();
	const health = {at: now, url: 'http://localhost:5000', answers: true, works: true, word: 'works', why: ''};
	store.dispatch({type: 'tracking', health});
	const state = store.getState();
	store.dispatch({type: 'tracking', health: {...health, at: now + 1000}});
	assert.equal(store.getState(), state);
	store.dispatch({type: 'tracking', health: {...health, works: false, word: 'database down'}});
	assert.equal(store.getState().tracking?.works, false);
});
