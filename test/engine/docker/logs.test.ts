import assert from 'node:assert/strict';
import {once} from 'node:events';
import {test, type TestContext} from 'node:test';
import {readLogs, unixTime} from '../../../src/engine/docker/logs.ts';
import {FollowedLog} from '../../../src/engine/follow.ts';
import {Failure} from '../../../src/failure.ts';
import type {LogLine, LogRequest} from '../../../src/stack/model.ts';
import {engines, type Harness} from '../../support/docker-harness.ts';
import {Recorder} from '../../support/recorder.ts';

const noAbort = new AbortController().signal;

/** Every line, to the log's end. */
async function linesOf(
	{connection}: Harness,
	request: Omit<LogRequest, 'follow'> & {follow?: boolean},
): Promise<LogLine[]> {
	const lines: LogLine[] = [];
	for await (const batch of readLogs(connection, {follow: false, ...request}, noAbort)) {
		lines.push(...batch);
	}

	return lines;
}

async function* singly(batches: AsyncIterable<readonly LogLine[]>): AsyncGenerator<LogLine> {
	for await (const batch of batches) {
		yield* batch;
	}
}

function textsOf(lines: readonly LogLine[]): readonly string[] {
	return lines.map(({stream, text}) => `${stream}: ${text}`);
}

const threeLines = [
	{stream: 'stdout', text: 'one'},
	{stream: 'stderr', text: 'two ä€😀'},
	{stream: 'stdout', text: 'three'},
] as const;

for (const {name, skip, open} of engines) {
	const harness = async (t: TestContext): Promise<Harness> => {
		const opened = await open();
		t.after(async () => opened.close());
		return opened;
	};

	test(`${name}: the two outputs are told apart, each line with its stamp`, {skip}, async (t) => {
		const engine = await harness(t);
		const container = await engine.create('mlflow', {says: threeLines, exits: 0});
		await engine.start(container);
		const lines = await linesOf(engine, {container, follow: true});
		assert.deepEqual(textsOf(lines), ['stdout: one', 'stderr: two ä€😀', 'stdout: three']);
		for (const {stamp, time} of lines) {
			assert.match(stamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
			assert.ok(Math.abs(time / 1000 - Date.parse(stamp)) < 1);
		}
	});

	test(`${name}: tail gives the last lines, since those from a stamp on`, {skip}, async (t) => {
		const engine = await harness(t);
		const container = await engine.create('mlflow', {says: threeLines, exits: 0});
		await engine.start(container);
		const [, second] = await linesOf(engine, {container, follow: true});
		assert.ok(second !== undefined);
		assert.deepEqual(textsOf(await linesOf(engine, {container, tail: 1})), ['stdout: three']);
		assert.deepEqual(textsOf(await linesOf(engine, {container, since: second.stamp})), [
			'stderr: two ä€😀',
			'stdout: three',
		]);
	});

	test(`${name}: a terminal's log has no frames, and is read all the same`, {skip}, async (t) => {
		const engine = await harness(t);
		const container = await engine.create('mlflow', {says: threeLines, exits: 0, tty: true});
		await engine.start(container);
		const lines = await linesOf(engine, {container, follow: true});
		assert.deepEqual(textsOf(lines), ['stdout: one', 'stdout: two ä€😀', 'stdout: three']);
	});

	test(`${name}: a log does not come as a chunk for each line`, {skip}, async (t) => {
		const engine = await harness(t);
		// Written in one go: the harness pauses between what it says.
		const text = Array.from({length: 200}, (_, index) => `line ${index}`).join('\n');
		const says = [{stream: 'stdout', text}] as const;
		const container = await engine.create('mlflow', {says, exits: 0});
		await engine.start(container);
		await linesOf(engine, {container, follow: true});
		const answer = await engine.connection.request('GET', `/containers/${container}/logs`, {
			query: {stdout: true},
		});
		let chunks = 0;
		answer.on('data', () => chunks++);
		await once(answer, 'end');
		assert.ok(chunks > 0 && chunks < 100, `${chunks} chunks`);
	});

	test(
		`${name}: a followed log goes on as it is written, and ends with the container`,
		{
			skip,
		},
		async (t) => {
			const engine = await harness(t);
			const container = await engine.create('mlflow', {says: [{stream: 'stdout', text: 'first'}]});
			await engine.start(container);
			const log = new Recorder(singly(readLogs(engine.connection, {container, follow: true}, noAbort)));
			await log.find(({text}) => text === 'first');
			await engine.write(container, 'second');
			await log.find(({text}) => text === 'second');
			await engine.kill(container);
			await log.ended;
			assert.deepEqual(textsOf(log.values), ['stdout: first', 'stdout: second']);
		},
	);

	test(
		`${name}: a log is read on over restarts without a gap and without a line twice`,
		{
			skip,
		},
		async (t) => {
			const engine = await harness(t);
			const container = await engine.create('mlflow', {says: threeLines, exits: 1});
			const logs = {
				logs: (request: LogRequest, signal: AbortSignal) => readLogs(engine.connection, request, signal),
			};
			const followed = new FollowedLog(logs, container, {});
			const texts: string[] = [];
			const expected: string[] = [];
			for (let start = 0; start < 3; start++) {
				await engine.start(container);
				expected.push('stdout: one', 'stderr: two ä€😀', 'stdout: three');
				for await (const lines of followed.read(noAbort)) {
					texts.push(...textsOf(lines));
				}
			}

			assert.deepEqual(texts, expected);
		},
	);

	test(`${name}: a container without a readable log is a failure that says so`, {skip}, async (t) => {
		const engine = await harness(t);
		const container = await engine.create('mlflow', {logDriver: 'none'});
		await engine.start(container);
		await assert.rejects(
			linesOf(engine, {container}),
			(error) => error instanceof Failure && error.code === 'logs-unreadable' && error.next.length > 0,
		);
	});

	test(`${name}: the log of a container that is not there is a failure`, {skip}, async (t) => {
		const engine = await harness(t);
		await assert.rejects(
			linesOf(engine, {container: 'mlstack-test-nowhere'}),
			(error) =>
				error instanceof Failure &&
				error.code === 'not-found' &&
				error.message.includes('mlstack-test-nowhere'),
		);
	});

	test(`${name}: an abort ends a followed log quietly`, {skip}, async (t) => {
		const engine = await harness(t);
		const container = await engine.create('mlflow', {says: threeLines});
		await engine.start(container);
		const abort = new AbortController();
		const log = new Recorder(singly(readLogs(engine.connection, {container, follow: true}, abort.signal)));
		await log.find(({text}) => text === 'three');
		abort.abort();
		await log.ended;
	});
}

test('a stamp is handed to the engine with all its nanoseconds', () => {
	assert.equal(unixTime('2026-11-24T05:38:56.688129964Z'), '1795498736.688129964');
	assert.equal(unixTime('2026-11-24T06:38:56.5+01:00'), '1795498736.500000000');
	assert.equal(unixTime('2026-11-24T05:38:56Z'), '1795498736.000000000');
	assert.throws(
		() => unixTime('yesterday'),
		(error) => error instanceof Failure && error.reason === 'wrongCall',
	);
});
