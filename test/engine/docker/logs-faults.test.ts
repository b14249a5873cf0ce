import assert from 'node:assert/strict';
import {test, type TestContext} from 'node:test';
import {setImmediate as turn, setTimeout as sleep} from 'node:timers/promises';
import fc from 'fast-check';
import {readLogs} from '../../../src/engine/docker/logs.ts';
import {FollowedLog} from '../../../src/engine/follow.ts';
import {Failure} from '../../../src/failure.ts';
import type {LogRequest} from '../../../src/stack/model.ts';
import type {FakeContainer} from '../../support/docker-containers.ts';
import {openFakeHarness} from '../../support/docker-harness.ts';

const noAbort = new AbortController().signal;
const logs = /\/logs$/;

type FakeHarness = Awaited<ReturnType<typeof openFakeHarness>>;

async function open(t: TestContext): Promise<FakeHarness> {
	const harness = await openFakeHarness();
	t.after(async () => harness.close());
	return harness;
}

async function textsOf({connection}: FakeHarness, request: LogRequest): Promise<readonly string[]> {
	const texts: string[] = [];
	for await (const batch of readLogs(connection, request, noAbort)) {
		texts.push(...batch.map(({stream, text}) => `${stream}: ${text}`));
	}

	return texts;
}

/** A container that has written these lines and ended. */
function ended({server}: FakeHarness, texts: readonly string[], tty = false): FakeContainer {
	const container = server.create({name: 'x', tty});
	container.start();
	for (const [index, text] of texts.entries()) {
		container.write(index % 2 === 0 ? 'stdout' : 'stderr', text);
	}

	container.end(0);
	return container;
}

for (const tty of [false, true]) {
	test(`a log ${tty ? 'of a terminal' : 'in frames'} is the same however the network cuts it`, async (t) => {
		const engine = await open(t);
		const texts = ['plain', '', 'ä€😀 größe', 'x'.repeat(3000), 'last'];
		const container = ended(engine, texts, tty);
		const request = {container: container.id, follow: false};
		const whole = await textsOf(engine, request);
		assert.deepEqual(
			whole.map((line) => line.replace(/^std(?:out|err): /, '')),
			texts,
		);
		await fc.assert(
			fc.asyncProperty(fc.integer({min: 1, max: 70}), async (pieces) => {
				engine.server.faults.push({path: logs, pieces});
				assert.deepEqual(await textsOf(engine, request), whole);
			}),
			{numRuns: 15},
		);
	});
}

test('a connection that breaks in the middle of a line is a failure, and its lines are not lost', async (t) => {
	const engine = await open(t);
	const texts = Array.from({length: 9}, (_, index) => `line ${index}`);
	const container = ended(engine, texts);
	for (let cutAfter = 1; cutAfter < 400; cutAfter += 13) {
		engine.server.faults.push({path: logs, cutAfter});
		const followed = new FollowedLog(
			{logs: (request, signal) => readLogs(engine.connection, request, signal)},
			container.id,
			{},
		);
		const read: string[] = [];
		const readOn = async (): Promise<void> => {
			for await (const lines of followed.read(noAbort)) {
				read.push(...lines.map(({text}) => text));
			}
		};
		await assert.rejects(
			readOn(),
			(error) => error instanceof Failure && error.reason === 'noEngine' && error.code === 'engine-lost',
		);
		await readOn();
		assert.deepEqual(read, texts, `cut after ${cutAfter} bytes`);
	}
});

for (const tty of [false, true]) {
	test(`engine 20.10 does not say ${tty ? 'that a log is a terminal’s' : 'that a log is in frames'}: the container is asked`, async (t) => {
		const engine = await open(t);
		engine.server.apiVersion = '1.41';
		const container = ended(engine, ['one', 'two'], tty);
		assert.deepEqual(await textsOf(engine, {container: container.id, follow: false}), [
			'stdout: one',
			tty ? 'stdout: two' : 'stderr: two',
		]);
		assert.ok(engine.server.requests.some((path) => path.endsWith(`/containers/${container.id}/json`)));
	});
}

test('a newer engine says what a log is: nothing else is asked', async (t) => {
	const engine = await open(t);
	const container = ended(engine, ['one']);
	await textsOf(engine, {container: container.id, follow: false});
	assert.equal(engine.server.requests.length, 1);
});

test('an engine error is a failure with the engine’s own words', async (t) => {
	const engine = await open(t);
	const container = ended(engine, ['one']);
	engine.server.faults.push({path: logs, status: 500, message: 'error opening log file'});
	await assert.rejects(
		textsOf(engine, {container: container.id, follow: false}),
		(error) =>
			error instanceof Failure && error.code === 'engine-error' && error.message === 'error opening log file',
	);
});

test('an engine that is held back keeps its log: nothing is read that is not taken', async (t) => {
	const engine = await open(t);
	// Some 20 MB, far more than sockets and streams hold.
	const container = ended(
		engine,
		Array.from({length: 20_000}, () => 'x'.repeat(1000)),
	);
	const batches = readLogs(engine.connection, {container: container.id, follow: false}, noAbort);
	let lines = 0;
	for await (const batch of batches) {
		lines += batch.length;
		if (lines === batch.length) {
			const before = process.memoryUsage().arrayBuffers;
			await sleep(200);
			assert.ok(process.memoryUsage().arrayBuffers - before < 4_000_000);
		}
	}

	assert.equal(lines, 20_000);
});

test('a flood that is written line by line is read in larger pieces', async (t) => {
	const engine = await open(t);
	const container = engine.server.create({name: 'x'});
	container.start();
	const written = 2000;
	let lines = 0;
	let batches = 0;
	const read = (async () => {
		for await (const batch of readLogs(engine.connection, {container: container.id, follow: true}, noAbort)) {
			lines += batch.length;
			batches++;
		}
	})();
	for (let line = 0; line < written; line++) {
		container.write('stdout', `line ${line}`);
		await turn();
	}

	container.end(0);
	await read;
	assert.equal(lines, written);
	assert.ok(batches < written / 4, `${batches} batches`);
});

test('leaving the iteration closes its connection', async (t) => {
	const engine = await open(t);
	const container = engine.server.create({name: 'x'});
	container.start();
	container.write('stdout', 'one');
	for await (const batch of readLogs(engine.connection, {container: container.id, follow: true}, noAbort)) {
		assert.equal(batch.length, 1);
		break;
	}

	await unread(container);
});

test('a log whose container cannot be looked at is closed again', async (t) => {
	const engine = await open(t);
	engine.server.apiVersion = '1.41';
	const container = engine.server.create({name: 'x'});
	container.start();
	container.write('stdout', 'one');
	engine.server.faults.push({path: /\/json$/, status: 500, message: 'no'});
	await assert.rejects(textsOf(engine, {container: container.id, follow: true}), /no/);
	await unread(container);
});

async function unread(container: FakeContainer): Promise<void> {
	const deadline = Date.now() + 10_000;
	while (container.listenerCount('log') > 0) {
		assert.ok(Date.now() < deadline, 'the log is still being read');
		await sleep(10);
	}
}
