import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {StackEvent} from '../../src/stack/model.ts';
import {initialState, serviceViews, update, type StackState} from '../../src/stack/state.ts';
import {aContainer, aStack, now} from '../support/stack.ts';

function after(...events: readonly StackEvent[]): StackState {
	return events.reduce(update, initialState);
}

const snapshot: StackEvent = {
	type: 'snapshot',
	at: now,
	containers: [aContainer('postgres'), aContainer('mlflow')],
};

test('nothing is known until the first snapshot', () => {
	assert.equal(initialState.known, false);
	assert.equal(after(snapshot).known, true);
});

test('a change is applied to its container, and one for an unknown container is none', () => {
	const change: StackEvent = {
		type: 'change',
		at: now,
		id: 'id-postgres',
		change: {status: 'exited', exitCode: 1, finishedAt: now},
	};
	assert.equal(after(snapshot, change).containers.get('id-postgres')?.exitCode, 1);
	const state = after(snapshot);
	assert.equal(update(state, {...change, id: 'unknown'}), state);
});

test('a container that starts again has no exit code any more', () => {
	const container = after(
		snapshot,
		{
			type: 'change',
			at: now,
			id: 'id-postgres',
			change: {status: 'exited', exitCode: 137, oomKilled: true, finishedAt: now},
		},
		{
			type: 'change',
			at: now,
			id: 'id-postgres',
			change: {status: 'running', startedAt: now + 1, health: 'starting'},
		},
	).containers.get('id-postgres');
	assert.equal(container?.status, 'running');
	assert.equal(container?.exitCode, undefined);
	assert.equal(container?.oomKilled, undefined);
	assert.equal(container?.finishedAt, undefined);
});

test('an inspection that says nothing new is no change', () => {
	const state = after(snapshot);
	assert.equal(update(state, {type: 'container', at: now, container: aContainer('postgres')}), state);
});

test('the engine going away keeps what was known; a fresh snapshot replaces it', () => {
	const gone = after(snapshot, {type: 'disconnected', at: now, why: 'socket closed'});
	assert.equal(gone.away?.why, 'socket closed');
	assert.equal(gone.containers.size, 2);
	const back = [
		{type: 'connected', at: now},
		{type: 'snapshot', at: now, containers: []},
	] as const;
	const state = back.reduce(update, gone);
	assert.equal(state.away, undefined);
	assert.equal(state.containers.size, 0);
});

test('the services are those of the file in start order, then what only the engine knows', () => {
	const state = after({
		...snapshot,
		containers: [aContainer('mlflow'), aContainer('grafana', {role: 'other'}), aContainer('postgres')],
	});
	assert.deepEqual(
		serviceViews(aStack(), state).map(({name}) => name),
		['postgres', 'mlflow', 'grafana'],
	);
	assert.deepEqual(
		serviceViews(undefined, state).map(({name}) => name),
		['postgres', 'mlflow', 'grafana'],
	);
});

test('of several containers the one that wants attention speaks for the service', () => {
	const state = after({
		...snapshot,
		containers: [
			aContainer('mlflow', {id: 'a', number: 1}),
			aContainer('mlflow', {id: 'b', number: 2, health: 'unhealthy'}),
			aContainer('mlflow', {id: 'c', number: 3, status: 'exited', exitCode: 1}),
		],
	});
	const [, mlflow] = serviceViews(aStack(), state);
	assert.equal(mlflow?.container?.id, 'c');
	assert.deepEqual(
		mlflow?.containers.map(({number}) => number),
		[1, 2, 3],
	);
});
