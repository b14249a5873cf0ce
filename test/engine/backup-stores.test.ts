import assert from 'node:assert/strict';
import {test} from 'node:test';
import {artifactPlace, isWithin, type ArtifactPlace} from '../../src/engine/docker/artifact-place.ts';

const bare = {environment: {}, command: ['mlflow', 'server'], workingDirectory: '/home/mlflow'};

const places: ReadonlyArray<readonly [what: string, server: Partial<typeof bare>, place: ArtifactPlace]> = [
	['nothing said', {}, {kind: 'path', path: '/home/mlflow/mlartifacts'}],
	[
		'a variable',
		{environment: {MLFLOW_ARTIFACTS_DESTINATION: '/mlartifacts'}},
		{kind: 'path', path: '/mlartifacts'},
	],
	[
		'an option, which wins over the variable',
		{
			command: ['mlflow', 'server', '--artifacts-destination', 's3://mlflow/a'],
			environment: {MLFLOW_ARTIFACTS_DESTINATION: '/mlartifacts'},
		},
		{kind: 'elsewhere', uri: 's3://mlflow/a'},
	],
	[
		'a root within a shell’s line',
		{
			command: [
				'bash',
				'-c',
				'pip install mlflow && mlflow server --default-artifact-root=./mlruns --port 5000',
			],
			workingDirectory: '/app',
		},
		{kind: 'path', path: '/app/mlruns'},
	],
	[
		'a root that points at the server itself',
		{command: ['mlflow', 'server', '--default-artifact-root', 'mlflow-artifacts:/']},
		{kind: 'path', path: '/home/mlflow/mlartifacts'},
	],
	[
		'a file URI',
		{environment: {MLFLOW_ARTIFACTS_DESTINATION: 'file:///data/artifacts'}},
		{kind: 'path', path: '/data/artifacts'},
	],
	['an empty working directory', {workingDirectory: ''}, {kind: 'path', path: '/mlartifacts'}],
];
for (const [what, server, place] of places) {
	test(`artifacts are found with ${what}`, () => {
		assert.deepEqual(artifactPlace({...bare, ...server}), place);
	});
}

test('a path is within a folder by whole names', () => {
	assert.equal(isWithin('/mlartifacts', '/mlartifacts'), true);
	assert.equal(isWithin('/data/artifacts', '/data'), true);
	assert.equal(isWithin('/data', '/'), true);
	assert.equal(isWithin('/mlartifacts-2', '/mlartifacts'), false);
	assert.equal(isWithin('/data', '/data/artifacts'), false);
});
