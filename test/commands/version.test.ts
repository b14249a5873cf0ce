import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Failure} from '../../src/failure.ts';
import {runCli} from '../support/cli.ts';
import {FakeEngine} from '../support/fake-engine.ts';

/** Without a PATH there is no docker command, and so no compose. */
const environment = {PATH: '/nonexistent'};

test('names mlstack, Node, the engine and compose', async () => {
	const {stdout, code} = await runCli(['version'], {engine: new FakeEngine(), environment});
	assert.match(stdout, /^mlstack {2}\d+\.\d+\.\d+\nnode {5}\d+\.\d+\.\d+ /);
	assert.match(
		stdout,
		/^engine {3}docker 28\.5\.2, API 1\.51, linux\/amd64 \(default, unix:\/\/\/var\/run\/docker\.sock\)$/m,
	);
	assert.match(stdout, /^compose {2}none$/m);
	assert.equal(code, 0);
});

test('without an engine it says so, and is no failure', async () => {
	const engine = new FakeEngine();
	engine.failure = new Failure('no Docker Engine answers', {code: 'no-engine', reason: 'noEngine'});
	const {stdout, code} = await runCli(['--version'], {engine, environment});
	assert.match(stdout, /^engine {3}none: no Docker Engine answers$/m);
	assert.equal(code, 0);
});

test('--json prints one versioned document', async () => {
	const {stdout} = await runCli(['version', '--json'], {engine: new FakeEngine(), environment});
	const document = JSON.parse(stdout) as Record<string, unknown>;
	assert.deepEqual(document['engine'], {
		kind: 'docker',
		version: '28.5.2',
		apiVersion: '1.51',
		context: 'default',
		endpoint: 'unix:///var/run/docker.sock',
		os: 'linux',
		arch: 'amd64',
	});
	assert.deepEqual(
		[document['version'], document['node'], 'compose' in document],
		[1, process.versions.node, false],
	);
});
