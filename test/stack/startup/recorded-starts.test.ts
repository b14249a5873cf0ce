import assert from 'node:assert/strict';
import {test} from 'node:test';
import {stepsOf} from '../../../src/stack/startup/start.ts';
import {update} from '../../../src/stack/startup/timeline.ts';
import {after, appears, changes, known, probed, recorded, run, step, told} from './inputs.ts';

test('PostgreSQL is not ready while only its temporary server is', () => {
	const inputs = run('postgres', 'postgres-18-first-start');
	const ready = inputs.findIndex(
		(input) => input.type === 'line' && input.line.text.includes('ready to accept connections'),
	);
	const temporary = after(known, ...inputs.slice(0, ready + 1));
	assert.equal(step(temporary, 'initialise').state, 'working');
	assert.equal(step(temporary, 'accept').state, 'waiting');
	// Its healthcheck may be taken in as well.
	const fooled = after(temporary, changes(Date.now(), 'postgres', {health: 'healthy'}));
	assert.equal(step(fooled, 'accept').state, 'waiting');
	assert.equal(step(after(fooled, ...inputs.slice(ready + 1)), 'accept').state, 'done');
});

test('the first init tells which init script runs', () => {
	const details = new Set<string>();
	let timeline = known;
	for (const input of run('postgres', 'postgres-18-first-start')) {
		timeline = update(timeline, input);
		details.add(stepsOf(timeline).find(({id}) => id === 'initialise')?.detail ?? '');
	}

	assert.ok(details.has('initdb: syncing data to disk'));
	assert.ok(details.has('init script 10-table.sql'));
	assert.ok(details.has('init script 20-hello.sh'));
});

test('a restart of PostgreSQL initialises nothing', () => {
	const restart = run('postgres', 'postgres-18-restart');
	assert.deepEqual(told(after(known, ...restart)), ['postgres.initialise skipped', 'postgres.accept done']);
});

test('crash recovery is a step of its own', () => {
	const timeline = after(known, ...run('postgres', 'postgres-18-crash-recovery'));
	assert.deepEqual(told(timeline), [
		'postgres.initialise skipped',
		'postgres.recover done',
		'postgres.accept done',
	]);
	const {start = 0, end = 0} = step(timeline, 'recover');
	assert.ok(end > start);
});

test('waiting for the database says which attempt it is, and why', () => {
	let timeline = after(known, changes(0, 'mlflow', {}), appears(0, 'mlflow', {startedAt: 0}));
	const details: string[] = [];
	for (const line of recorded('mlflow-3.17.2-database-down')) {
		timeline = update(timeline, {type: 'line', line});
		details.push(stepsOf(timeline).find(({id}) => id === 'database')?.detail ?? '');
	}

	assert.ok(details.includes('attempt 1: Connection refused; again in 0.1 s'));
	assert.ok(details.includes('attempt 9: Connection refused; again in 51.1 s'));
	assert.equal(step(timeline, 'database').state, 'working');
	timeline = update(timeline, changes(1e13, 'mlflow', {status: 'exited', exitCode: 1}));
	assert.deepEqual(
		[step(timeline, 'database').state, step(timeline, 'database').detail],
		['failed', 'exited (1)'],
	);
	assert.equal(timeline.phase, 'failed');
});

test('waiting for the database ends when MLflow goes on', () => {
	const timeline = after(known, ...run('mlflow', 'mlflow-3.17.2-waits-for-database'));
	assert.deepEqual(told(timeline), [
		'mlflow.load done',
		'mlflow.database done',
		'mlflow.migrate done',
		'mlflow.listen done',
		'mlflow.workers done',
		'mlflow.answer working',
	]);
});

/** What each version that was recorded goes through until its log says no more. */
const starts: Readonly<Record<string, readonly string[]>> = {
	'mlflow-3.17.2-restart': ['load done', 'migrate skipped', 'listen done', 'workers done', 'answer working'],
	'mlflow-3.17.2-one-worker': ['load done', 'migrate skipped', 'listen done', 'answer working'],
	'mlflow-3.17.2-migrates-2.22.5': ['load done', 'migrate done', 'listen done', 'answer working'],
	'mlflow-3.17.2-pip-at-start': [
		'install done',
		'load done',
		'migrate skipped',
		'listen done',
		'answer working',
	],
	'mlflow-3.17.2-pip-at-restart': [
		'install done',
		'load done',
		'migrate skipped',
		'listen done',
		'answer working',
	],
	'mlflow-3.5.1-first-start': ['load done', 'migrate done', 'listen done', 'workers done', 'answer working'],
	'mlflow-3.5.1-restart': ['load done', 'migrate done', 'listen done', 'workers done', 'answer working'],
	'mlflow-3.1.4-first-start': [
		'load done',
		'migrate done',
		'listen done',
		'workers working',
		'answer waiting',
	],
	'mlflow-3.1.4-restart': ['load done', 'migrate done', 'listen done', 'workers working', 'answer waiting'],
	'mlflow-2.22.5-first-start': [
		'load done',
		'migrate done',
		'listen done',
		'workers working',
		'answer waiting',
	],
	'mlflow-2.22.5-restart': [
		'load done',
		'migrate skipped',
		'listen done',
		'workers working',
		'answer waiting',
	],
	'mlflow-1.30.1-first-start': [
		'load done',
		'migrate done',
		'listen done',
		'workers working',
		'answer waiting',
	],
	'mlflow-1.30.1-restart': [
		'load done',
		'migrate skipped',
		'listen done',
		'workers working',
		'answer waiting',
	],
};
for (const [name, steps] of Object.entries(starts)) {
	test(`the steps of ${name} are read off its log`, () => {
		const timeline = after(known, ...run('mlflow', name));
		assert.deepEqual(
			told(timeline),
			steps.map((step) => `mlflow.${step}`),
		);
		const ready = update(timeline, probed(1e13, 'works'));
		assert.equal(ready.phase, 'ready');
		for (const {state, start = 0, end = 0} of stepsOf(ready)) {
			assert.ok(state === 'skipped' || (state === 'done' && end >= start && start > 0));
		}
	});
}

test('the migrations of old versions are counted', () => {
	const timeline = after(known, ...run('mlflow', 'mlflow-3.1.4-first-start'));
	assert.match(step(timeline, 'migrate').detail, /^revision \d\d: \w/);
});

test('the server that gunicorn makes is up when it answers, whatever its workers say', () => {
	const timeline = after(known, ...run('mlflow', 'mlflow-2.22.5-first-start'));
	assert.equal(step(timeline, 'workers').detail, '4 booted');
});
