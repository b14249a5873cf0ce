import assert from 'node:assert/strict';
import {test, type TestContext} from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';
import {watchProject} from '../../../src/engine/docker/watch.ts';
import {Failure} from '../../../src/failure.ts';
import {openFakeHarness} from '../../support/docker-harness.ts';
import {changed, inspected, isA, snapshotOf, watch} from './stack-events.ts';

async function open(t: TestContext): Promise<Awaited<ReturnType<typeof openFakeHarness>>> {
	const harness = await openFakeHarness();
	t.after(async () => harness.close());
	return harness;
}

const list = /^\/containers\/json$/;
const inspect = /^\/containers\/\w+\/json$/;
const events = /^\/events$/;

test('what happens while the list is on its way is not missed', async (t) => {
	const engine = await open(t);
	const id = await engine.create('mlflow');
	await engine.start(id);
	// The list was made before the kill and comes after its event.
	engine.server.faults.push({path: list, hold: 150});
	const recorded = watch(t, engine);
	await until(() => engine.server.requests.some((request) => request.includes('/containers/json')));
	await sleep(50);
	await engine.kill(id);
	const [container] = await snapshotOf(recorded);
	assert.equal(container?.status, 'running');
	await changed(recorded, id, {status: 'exited', exitCode: 137});
	const {exitCode} = await inspected(recorded, id, {status: 'exited'});
	assert.equal(exitCode, 137);
});

test('an inspection that an event has overtaken is dropped and repeated', async (t) => {
	const engine = await open(t);
	const id = await engine.create('mlflow');
	const recorded = watch(t, engine);
	await inspected(recorded, id, {status: 'created'});
	engine.server.faults.push({path: inspect, hold: 150});
	await engine.start(id);
	await changed(recorded, id, {status: 'running'});
	await sleep(50);
	await engine.kill(id);
	const {index} = await changed(recorded, id, {status: 'exited'});
	await inspected(recorded, id, {status: 'exited'}, index);
	assert.ok(
		recorded.values.every((event) => event.type !== 'container' || event.container.status !== 'running'),
	);
});

test('an event from before the start that an inspection knows of changes nothing', async (t) => {
	const engine = await open(t);
	const id = await engine.create('mlflow');
	await engine.start(id);
	const recorded = watch(t, engine);
	const {startedAt = 0} = await inspected(recorded, id, {status: 'running'});
	const late = {
		Type: 'container',
		Action: 'die',
		Actor: {ID: id, Attributes: {'com.docker.compose.project': engine.project, exitCode: '1'}},
		timeNano: (startedAt - 1000) * 1e6,
	} as const;
	engine.server.send({...late, scope: 'local', time: 0});
	await engine.pause(id);
	await changed(recorded, id, {status: 'paused'});
	assert.ok(recorded.values.every((event) => event.type !== 'change' || event.change.status !== 'exited'));
});

test('events cut anywhere are whole', async (t) => {
	const engine = await open(t);
	engine.server.faults.push({path: events, pieces: 1});
	const recorded = watch(t, engine);
	await snapshotOf(recorded);
	const id = await engine.create('größe');
	await engine.start(id);
	await changed(recorded, id, {status: 'running'});
	assert.equal((await inspected(recorded, id, {status: 'running'})).service, 'größe');
});

test('the engine goes and comes back: both are told, and the state is read again', async (t) => {
	const engine = await open(t);
	const id = await engine.create('mlflow');
	await engine.start(id);
	const recorded = watch(t, engine);
	await inspected(recorded, id, {status: 'running'});
	await engine.server.vanish();
	const gone = await recorded.find(isA('disconnected'));
	assert.notEqual(gone.why, '');
	await engine.kill(id);
	await engine.server.return();
	const back = await recorded.find(isA('connected'));
	const at = recorded.values.indexOf(back);
	const snapshot = await recorded.find(isA('snapshot'), at);
	assert.deepEqual(
		snapshot.containers.map(({status, exitCode}) => ({status, exitCode})),
		[{status: 'exited', exitCode: 137}],
	);
	const later = await engine.create('postgres');
	await inspected(recorded, later, {status: 'created'}, at);
});

test('an engine that is away at the start is waited for', async (t) => {
	const engine = await open(t);
	await engine.server.vanish();
	const recorded = watch(t, engine);
	const gone = await recorded.find(isA('disconnected'));
	assert.match(gone.why, /socket is not there/);
	await engine.server.return();
	await recorded.find(isA('connected'));
	await snapshotOf(recorded);
	assert.deepEqual(
		recorded.values.map(({type}) => type),
		['disconnected', 'connected', 'snapshot'],
	);
});

