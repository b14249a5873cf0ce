import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {FollowedLog} from '../../src/engine/follow.ts';
import type {LogLine, LogRequest} from '../../src/stack/model.ts';

/** A line at a nanosecond of the first second of 2026. */
function line(nanosecond: number, text: string): LogLine {
	const fraction = String(nanosecond).padStart(9, '0');
	return {
		time: Date.UTC(2026, 0, 1) * 1000 + nanosecond / 1000,
		stamp: `2026-01-01T00:00:00.${fraction}Z`,
		stream: 'stdout',
		text,
	};
}

type Since = (log: readonly LogLine[], stamp: string) => readonly LogLine[];

/** How engines read `since` where the lines of two streams are not in the order of their stamps. */
const readings: Readonly<Record<string, Since>> = {
	'everything from the first line that has the stamp': (log, stamp) => {
		const from = log.findIndex((entry) => entry.stamp >= stamp);
		return from < 0 ? [] : log.slice(from);
	},
	'only lines that are not older than the stamp': (log, stamp) => log.filter((entry) => entry.stamp >= stamp),
};

/** An engine whose log breaks off after a number of lines, each time it is asked. */
function brokenEngine(
	log: readonly LogLine[],
	breaks: number[],
	since: Since,
): {logs: (request: LogRequest) => AsyncIterable<readonly LogLine[]>; requests: LogRequest[]} {
	const requests: LogRequest[] = [];
	return {
		requests,
		async *logs(request) {
			requests.push(request);
			const lines = request.since === undefined ? log : since(log, request.since);
			const end = Math.min(lines.length, breaks.shift() ?? lines.length);
			for (let at = 0; at < end; at += 3) {
				yield lines.slice(at, Math.min(at + 3, end));
			}
		},
	};
}

async function readAll(followed: FollowedLog, readings: number): Promise<string[]> {
	const texts: string[] = [];
	for (let reading = 0; reading < readings; reading++) {
		for await (const lines of followed.read(new AbortController().signal)) {
			texts.push(...lines.map(({text}) => text));
		}
	}

	return texts;
}

test('a log that breaks off anywhere is read on without a gap and without a line twice', async () => {
	const everything = readings['everything from the first line that has the stamp'] ?? assert.fail();
	await fc.assert(
		fc.asyncProperty(
			// Few different stamps: many lines share one, and their order is any.
			fc.array(fc.nat({max: 12}), {maxLength: 40}),
			fc.array(fc.nat({max: 30}), {maxLength: 6}),
			async (stamps, breaks) => {
				const log = stamps.map((stamp, index) => line(stamp, `line ${index}`));
				const engine = brokenEngine(log, [...breaks], everything);
				const texts = await readAll(new FollowedLog(engine, 'c', {}), breaks.length + 1);
				assert.deepEqual(
					texts,
					log.map(({text}) => text),
				);
			},
		),
	);
});

for (const [reading, since] of Object.entries(readings)) {
	test(`nothing is lost or doubled where an engine gives ${reading}`, async () => {
		const log = [line(5, 'a'), line(9, 'b'), line(7, 'c'), line(9, 'd'), line(9, 'e'), line(12, 'f')];
		for (let first = 0; first <= log.length; first++) {
			const engine = brokenEngine(log, [first], since);
			// An engine of the second kind does not send again what is older than the line that was read last.
			const lost = first === 2 && reading.startsWith('only') ? ['c'] : [];
			assert.deepEqual(
				await readAll(new FollowedLog(engine, 'c', {}), 2),
				log.map(({text}) => text).filter((text) => !lost.includes(text)),
			);
		}
	});
}

test('the first reading begins where it is told, the next at the newest stamp', async () => {
	const engine = brokenEngine([line(1, 'a'), line(3, 'b'), line(2, 'c')], [], (log) => log);
	const followed = new FollowedLog(engine, 'c', {tail: 100});
	await readAll(followed, 2);
	assert.deepEqual(engine.requests, [
		{container: 'c', follow: true, tail: 100},
		{container: 'c', follow: true, since: '2026-01-01T00:00:00.000000003Z'},
	]);
});

test('a log without a line is read from the beginning again', async () => {
	const engine = brokenEngine([], [], (log) => log);
	await readAll(new FollowedLog(engine, 'c', {tail: 5}), 2);
	assert.deepEqual(engine.requests[1], {container: 'c', follow: true, tail: 5});
});

test('nothing is read after the abort, so that the next reading may begin at once', async () => {
	const abort = new AbortController();
	const log = [line(1, 'a'), line(2, 'b'), line(3, 'c'), line(4, 'd')];
	const since = readings['everything from the first line that has the stamp'] ?? assert.fail();
	const followed = new FollowedLog(brokenEngine(log, [], since), 'c', {});
	const texts: string[] = [];
	for await (const lines of followed.read(abort.signal)) {
		texts.push(...lines.map(({text}) => text));
		abort.abort();
	}

	assert.deepEqual([...texts, ...(await readAll(followed, 1))], ['a', 'b', 'c', 'd']);
});
