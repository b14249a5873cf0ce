import assert from 'node:assert/strict';
import {test} from 'node:test';
import {firstRun} from '../../../src/stack/startup/first-run.ts';
import {remember, summary, usual, type History} from '../../../src/stack/startup/history.ts';
import {initialTimeline, type Timeline} from '../../../src/stack/startup/start.ts';
import type {StepId} from '../../../src/stack/startup/steps.ts';
import {noWork} from '../../../src/stack/startup/operation.ts';

const done = (id: StepId, service: string, start: number, end: number) => ({
	id,
	service,
	state: 'done' as const,
	start,
	end,
	detail: '',
});

/** A start that installs its packages: pip takes all of it but 13.2 s. */
const start = (total: number): Timeline => ({
	...initialTimeline,
	phase: 'ready',
	start: 0,
	end: total,
	stack: [{id: 'create', service: '', state: 'skipped', detail: ''}],
	lanes: {
		mlflow: {
			service: 'mlflow',
			role: 'tracking',
			heard: {},
			steps: [
				done('install', 'mlflow', 200, total - 13_000),
				done('load', 'mlflow', total - 13_000, total - 5000),
				done('answer', 'mlflow', total - 5000, total),
			],
		},
	},
});

test('a first start has nothing to be compared with', () => {
	assert.equal(summary(start(51_200), {}), '51.2 s; pip took 38 s of it');
});

test('a start is compared with the usual one, and its longest part named', () => {
	let history: History = {};
	for (const total of [54_600, 90_000, 30_000]) {
		history = remember(history, start(total));
	}

	assert.equal(summary(start(51_200), history), '51.2 s, 3.4 s faster than usual; pip took 38 s of it');
	assert.equal(
		summary(start(74_600), history),
		'1 min 15 s, 20 s slower than usual; pip took 1 min 1 s of it',
	);
	assert.equal(summary(start(54_000), history), '54 s, as usual; pip took 40.8 s of it');
});

test('only like is compared with like', () => {
	const history = remember({}, start(54_600));
	const warm: Timeline = {
		...initialTimeline,
		phase: 'ready',
		start: 0,
		end: 5100,
		lanes: {
			mlflow: {service: 'mlflow', role: 'tracking', heard: {}, steps: [done('load', 'mlflow', 0, 2500)]},
		},
	};
	assert.equal(summary(warm, history), '5.1 s; loading MLflow took 2.5 s of it');
});

test('of a build it is pip that took the time', () => {
	const built: Timeline = {
		...initialTimeline,
		phase: 'ready',
		start: 0,
		end: 60_000,
		stack: [done('build', '', 0, 50_000)],
		work: {...noWork, install: {by: 'pip', start: 4000, end: 42_000}},
	};
	assert.equal(summary(built, {}), '1 min 0 s; pip took 38 s of it');
	assert.equal(summary({...built, work: noWork}, {}), '1 min 0 s; the build took 50 s of it');
});

test('a start that is under way or failed is neither told nor remembered', () => {
	const {end, ...working} = start(51_200);
	for (const timeline of [
		{...working, phase: 'starting'},
		{...start(51_200), phase: 'failed'},
	] as const) {
		assert.equal(summary(timeline, {}), '');
		assert.deepEqual(remember({}, timeline), {});
	}
});

test('the history keeps durations of steps and starts, and only so many', () => {
	let history: History = {};
	for (let index = 0; index < 30; index++) {
		history = remember(history, start(50_000 + index));
	}

	assert.deepEqual(Object.keys(history).sort(), [
		'mlflow.answer',
		'mlflow.install',
		'mlflow.load',
		'start mlflow install',
	]);
	assert.equal(history['start mlflow install']?.length, 20);
	assert.equal(history['start mlflow install']?.at(-1), 50_029);
	assert.equal(usual(history, 'mlflow.load'), 8000);
	assert.equal(usual(history, 'nothing'), undefined);
});

test('the first run is two lines of Python for the address that is shown', () => {
	assert.deepEqual(firstRun('http://localhost:5001'), [
		'import mlflow; mlflow.set_tracking_uri("http://localhost:5001")',
		'with mlflow.start_run(): mlflow.log_metric("accuracy", 0.93)',
	]);
});
