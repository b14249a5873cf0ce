import assert from 'node:assert/strict';
import {readdir, readFile} from 'node:fs/promises';
import {test} from 'node:test';
import {asFailure, Failure, failureText} from '../src/failure.ts';
import {clause} from './support/clause.ts';

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

test('the message of every failure begins with a small letter or a name, and has no full stop', async () => {
	const source = new URL('../src/', import.meta.url);
	const files = (await readdir(source, {recursive: true})).filter((file) => file.endsWith('.ts'));
	const messages: string[] = [];
	for (const file of files) {
		const text = await readFile(new URL(file, source), 'utf8');
		for (const [, , message = ''] of text.matchAll(/new Failure\(\s*(['`])((?:\\.|(?!\1).)*)\1,/gs)) {
			messages.push(message);
		}
	}

	assert.ok(messages.length > 100);
	assert.deepEqual(
		messages.filter((message) => !clause.test(message)),
		[],
	);
});

test('anything thrown becomes a failure; a failure stays itself', () => {
	const failure = new Failure('x', {code: 'y'});
	assert.equal(asFailure(failure), failure);
	assert.equal(asFailure(new TypeError('broken')).message, 'broken');
	assert.equal(asFailure('text').code, 'unexpected');
});
