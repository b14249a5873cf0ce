import assert from 'node:assert/strict';
import {test} from 'node:test';
import {asFailure, Failure, failureText} from '../src/failure.ts';

test('a failure reads as what happened, why, and what to do next', () => {
	const failure = new Failure('no engine answers', {
		code: 'no-engine',
		why: 'nothing listens on /run/docker.sock',
		next: ['start Docker', 'mlstack status'],
	});
	assert.equal(
		failureText(failure),
		[
			'mlstack: no engine answers',
			'  why: nothing listens on /run/docker.sock',
			'  next: start Docker',
			'        mlstack status',
		].join('\n'),
	);
});

test('anything thrown becomes a failure; a failure stays itself', () => {
	const failure = new Failure('x', {code: 'y'});
	assert.equal(asFailure(failure), failure);
	assert.equal(asFailure(new TypeError('broken')).message, 'broken');
	assert.equal(asFailure('text').code, 'unexpected');
});
