import assert from 'node:assert/strict';
import {test} from 'node:test';
import {tell, type Tale} from '../../../src/stack/diagnosis/card.ts';

const commands: readonly string[] = [
	'{compose} logs --tail 50 {service}',
	'{compose} up -d {service}',
	'{compose} exec {service} sh -c true',
	'{compose} up -d --remove-orphans',
	'docker system df',
	'df -h',
];

const tale: Tale = {title: '', why: '', mend: commands.map((command) => ({text: 'Do it.', command}))};

function told(compose: string): ReadonlyArray<string | undefined> {
	return tell(tale, {compose, service: 'mlflow'}).mend.map(({command}) => command);
}

test('a stack with a compose file is mended by compose', () => {
	assert.deepEqual(told('docker compose -p kws'), [
		'docker compose -p kws logs --tail 50 mlflow',
		'docker compose -p kws up -d mlflow',
		'docker compose -p kws exec mlflow sh -c true',
		'docker compose -p kws up -d --remove-orphans',
		'docker system df',
		'df -h',
	]);
});

test('a stack without compose is mended by mlstack, where it has such a command', () => {
	assert.deepEqual(told('mlstack'), [
		'mlstack logs --tail 50 mlflow',
		'mlstack start mlflow',
		undefined,
		undefined,
		undefined,
		'df -h',
	]);
});
