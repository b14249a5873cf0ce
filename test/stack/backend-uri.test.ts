import assert from 'node:assert/strict';
import {test} from 'node:test';
import {upgradeScript} from '../../src/stack/backend-uri.ts';

const fromEnvironment = 'exec mlflow db upgrade "$MLFLOW_BACKEND_STORE_URI"';

const cases: ReadonlyArray<readonly [how: string, service: object, script: string]> = [
	['the environment', {environment: {MLFLOW_BACKEND_STORE_URI: 'postgresql://p'}}, fromEnvironment],
	[
		'an option',
		{
			command: [
				'mlflow',
				'server',
				'--backend-store-uri',
				'postgresql://ana:x@postgres/db',
				'--port',
				'5000',
			],
		},
		'exec mlflow db upgrade "postgresql://ana:x@postgres/db"',
	],
	[
		'a shell line with a variable',
		{
			command: [
				'sh',
				'-c',
				'pip install mlflow && mlflow server --backend-store-uri="postgresql://$${USER}@postgres/db"',
			],
		},
		'exec mlflow db upgrade "postgresql://${USER}@postgres/db"',
	],
	['nowhere', {command: ['mlflow', 'server']}, fromEnvironment],
	[
		'a value that would run something',
		{command: ['mlflow', 'server', '--backend-store-uri', '`id`']},
		fromEnvironment,
	],
];

for (const [how, service, script] of cases) {
	test(`the database to migrate is found in ${how}`, () => {
		assert.equal(upgradeScript({name: 'kws', services: {mlflow: service}}, 'mlflow'), script);
	});
}

test('without files the server’s environment is asked', () => {
	assert.equal(upgradeScript(undefined, 'mlflow'), fromEnvironment);
});
