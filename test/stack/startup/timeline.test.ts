import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {StackInput} from '../../../src/stack/startup/input.ts';
import {startedServices} from '../../../src/stack/startup/history.ts';
import {stepsOf} from '../../../src/stack/startup/start.ts';
import {update} from '../../../src/stack/startup/timeline.ts';
import {
	after,
	appears,
	changes,
	container,
	known,
	lines,
	prints,
	probed,
	recorded,
	reports,
	run,
	said,
	snapshot,
	step,
	told,
} from './inputs.ts';

test('a first start by mlstack goes from the pull to the first healthy answer', () => {
	const mib = 1e6;
	let timeline = after(known, {type: 'begin', at: 0, operation: 'up', services: []});
	assert.equal(timeline.phase, 'starting');
	assert.deepEqual(told(timeline), [
		'create waiting',
		'postgres.initialise waiting',
		'postgres.accept waiting',
		'mlflow.load waiting',
		'mlflow.migrate waiting',
		'mlflow.listen waiting',
		'mlflow.answer waiting',
	]);

	timeline = after(
		timeline,
		reports(10, 'pull', 'postgres:18', 'Pulling'),
		reports(20, 'layer', 'aa', 'Downloading', {parent: 'pull postgres:18', current: 0, total: 80 * mib}),
		reports(30, 'layer', 'bb', 'Download complete', {parent: 'pull postgres:18', state: 'done'}),
		reports(2010, 'layer', 'aa', 'Downloading', {
			parent: 'pull postgres:18',
			current: 60 * mib,
			total: 80 * mib,
		}),
	);
	assert.equal(step(timeline, 'pull').detail, '60.0 of 80.0 MB, 1 of 2 layers, 30.0 MB/s');
	timeline = after(
		timeline,
		reports(2500, 'layer', 'aa', 'Extracting', {parent: 'pull postgres:18', current: 1, total: 80 * mib}),
		reports(3000, 'layer', 'aa', 'Pull complete', {parent: 'pull postgres:18', state: 'done'}),
		reports(3100, 'pull', 'postgres:18', 'Pulled', {state: 'done'}),
	);
	assert.deepEqual(
		{...step(timeline, 'pull')},
		{
			id: 'pull',
			service: '',
			state: 'done',
			start: 10,
			end: 3100,
			detail: '80.0 of 80.0 MB, 2 of 2 layers',
		},
	);

	timeline = after(
		timeline,
		reports(3200, 'build', 'mlflow', 'Building', {current: 2, total: 5}),
		prints(3300, 'Collecting mlflow==3.17.2'),
		prints(4000, '  Downloading pyarrow-22.0.0-cp313-cp313-manylinux_2_28_x86_64.whl (47.7 MB)'),
	);
	assert.equal(step(timeline, 'build').detail, 'step 2 of 5, pip: 1 package so far, now pyarrow');
	timeline = after(
		timeline,
		prints(40_000, 'Successfully installed mlflow-3.17.2 pyarrow-22.0.0'),
		reports(41_000, 'build', 'mlflow', 'Built', {current: 5, total: 5, state: 'done'}),
		reports(41_100, 'network', 'kws_default', 'Creating'),
		reports(41_200, 'container', 'kws-postgres-1', 'Creating'),
		reports(41_300, 'container', 'kws-postgres-1', 'Starting'),
	);
	assert.deepEqual(told(timeline).slice(0, 3), ['pull done', 'build done', 'create done']);

	timeline = after(timeline, ...run('postgres', 'postgres-18-first-start'));
	assert.deepEqual(told(timeline).slice(3, 5), ['postgres.initialise done', 'postgres.accept done']);
	assert.equal(timeline.phase, 'starting');

	timeline = after(timeline, ...run('mlflow', 'mlflow-3.17.2-first-start'), probed(1e13, 'works'));
	assert.deepEqual(told(timeline).slice(5), [
		'mlflow.load done',
		'mlflow.migrate done',
		'mlflow.listen done',
		'mlflow.workers done',
		'mlflow.answer done',
	]);
	assert.equal(timeline.phase, 'ready');
	assert.equal(timeline.end, 1e13);
});

