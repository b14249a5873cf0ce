import assert from 'node:assert/strict';
import {test} from 'node:test';
import {runCli} from '../support/cli.ts';
import {FakeEngine} from '../support/fake-engine.ts';

test('the options name the engine and the stack; the environment does where they are silent', async () => {
	const engine = new FakeEngine();
	const environment = {COMPOSE_PROJECT_NAME: 'other', MLSTACK_ENGINE: 'native'};
	const given = await runCli(
		[
			'-f',
			'a.yaml',
			'-p',
			'kws',
			'--host',
			'tcp://gpu:2376',
			'--engine',
			'docker',
			'status',
			'--context',
			'x',
		],
		{engine, environment},
	);
	const [named] = engine.requests;
	assert.deepEqual(given.engines, [
		{host: 'tcp://gpu:2376', context: 'x', kind: 'docker', request: named, environment},
	]);
	const silent = await runCli(['status'], {engine, environment});
	assert.deepEqual(silent.engines, [{kind: 'native', request: engine.requests[1], environment}]);
	assert.deepEqual(engine.requests, [
		{files: ['a.yaml'], project: 'kws', directory: '/home/ana/kws', environment},
		{files: [], project: 'other', directory: '/home/ana/kws', environment},
	]);
});

test('MLSTACK_ENGINE that names no engine is a wrong call', async () => {
	const {code, stderr, engines} = await runCli(['status'], {environment: {MLSTACK_ENGINE: 'podman'}});
	assert.equal(code, 2);
	assert.equal(
		stderr,
		'mlstack: MLSTACK_ENGINE names no engine: podman\n  why: it may be auto, docker, native\n',
	);
	assert.deepEqual(engines, []);
});

test('help opens no engine', async () => {
	assert.deepEqual((await runCli(['help'])).engines, []);
});

test('an error that nobody foresaw is one sentence; MLSTACK_DEBUG shows where it came from', async () => {
	const plain = await runCli(['status']);
	assert.equal(plain.stderr, 'mlstack: this test gives no engine\n');
	assert.equal(plain.code, 1);
	const debug = await runCli(['status'], {environment: {MLSTACK_DEBUG: '1'}});
	assert.match(debug.stderr, /this test gives no engine\n {4}at /);
});