test('a long absence does not make the return late', async (t) => {
	const engine = await open(t);
	const recorded = watch(t, engine);
	await snapshotOf(recorded);
	await engine.server.vanish();
	// Long enough for pauses that only grow to be longer than what is allowed below.
	await sleep(3300);
	await engine.server.return();
	const before = Date.now();
	await recorded.find(isA('connected'));
	assert.ok(Date.now() - before < 1000);
});

test('an absence is told once, however often it is tried', async (t) => {
	const engine = await open(t);
	const recorded = watch(t, engine);
	await snapshotOf(recorded);
	await engine.server.vanish();
	await recorded.find(isA('disconnected'));
	await sleep(700);
	const reasons = recorded.values.flatMap((event) => (event.type === 'disconnected' ? [event.why] : []));
	assert.equal(new Set(reasons).size, reasons.length, 'each of them says something new');
	assert.ok(reasons.length <= 2);
});

test('a stream of events that is no JSON is left, and opened again', async (t) => {
	const engine = await open(t);
	engine.server.faults.push({path: events, body: 'proxy error\n'});
	const recorded = watch(t, engine);
	const gone = await recorded.find(isA('disconnected'));
	assert.match(gone.why, /not JSON/);
	await recorded.find(isA('connected'));
});

test('a list that is no list is a disconnection with its reason', async (t) => {
	const engine = await open(t);
	engine.server.faults.push({path: list, body: '{"containers": []}'});
	const recorded = watch(t, engine);
	const gone = await recorded.find(isA('disconnected'));
	assert.match(gone.why, /no Docker Engine/);
	await snapshotOf(recorded);
});

test('an engine that refuses the list is tried again', async (t) => {
	const engine = await open(t);
	engine.server.faults.push({path: list, status: 500, message: 'context deadline exceeded', times: 2});
	const recorded = watch(t, engine);
	const gone = await recorded.find(isA('disconnected'));
	assert.equal(gone.why, 'context deadline exceeded');
	await snapshotOf(recorded);
});

test('a change is told although the inspection after it fails', async (t) => {
	const engine = await open(t);
	const id = await engine.create('mlflow');
	engine.server.faults.push({path: inspect, status: 500, times: 3});
	const recorded = watch(t, engine);
	await snapshotOf(recorded);
	await engine.start(id);
	await changed(recorded, id, {status: 'running'});
	await engine.pause(id);
	await changed(recorded, id, {status: 'paused'});
	assert.ok(recorded.values.every(({type}) => type !== 'disconnected'));
});

test('a container that is gone when it is inspected is removed', async (t) => {
	const engine = await open(t);
	const id = await engine.create('mlflow');
	engine.server.faults.push({path: inspect, status: 404, message: `No such container: ${id}`});
	const recorded = watch(t, engine);
	assert.equal((await recorded.find(isA('removed'))).id, id);
});

test('an engine that is too old ends the watch with a failure', async (t) => {
	const engine = await open(t);
	engine.server.apiVersion = '1.40';
	const recorded = watch(t, engine);
	await assert.rejects(
		recorded.ended,
		(error) => error instanceof Failure && error.code === 'engine-too-old' && error.why.includes('1.40'),
	);
});

test('a container that runs out of memory is told with its exit', async (t) => {
	const engine = await open(t);
	const container = engine.server.create({
		name: 'x',
		labels: {'com.docker.compose.project': engine.project, 'com.docker.compose.service': 'mlflow'},
	});
	container.start();
	const recorded = watch(t, engine);
	await inspected(recorded, container.id, {status: 'running'});
	container.outOfMemory();
	container.end(137);
	await changed(recorded, container.id, {oomKilled: true});
	const exited = await inspected(recorded, container.id, {status: 'exited'});
	assert.equal(exited.oomKilled, true);
	// The next start is a new life.
	container.start();
	const running = await inspected(recorded, container.id, {status: 'running'}, recorded.values.length - 1);
	assert.equal(running.oomKilled, undefined);
	assert.equal(running.exitCode, undefined);
});

test('nothing is asked while nothing happens', async (t) => {
	const engine = await open(t);
	const id = await engine.create('mlflow');
	const recorded = watch(t, engine);
	await inspected(recorded, id, {});
	const before = engine.server.requests.length;
	await sleep(600);
	assert.equal(engine.server.requests.length, before);
	assert.equal(before, 3, 'events, list, one inspection');
});

test('leaving the iteration closes its connection', async (t) => {
	const engine = await open(t);
	for await (const event of watchProject(engine.connection, engine.project, new AbortController().signal)) {
		assert.equal(event.type, 'snapshot');
		break;
	}

	await until(() => engine.server.listeners === 0);
});

async function until(condition: () => boolean): Promise<void> {
	const deadline = Date.now() + 10_000;
	while (!condition()) {
		assert.ok(Date.now() < deadline, 'it never came to be');
		await sleep(10);
	}
}
