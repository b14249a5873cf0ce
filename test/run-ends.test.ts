import assert from 'node:assert/strict';
import {test} from 'node:test';
import {RunEnds} from '../src/run-ends.ts';
import type {Container} from '../src/stack/model.ts';
import {aContainer, now} from './support/stack.ts';

/** What waits after a container was all of these in turn. */
function endAfter(...states: readonly Container[]): string | undefined {
	const ends = new RunEnds();
	for (const state of states) {
		ends.observe([state]);
	}

	return ends.take('id-mlflow')?.text;
}

const running = aContainer('mlflow', {startedAt: now});
const exited = aContainer('mlflow', {status: 'exited', startedAt: now, finishedAt: now + 100, exitCode: 3});

test('a run that ends is told with its exit code, whether it was seen running or not', () => {
	assert.equal(endAfter(running, exited), 'kws-mlflow-1 exited (3)');
	assert.equal(endAfter(exited), 'kws-mlflow-1 exited (3)');
	assert.equal(endAfter(running, {...exited, status: 'restarting'}), 'kws-mlflow-1 exited (3)');
});

test('a run that goes on has no end, also when its start is told twice, in different milliseconds', () => {
	assert.equal(endAfter(running), undefined);
	assert.equal(endAfter(running, {...running, startedAt: now + 30, health: 'starting'}), undefined);
});

test('a run that had ended before it was listed is told when the inspection says when', () => {
	const {finishedAt, startedAt, exitCode, ...listed} = exited;
	assert.equal(endAfter(listed), undefined);
	assert.equal(endAfter(listed, exited), 'kws-mlflow-1 exited (3)');
	assert.equal(endAfter(listed, exited, {...running, startedAt: now + 60_000}), 'kws-mlflow-1 exited (3)');
});

test('a start after an end that nobody saw is told as a restart', () => {
	assert.equal(endAfter(running, {...running, startedAt: now + 60_000}), 'kws-mlflow-1 restarted');
});

test('an end is taken once, and only by what came after it', () => {
	const ends = new RunEnds();
	ends.observe([running]);
	ends.observe([exited]);
	ends.observe([{...exited, image: 'other'}]);
	assert.equal(ends.take('id-mlflow', now + 150), undefined, 'a last line without a newline is stamped late');
	assert.equal(ends.take('id-mlflow', now + 2000)?.at, now + 100);
	assert.equal(ends.take('id-mlflow'), undefined);
});

test('what came after the next start is not taken for late lines of the run before', () => {
	const ends = new RunEnds();
	ends.observe([exited]);
	ends.observe([{...running, startedAt: now + 300}]);
	assert.equal(ends.take('id-mlflow', now + 150), undefined);
	assert.equal(ends.take('id-mlflow', now + 290)?.until, now + 200);
});
