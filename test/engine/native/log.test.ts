import assert from 'node:assert/strict';
import {appendFileSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import fc from 'fast-check';
import {logSize, parseRecord} from '../../../src/engine/native/log-format.ts';
import {readLog} from '../../../src/engine/native/log-reader.ts';
import {openLog} from '../../../src/engine/native/log-writer.ts';
import {makeBell} from '../../../src/engine/native/events.ts';
import {formatStamp, parseStamp, stampClock} from '../../../src/engine/native/stamps.ts';
import type {LogLine, LogRequest} from '../../../src/stack/model.ts';
import {skipElsewhere, temporaryData} from './support.ts';

const never = new AbortController().signal;
const fail = (error: unknown): void => {
	throw error;
};

async function linesOf(
	folder: string,
	request: Pick<LogRequest, 'since' | 'until' | 'tail'> = {},
): Promise<LogLine[]> {
	const lines: LogLine[] = [];
	for await (const batch of readLog(folder, 'web', request, undefined, never)) {
		lines.push(...batch);
	}

	return lines;
}

const texts = (lines: readonly LogLine[]): string[] => lines.map(({text}) => text);

function write(folder: string, ...chunks: readonly string[]): void {
	const log = openLog(folder, 'web', fail);
	for (const chunk of chunks) {
		log.write('stdout', Buffer.from(chunk));
	}

	log.close();
}

test('stamps are read as they are written, and others as RFC 3339 has them', () => {
	fc.assert(
		fc.property(fc.bigInt(0n, 4_000_000_000_000_000_000n), (moment) => {
			assert.equal(parseStamp(formatStamp(moment)), moment);
		}),
	);
	assert.equal(parseStamp('1970-01-01T01:00:00.5+01:00'), 500_000_000n);
	assert.equal(parseStamp('1970-01-01T00:00:01Z'), 1_000_000_000n);
	assert.equal(parseStamp('yesterday'), undefined);
});

test('the clock of stamps goes on, even after a moment that is still to come', () => {
	const soon = BigInt(Date.now() + 60_000) * 1_000_000n;
	for (const clock of [stampClock(), stampClock(soon)]) {
		let last = clock();
		for (let count = 0; count < 10_000; count++) {
			const now = clock();
			assert.ok(now > last);
			last = now;
		}
	}

	const now = stampClock()() / 1_000_000n;
	assert.ok(Math.abs(Number(now) - Date.now()) < 1000, 'it shows the time of the system');
});

test('lines come out whole wherever the process paused in writing them', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.string({unit: 'grapheme', maxLength: 20}), {minLength: 1, maxLength: 30}),
			fc.array(fc.integer({min: 1, max: 9}), {minLength: 1}),
			async (parts, cuts) => {
				const lines = parts.map((part) => part.replaceAll('\n', ' '));
				const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
				const folder = mkdtempSync(join(tmpdir(), 'mlstack-log-'));
				try {
					const log = openLog(folder, 'web', fail);
					for (let at = 0, turn = 0; at < bytes.length; turn++) {
						const end = at + (cuts[turn % cuts.length] ?? 1);
						log.write('stderr', bytes.subarray(at, end));
						at = end;
					}

					log.close();
					const read = await linesOf(folder);
					assert.deepEqual(texts(read), lines);
					assert.ok(read.every((line, place) => place === 0 || line.stamp > (read[place - 1]?.stamp ?? '')));
				} finally {
					rmSync(folder, {recursive: true, force: true});
				}
			},
		),
		{numRuns: 50},
	);
});

test('anything in a log file is read without harm', () => {
	fc.assert(
		fc.property(fc.string(), (line) => {
			const record = parseRecord(line);
			assert.ok(record === undefined || line.endsWith(record.text));
		}),
	);
});

test('reading goes on from any line without a gap or a line twice', async (t) => {
	const folder = temporaryData(t);
	write(folder, Array.from({length: 500}, (_, count) => `line ${count}\n`).join(''));
	const all = await linesOf(folder);
	assert.equal(all.length, 500);
	for (const place of [0, 1, 250, 499]) {
		const rest = await linesOf(folder, {since: all[place]?.stamp ?? ''});
		assert.deepEqual(rest, all.slice(place));
	}

	const until = await linesOf(folder, {since: all[10]?.stamp ?? '', until: all[20]?.stamp ?? ''});
	assert.deepEqual(until, all.slice(10, 21));
});

