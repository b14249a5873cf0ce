import assert from 'node:assert/strict';
import {test} from 'node:test';
import {selector} from '../src/selector.ts';

test('what a selector gives is another only when one of its inputs is', () => {
	const sum = selector(
		({a, b}: {a: number; b: number; c: number}) => [a, b],
		(a, b) => ({sum: a + b}),
	);
	const first = sum({a: 1, b: 2, c: 3});
	assert.deepEqual(first, {sum: 3});
	assert.equal(sum({a: 1, b: 2, c: 4}), first);
	assert.deepEqual(sum({a: 1, b: 3, c: 4}), {sum: 4});
	assert.deepEqual(sum({a: 2, b: 3, c: 4}), {sum: 5});
});
