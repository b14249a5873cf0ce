import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {test} from 'node:test';
import Docker from 'dockerode';
import fc from 'fast-check';
import {LogBuffer} from '../../src/logs/buffer.ts';
import {readOlder} from '../../src/logs/history.ts';
import type {LogLine, LogRequest} from '../../src/stack/model.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {lineOf, linesOf, readLog, textsIn} from './support.ts';

const {signal} = new AbortController();

/** An engine that holds this log. */
function engineWith(log: readonly LogLine[], requests: LogRequest[] = []) {
	return {
		async *logs(request: LogRequest) {
			requests.push(request);
			const {tail = Number.POSITIVE_INFINITY} = request;
			const lines = log.slice(Math.max(0, log.length - tail));
			for (let at = 0; at < lines.length; at += 700) {
				yield lines.slice(at, at + 700);
			}
		},
	};
}

test('a reader goes back to the beginning of the log, page by page, in a buffer that stays small', async () => {
	const log = linesOf(0, 5000);
	const buffer = new LogBuffer({lines: 300});
	buffer.append(log.slice(-400));
	buffer.hold();
	for (let pages = 0; ; pages++) {
		const {taken, reachedStart} = await readOlder(engineWith(log), 'id', buffer, {wanted: 250, signal});
		assert.ok(buffer.end - buffer.first <= 300);
		assert.deepEqual(
			textsIn(buffer),
			log.slice(buffer.first + 4600, buffer.end + 4600).map(({text}) => text),
		);
		if (reachedStart) {
			assert.equal(pages, Math.floor(4700 / 250));
			break;
		}

		assert.equal(taken, 250);
	}

	assert.equal(buffer.at(buffer.first)?.text, 'line 0');
});

test('one page is asked for with one request, however much has come meanwhile', async () => {
	const requests: LogRequest[] = [];
	const log = linesOf(0, 5000);
	const buffer = new LogBuffer();
	buffer.append(log.slice(3000, 4950));
	await readOlder(engineWith(log, requests), 'id', buffer, {signal});
	assert.deepEqual([requests.length, buffer.first, buffer.at(buffer.first)?.text], [1, -1000, 'line 2000']);
});

test('older lines fit on exactly where stamps are out of order or the same', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.tuple(fc.nat(12), fc.boolean()), {minLength: 1, maxLength: 80}),
			fc.nat(79),
			fc.integer({min: 1, max: 30}),
			async (jitter, at, wanted) => {
				// Streams are stamped apart: stderr is up to 12 lines late; lines of one stream are in order.
				const log = jitter.map(([late, isError], n) => {
					const stamped = lineOf(isError ? n - late : n);
					return {...stamped, text: `line ${n}`, stream: isError ? ('stderr' as const) : ('stdout' as const)};
				});
				const start = at % log.length;
				const buffer = new LogBuffer();
				buffer.append(log.slice(start));
				let isDone = false;
				while (!isDone) {
					({reachedStart: isDone} = await readOlder(engineWith(log), 'id', buffer, {wanted, signal}));
				}

				assert.deepEqual(
					textsIn(buffer),
					log.map(({text}) => text),
				);
			},
		),
	);
});

test('a buffer that moved meanwhile, and an aborted signal, take nothing', async () => {
	const log = linesOf(0, 100);
	const buffer = new LogBuffer({lines: 10});
	buffer.append(log.slice(50, 60));
	const engine = {
		async *logs() {
			yield log.slice(0, 51);
			buffer.append([lineOf(60)]);
		},
	};
	assert.deepEqual(await readOlder(engine, 'id', buffer, {signal}), {taken: 0, reachedStart: false});
	const aborted = {signal: AbortSignal.abort()};
	assert.deepEqual(await readOlder(engineWith(log), 'id', buffer, aborted), {taken: 0, reachedStart: false});
	assert.deepEqual(await readOlder(engineWith(log), 'id', new LogBuffer(), {signal}), {
		taken: 0,
		reachedStart: true,
	});
});

for (const driver of ['json-file', 'local']) {
	test(`a real engine gives older lines page by page: ${driver}`, {skip: skipWithoutEngine}, async () => {
		const run = (...arguments_: string[]) =>
			execFileSync('docker', arguments_, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']}).trim();
		const script = 'i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done';
		const id = run('create', `--log-driver=${driver}`, 'busybox', 'sh', '-c', script);
		try {
			run('start', id);
			run('wait', id);
			const container = new Docker().getContainer(id);
			const engine = {
				async *logs({tail}: LogRequest) {
					const options = {stdout: true, stderr: true, timestamps: true};
					const bytes = await container.logs(tail === undefined ? options : {...options, tail});
					yield readLog(bytes, [65_536]);
				},
			};
			const buffer = new LogBuffer();
			for await (const lines of engine.logs({container: id, tail: 100, follow: false})) {
				buffer.append(lines);
			}

			assert.equal((await readOlder(engine, id, buffer, {signal})).taken, 1000);
			assert.equal((await readOlder(engine, id, buffer, {wanted: 5000, signal})).reachedStart, true);
			assert.deepEqual(
				textsIn(buffer),
				Array.from({length: 3000}, (_, n) => `line ${n}`),
			);
		} finally {
			run('rm', '--force', id);
		}
	});
}
