import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Failure} from '../../../src/failure.ts';
import {
	failuresOf,
	holds,
	initialVerification,
	stepTime,
	update,
	verdict,
	verifySteps,
	type Verification,
	type VerifyEvent,
} from '../../../src/stack/verify/verification.ts';

const after = (...events: readonly VerifyEvent[]): Verification => events.reduce(update, initialVerification);
const allDone: readonly VerifyEvent[] = initialVerification.steps.map(({name}) => ({
	type: 'step',
	step: {name, state: 'done', took: 100, detail: `detail of ${name}`},
}));
const failure = new Failure('the run is not in PostgreSQL', {code: 'backend-not-postgres'});

test('only when every step is done does it hold, and says where everything is', () => {
	const verification = after(...allDone, {type: 'over', isCancelled: false});
	assert.equal(holds(verification), true);
	assert.equal(
		verdict(verification),
		'proved in 700 ms: metadata in PostgreSQL (detail of rows), artifacts in detail of volume',
	);
	for (const {name} of initialVerification.steps) {
		assert.equal(holds(update(verification, {type: 'step', step: {name, state: 'skipped'}})), false, name);
		assert.equal(holds(update(verification, {type: 'step', step: {name, state: 'failed', failure}})), false);
	}
});

test('steps whose turn never came are skipped, and the failures are kept in their order', () => {
	const verification = after(
		...allDone.slice(0, 3),
		{type: 'step', step: {name: 'rows', state: 'failed', took: 1, failure}},
		{type: 'over', isCancelled: false},
	);
	assert.deepEqual(
		verification.steps.map(({state}) => state),
		['done', 'done', 'done', 'skipped', 'failed', 'skipped', 'skipped'],
	);
	assert.deepEqual(failuresOf(verification), [failure]);
	assert.equal(verdict(verification), 'not proved: one thing is wrong');
});

test('a cancelled verification proves nothing, even after steps that were done', () => {
	const verification = after(...allDone, {type: 'over', isCancelled: true});
	assert.equal(verification.isOver, true);
	assert.match(verdict(verification), /nothing is proved/);
});

test('each step says in words what holds once it is done', () => {
	assert.equal(new Set(Object.values(verifySteps)).size, initialVerification.steps.length);
	assert.deepEqual([stepTime(8.4), stepTime(999), stepTime(1234)], ['8 ms', '999 ms', '1.2 s']);
});
