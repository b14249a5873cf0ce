import assert from 'node:assert/strict';
import {test, type TestContext} from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';
import {watchProject} from '../../../src/engine/docker/watch.ts';
import {engines, type Harness} from '../../support/docker-harness.ts';
import {Recorder} from '../../support/recorder.ts';
import {changed, inspected, isA, snapshotOf, watch} from './stack-events.ts';

for (const {name, skip, open} of engines) {
	const harness = async (t: TestContext): Promise<Harness> => {
		const opened = await open();
		t.after(async () => opened.close());
		return opened;
	};

	test(`${name}: a project without containers begins with an empty snapshot`, {skip}, async (t) => {
		const events = watch(t, await harness(t));
		assert.deepEqual(await snapshotOf(events), []);
	});

	test(`${name}: a container's whole life is told as it happens`, {skip}, async (t) => {
		const engine = await harness(t);
		const events = watch(t, engine);
		await snapshotOf(events);

		const id = await engine.create('mlflow');
		const created = await inspected(events, id, {status: 'created'});
		assert.equal(created.service, 'mlflow');
		assert.equal(created.name, `${engine.project}-mlflow-1`);
		assert.equal(created.number, 1);
		assert.equal(created.image, 'busybox');

		await engine.start(id);
		const started = await changed(events, id, {status: 'running'});
		assert.equal(typeof started.change.startedAt, 'number');
		const running = await inspected(events, id, {status: 'running'}, started.index);
		assert.equal(running.tty, false);
		assert.equal(running.restartCount, 0);

		await engine.kill(id);
		assert.equal((await events.find(isA('kill'))).id, id);
		const died = await changed(events, id, {status: 'exited', exitCode: 137}, started.index);
		const exited = await inspected(events, id, {status: 'exited'}, died.index);
		assert.equal(exited.exitCode, 137);
		assert.ok((exited.finishedAt ?? 0) >= (exited.startedAt ?? Infinity));

		await engine.remove(id);
		const removed = await events.find(isA('removed'));
		assert.equal(removed.id, id);
	});

	test(`${name}: what runs already is in the snapshot, and inspected after it`, {skip}, async (t) => {
		const engine = await harness(t);
		const running = await engine.create('postgres', {tty: true});
		const exited = await engine.create('mlflow', {exits: 3});
		await engine.start(running);
		await engine.start(exited);
		await waitUntilExited(engine, exited);
		const events = watch(t, engine);
		const snapshot = await snapshotOf(events);
		assert.deepEqual(
			snapshot
				.map(({id, service, status, exitCode}) => ({id, service, status, exitCode}))
				.sort((a, b) => a.service.localeCompare(b.service)),
			[
				{id: exited, service: 'mlflow', status: 'exited', exitCode: 3},
				{id: running, service: 'postgres', status: 'running', exitCode: undefined},
			],
		);
		const container = await inspected(events, running, {});
		assert.equal(container.tty, true);
		assert.equal(typeof container.startedAt, 'number');
		assert.equal((await inspected(events, exited, {})).exitCode, 3);
	});

	test(
		`${name}: a health is starting after each start and healthy when the engine says so`,
		{
			skip,
		},
		async (t) => {
			const engine = await harness(t);
			const events = watch(t, engine);
			await snapshotOf(events);
			const id = await engine.create('mlflow', {healthcheck: true});
			await inspected(events, id, {status: 'created', tty: false});
			await engine.start(id);
			const started = await changed(events, id, {status: 'running', health: 'starting'});
			await engine.becomesHealthy(id);
			const healthy = await changed(events, id, {health: 'healthy'}, started.index);
			await inspected(events, id, {health: 'healthy'}, healthy.index);
			await engine.kill(id);
			await changed(events, id, {status: 'exited', health: 'none'}, healthy.index);
		},
	);

	test(`${name}: pause, unpause and a new name are changes`, {skip}, async (t) => {
		const engine = await harness(t);
		const id = await engine.create('mlflow');
		await engine.start(id);
		const events = watch(t, engine);
		await snapshotOf(events);
		await engine.pause(id);
		const {index} = await changed(events, id, {status: 'paused'});
		await engine.unpause(id);
		await changed(events, id, {status: 'running'}, index);
		const newName = await engine.rename(id);
		await changed(events, id, {name: newName}, index);
	});

	test(`${name}: a one-off container and another project's are left out`, {skip}, async (t) => {
		const engine = await harness(t);
		const before = await engine.create('before', {oneOff: true});
		const events = watch(t, engine);
		assert.deepEqual(await snapshotOf(events), []);
		const oneOff = await engine.create('after', {oneOff: true});
		const foreign = await engine.create('foreign', {project: `${engine.project}-other`});
		const own = await engine.create('own');
		await inspected(events, own, {status: 'created'});
		const told = new Set(
			events.values.flatMap((event) => (event.type === 'container' ? [event.container.id] : [])),
		);
		assert.deepEqual([...told], [own]);
		assert.ok(![before, oneOff, foreign].some((id) => told.has(id)));
	});

	test(`${name}: the watch ends quietly with its signal, and with the connection`, {skip}, async (t) => {
		const engine = await harness(t);
		const abort = new AbortController();
		const aborted = new Recorder(watchProject(engine.connection, engine.project, abort.signal));
		const closed = new Recorder(
			watchProject(engine.connection, engine.project, new AbortController().signal),
		);
		await snapshotOf(aborted);
		await snapshotOf(closed);
		abort.abort();
		await aborted.ended;
		engine.connection.close();
		await closed.ended;
		assert.equal(closed.values.at(-1)?.type, 'snapshot');
	});
}

async function waitUntilExited({connection}: Harness, id: string): Promise<void> {
	for (;;) {
		const answer = await connection.json('GET', `/containers/${id}/json`);
		if (JSON.stringify(answer).includes('"Status":"exited"')) {
			return;
		}

		await sleep(20);
	}
}