test('somebody else’s `docker compose up` is told from events and lines alone', () => {
	let timeline = after(
		known,
		snapshot(0),
		appears(100, 'postgres', {status: 'created'}),
		appears(110, 'mlflow', {status: 'created'}),
	);
	assert.deepEqual(told(timeline), [
		'create working',
		'postgres.initialise waiting',
		'postgres.accept waiting',
		'mlflow.load waiting',
		'mlflow.migrate waiting',
		'mlflow.listen waiting',
		'mlflow.answer waiting',
	]);
	timeline = after(
		timeline,
		changes(200, 'postgres', {status: 'running', startedAt: 200}),
		said(250, 'postgres', 'LOG:  listening on IPv4 address "0.0.0.0", port 5432'),
		said(260, 'postgres', 'LOG:  database system is ready to accept connections'),
		changes(1200, 'postgres', {health: 'healthy'}),
		changes(1300, 'mlflow', {status: 'running', startedAt: 1300}),
		said(3000, 'mlflow', 'Registry store URI not provided. Using backend store URI.'),
		said(4000, 'mlflow', 'INFO:     Started server process [7]'),
		said(4010, 'mlflow', 'INFO:     Application startup complete.'),
		said(4020, 'mlflow', 'INFO:     Uvicorn running on http://0.0.0.0:5000 (Press CTRL+C to quit)'),
	);
	assert.equal(timeline.phase, 'starting');
	timeline = update(timeline, changes(5000, 'mlflow', {health: 'healthy'}));
	assert.deepEqual(told(timeline), [
		'create done',
		'postgres.initialise skipped',
		'postgres.accept done',
		'mlflow.load done',
		'mlflow.migrate skipped',
		'mlflow.listen done',
		'mlflow.answer done',
	]);
	assert.deepEqual([timeline.phase, timeline.start, timeline.end], ['ready', 100, 5000]);
});

test('a service that compose starts once the database is healthy belongs to the same start', () => {
	const postgres = after(
		known,
		snapshot(0, container('postgres', {status: 'exited'}), container('mlflow', {status: 'exited'})),
		changes(1000, 'postgres', {status: 'running'}),
		changes(4000, 'postgres', {health: 'healthy'}),
	);
	assert.equal(postgres.phase, 'ready');
	const both = update(postgres, changes(4100, 'mlflow', {status: 'running'}));
	assert.deepEqual([both.phase, both.start], ['starting', 1000]);
	const later = update(postgres, changes(60_000, 'mlflow', {status: 'running'}));
	assert.deepEqual([later.phase, later.start], ['starting', 60_000]);
});

test('containers that ran well before mlstack looked have no timeline', () => {
	const postgres = container('postgres', {health: 'healthy', startedAt: 0});
	const old = container('mlflow', {startedAt: 0});
	assert.equal(update(known, snapshot(1e9, postgres, old)).phase, 'idle');
	const recent = container('mlflow', {startedAt: 1e9 - 60_000});
	const unsure = update(known, snapshot(1e9, postgres, recent));
	assert.deepEqual([unsure.phase, unsure.start], ['starting', 1e9 - 60_000]);
	assert.deepEqual(update(unsure, probed(1e9 + 20, 'works')).phase, 'idle');
});

test('a start under way is told from where its log begins', () => {
	const first = recorded('mlflow-3.17.2-first-start').find(({service}) => service === 'mlflow');
	const startedAt = (first?.at ?? 0) - 2000;
	const timeline = after(
		known,
		snapshot(startedAt + 60_000, container('mlflow', {health: 'starting', startedAt})),
		probed(startedAt + 60_010, 'no answer'),
		...lines('mlflow-3.17.2-first-start'),
	);
	assert.deepEqual([timeline.phase, timeline.start], ['starting', startedAt]);
	assert.equal(step(timeline, 'workers').state, 'done');
	assert.equal(step(timeline, 'answer').state, 'working');
});

