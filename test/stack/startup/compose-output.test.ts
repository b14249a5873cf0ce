import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {ProgressReader} from '../../../src/engine/docker/progress.ts';
import {cards} from '../../../src/stack/diagnosis/cards.ts';
import {update as diagnose} from '../../../src/stack/diagnosis/diagnosis.ts';
import {initialDiagnosis} from '../../../src/stack/diagnosis/state.ts';
import type {StackInput} from '../../../src/stack/startup/input.ts';
import {after, known, services} from './inputs.ts';

/** What compose printed, as the engine reports it; a line each 20 ms. */
function reported(name: string): readonly StackInput[] {
	const reader = new ProgressReader(services);
	const file = new URL(`../../fixtures/compose/${name}`, import.meta.url);
	return readFileSync(file, 'utf8')
		.split('\n')
		.flatMap((line, index) => reader.read(line, index * 20))
		.map((progress): StackInput => ({type: 'progress', progress}));
}

const begin: StackInput = {type: 'begin', at: 0, operation: 'up', services: []};

for (const name of ['up-pull-build.jsonl', 'up-pull-build.plain.txt']) {
	test(`compose’s output becomes the steps of a start: ${name}`, () => {
		const {stack} = after(known, begin, ...reported(name));
		assert.deepEqual(
			stack.map(({id, state, detail}) => `${id} ${state}: ${detail}`),
			[
				`pull done: ${name.endsWith('jsonl') ? '1.1 of 1.1 MB, ' : ''}1 of 1 layers`,
				'build done: step 2 of 2',
				'create done: kws-web-1',
			],
		);
	});
}

test('a build that fails fails the build, and the diagnosis says why', () => {
	const inputs = reported('up-build-fails.jsonl');
	const {stack} = after(known, begin, ...inputs);
	assert.deepEqual(
		stack.map(({id, state}) => `${id} ${state}`),
		['build failed', 'create waiting'],
	);
	assert.deepEqual(
		cards(inputs.reduce(diagnose, initialDiagnosis)).map(({title}) => title),
		['pip finds no mlflow==9'],
	);
});