test('the last lines are found from the end, over blocks and files', async (t) => {
	const folder = temporaryData(t);
	const long = 'x'.repeat(700);
	write(folder, ...Array.from({length: 400}, (_, count) => `${count} ${long}\n`));
	const all = await linesOf(folder);
	for (const tail of [0, 1, 2, 99, 399, 400, 1000]) {
		assert.deepEqual(await linesOf(folder, {tail}), tail === 0 ? [] : all.slice(-tail), `tail ${tail}`);
	}
});

test('a log is set aside at its size, and the oldest is dropped', async (t) => {
	const folder = temporaryData(t);
	const block = `${'y'.repeat(1023)}\n`.repeat(1024);
	const log = openLog(folder, 'web', fail);
	for (let written = 0; written < 4 * logSize; written += block.length) {
		log.write('stdout', Buffer.from(block));
	}

	log.write('stdout', Buffer.from('the last\n'));
	log.close();
	assert.deepEqual(readdirSync(folder).sort(), ['web.log', 'web.log.1', 'web.log.2']);
	const tail = await linesOf(folder, {tail: 20_000});
	assert.equal(tail.length, 20_000);
	assert.equal(tail.at(-1)?.text, 'the last');
	assert.ok(tail.every(({stamp}, place) => place === 0 || stamp > (tail[place - 1]?.stamp ?? '')));
});

test('a reader that follows misses nothing when the log is set aside meanwhile', async (t) => {
	const folder = temporaryData(t);
	const bell = makeBell();
	let ended = false;
	const follow = {changed: bell.next, ended: () => ended};
	const log = openLog(folder, 'web', fail);
	const read: LogLine[] = [];
	const reading = (async () => {
		for await (const batch of readLog(folder, 'web', {}, follow, never)) {
			read.push(...batch);
		}
	})();
	const filler = 'z'.repeat(2000);
	const count = 15_000;
	for (let line = 0; line < count; line++) {
		log.write('stdout', Buffer.from(`${line} ${filler}\n`));
		if (line % 100 === 0) {
			bell.ring();
			await new Promise((resolve) => setImmediate(resolve));
		}
	}

	ended = true;
	bell.ring();
	await reading;
	log.close();
	assert.deepEqual(
		texts(read).map((text) => Number.parseInt(text, 10)),
		Array.from({length: count}, (_, line) => line),
	);
});

test('a line that a crash has torn off harms neither the line before nor the one after it', async (t) => {
	const folder = temporaryData(t);
	write(folder, 'before\n');
	appendFileSync(join(folder, 'web.log'), '2026-11-24T05:41:12.1234');
	write(folder, 'after\n');
	assert.deepEqual(texts(await linesOf(folder)), ['before', 'after']);
});

test('stamps go on after a restart, even when the clock was set back', async (t) => {
	const folder = temporaryData(t);
	const later = formatStamp(BigInt(Date.now() + 3_600_000) * 1_000_000n);
	writeFileSync(join(folder, 'web.log'), `${later} stdout F from the future\n`);
	write(folder, 'now\n');
	assert.deepEqual(texts(await linesOf(folder)), ['from the future', 'now']);
});

test('a full disk costs lines and nothing else, and is told once', {skip: skipFull()}, (t) => {
	const folder = temporaryData(t);
	symlinkSync('/dev/full', join(folder, 'web.log'));
	const troubles: unknown[] = [];
	const log = openLog(folder, 'web', (error) => troubles.push(error));
	log.write('stdout', Buffer.from('one\n'));
	log.write('stdout', Buffer.from('two\n'));
	log.close();
	assert.equal(troubles.length, 1);
	assert.match(String(troubles[0]), /ENOSPC/);
});

function skipFull(): string | false {
	return skipElsewhere || (process.platform === 'linux' ? false : '/dev/full is Linux only');
}
