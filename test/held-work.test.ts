import assert from 'node:assert/strict';
import {test} from 'node:test';
import {HeldWork} from '../src/held-work.ts';

test('what comes after held work waits for all of it, however it ends; without any it comes at once', async () => {
	const held = new HeldWork();
	const done: string[] = [];
	held.after(() => done.push('at once'));
	assert.deepEqual(done, ['at once']);

	const first = Promise.withResolvers<void>();
	const second = Promise.withResolvers<void>();
	held.add(first.promise);
	held.add(second.promise);
	held.after(() => done.push('after it'));
	first.reject(new Error('it failed'));
	await new Promise((resolve) => setImmediate(resolve));
	assert.deepEqual(done, ['at once']);
	second.resolve();
	await held.settled();
	await new Promise((resolve) => setImmediate(resolve));
	assert.deepEqual(done, ['at once', 'after it']);
	held.after(() => done.push('again at once'));
	assert.equal(done.length, 3);
});