test('MLflow that answers but does not work is not ready, even if its healthcheck passes', () => {
	const timeline = after(
		known,
		...run('mlflow', 'mlflow-3.17.2-one-worker'),
		probed(1e13, 'database down'),
		changes(1e13, 'mlflow', {health: 'healthy'}),
	);
	assert.equal(timeline.phase, 'starting');
	assert.equal(step(timeline, 'answer').detail, 'answers, but does not work yet: database down');
	assert.equal(update(timeline, probed(1e13 + 500, 'works')).phase, 'ready');
});

test('a container that dies fails the step that it was in; a restart by the engine begins anew', () => {
	const died = after(
		known,
		snapshot(0),
		appears(100, 'postgres', {status: 'running', startedAt: 100}),
		said(150, 'postgres', 'Error: in 18+, these Docker images are configured to store database data in a'),
		changes(200, 'postgres', {status: 'restarting', exitCode: 1}),
	);
	assert.deepEqual([died.phase, died.end], ['failed', 200]);
	assert.equal(step(died, 'accept').detail, 'exited (1)');
	const again = update(died, changes(500, 'postgres', {status: 'running', startedAt: 500}));
	assert.deepEqual([again.phase, again.start, again.end], ['starting', 100, undefined]);
	assert.deepEqual(told(again), ['postgres.initialise waiting', 'postgres.accept working']);
	// What the run before wrote is not taken for this one's.
	const stale = said(120, 'postgres', 'PostgreSQL init process complete; ready for start up.');
	assert.equal(update(again, stale), again);
});

test('memory that ran out is said', () => {
	const timeline = after(
		known,
		...run('mlflow', 'mlflow-3.17.2-restart').slice(0, 2),
		changes(1e13, 'mlflow', {status: 'exited', exitCode: 137, oomKilled: true}),
	);
	assert.ok(stepsOf(timeline).some(({detail}) => detail === 'exited (137), out of memory'));
});

test('an operation that fails fails the step it was in', () => {
	const timeline = after(
		known,
		{type: 'begin', at: 0, operation: 'up', services: []},
		reports(10, 'pull', 'postgres:18', 'Pulling'),
		{type: 'end', at: 500, operation: 'up', failure: 'compose could not pull postgres:18\nmanifest unknown'},
	);
	assert.equal(timeline.phase, 'failed');
	assert.equal(step(timeline, 'pull').state, 'failed');
	assert.equal(step(timeline, 'pull').detail, 'compose could not pull postgres:18');
});

test('pulls and builds run side by side', () => {
	const timeline = after(
		known,
		{type: 'begin', at: 0, operation: 'up', services: []},
		reports(10, 'pull', 'postgres:18', 'Pulling'),
		reports(20, 'build', 'mlflow', 'Building', {current: 1, total: 5}),
		reports(30, 'pull', 'other', 'Pulling'),
		reports(40, 'pull', 'postgres:18', 'Pulled', {state: 'done'}),
	);
	assert.deepEqual(told(timeline).slice(0, 3), ['pull working', 'build working', 'create waiting']);
	assert.equal(step(timeline, 'pull').start, 10);
});

test('`up` on a stack that runs is ready at once', () => {
	const timeline = after(
		known,
		snapshot(0, container('postgres', {health: 'healthy'}), container('mlflow', {health: 'healthy'})),
		{type: 'begin', at: 10, operation: 'up', services: []},
		reports(20, 'container', 'kws-postgres-1', 'Running', {state: 'done'}),
	);
	assert.deepEqual(told(timeline), ['create skipped']);
	assert.equal(update(timeline, {type: 'end', at: 30, operation: 'up'}).phase, 'ready');
});

test('a restart of one service is a start of that service', () => {
	const timeline = after(
		known,
		snapshot(0, container('postgres', {health: 'healthy'}), container('mlflow', {health: 'healthy'})),
		{type: 'begin', at: 10, operation: 'restart', services: ['mlflow']},
		changes(100, 'mlflow', {status: 'exited', exitCode: 0}),
		changes(200, 'mlflow', {status: 'running', health: 'starting'}),
	);
	assert.deepEqual(told(timeline), [
		'mlflow.load working',
		'mlflow.migrate waiting',
		'mlflow.listen waiting',
		'mlflow.answer waiting',
	]);
	assert.equal(update(timeline, changes(900, 'mlflow', {health: 'healthy'})).phase, 'ready');
});

test('taking the stack down ends its timeline', () => {
	const started = after(known, ...run('mlflow', 'mlflow-3.17.2-one-worker'));
	assert.deepEqual(stepsOf(update(started, {type: 'begin', at: 1, operation: 'down', services: []})), []);
	const gone = update(started, {type: 'event', event: {type: 'removed', at: 2, id: 'mlflow-id'}});
	assert.equal(gone.phase, 'idle');
});

test('the snapshot after an absence of the engine is compared with what was known', () => {
	const before = after(known, snapshot(0, container('postgres', {startedAt: 0, health: 'healthy'})));
	const same = after(
		before,
		{type: 'event', event: {type: 'disconnected', at: 1, why: 'gone'}},
		{type: 'event', event: {type: 'connected', at: 2}},
		snapshot(3, container('postgres', {startedAt: 0, health: 'healthy'})),
	);
	assert.equal(same.phase, 'idle');
	const restarted = update(
		same,
		snapshot(9000, container('postgres', {startedAt: 8000, health: 'starting'})),
	);
	assert.deepEqual([restarted.phase, restarted.start], ['starting', 8000]);
});

test('what a list leaves out, the inspection that follows it tells: a start under way is found', () => {
	const listed = update(known, snapshot(9000, container('postgres'), container('mlflow')));
	assert.equal(listed.phase, 'idle');
	const timeline = after(listed, appears(9010, 'mlflow', {startedAt: 4000}), probed(9020, 'no answer'));
	assert.deepEqual([timeline.phase, timeline.start], ['starting', 4000]);
	const ready = update(timeline, probed(12_000, 'works'));
	assert.deepEqual([ready.phase, ready.end], ['ready', 12_000]);
});

test('a start while the engine was away is told from its true beginning', () => {
	const before = after(
		known,
		snapshot(0, container('mlflow')),
		appears(10, 'mlflow', {startedAt: -1e7}),
		snapshot(9000, container('mlflow')),
	);
	assert.equal(before.phase, 'idle');
	const timeline = update(before, appears(9010, 'mlflow', {startedAt: 3000}));
	assert.deepEqual([timeline.phase, timeline.start], ['starting', 3000]);
});

test('a service that still ran when another was ready is started by itself', () => {
	const ready = after(
		known,
		snapshot(0, container('postgres', {status: 'exited'}), container('mlflow', {startedAt: -1e7})),
		changes(1000, 'postgres', {status: 'running', startedAt: 1000}),
		changes(1200, 'postgres', {health: 'healthy'}),
	);
	assert.equal(ready.phase, 'ready');
	assert.deepEqual(startedServices(ready), ['postgres']);
	const restarted = after(
		ready,
		changes(2000, 'mlflow', {status: 'exited', finishedAt: 2000}),
		changes(2500, 'mlflow', {status: 'running', startedAt: 2500}),
	);
	assert.deepEqual([restarted.phase, restarted.start], ['starting', 2500]);
	assert.deepEqual(startedServices(restarted), ['mlflow']);
});

test('what tells nothing gives the very same timeline back', () => {
	const starting = after(known, ...run('mlflow', 'mlflow-3.17.2-one-worker'));
	for (const input of [
		said(1e13, 'mlflow', 'INFO:     127.0.0.1:33066 - "GET /health HTTP/1.1" 200 OK'),
		said(1e13, 'minio', 'INFO:     Uvicorn running on http://0.0.0.0:9000'),
		probed(1e13, 'no answer'),
		{type: 'time', at: 1e13},
		{type: 'port', port: 5000, owner: 'ControlCenter'},
	] satisfies readonly StackInput[]) {
		assert.equal(update(starting, input), starting);
	}

	const ready = update(starting, probed(1e13, 'works'));
	for (const input of lines('mlflow-3.17.2-one-worker')) {
		assert.equal(update(ready, input), ready);
	}
});
