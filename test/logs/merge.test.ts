import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {LogBuffer} from '../../src/logs/buffer.ts';
import type {LogEntry} from '../../src/logs/entry.ts';
import {MergedLog} from '../../src/logs/merge.ts';
import {entriesIn, lineOf, linesOf, readFrom, textsIn} from './support.ts';

test('lines of several services stand in the order of their time', () => {
	const [database, tracking] = [new LogBuffer({service: 'postgres'}), new LogBuffer({service: 'mlflow'})];
	database.append([lineOf(1), lineOf(4)]);
	tracking.append([lineOf(2), lineOf(3), lineOf(5)]);
	const merged = new MergedLog([database, tracking]);
	assert.equal(merged.update(), true);
	assert.deepEqual(textsIn(merged), ['line 1', 'line 2', 'line 3', 'line 4', 'line 5']);
	assert.equal(merged.update(), false);
});

test('a late line goes where it belongs, and what is before it keeps its number', () => {
	const [a, b] = [new LogBuffer({service: 'a'}), new LogBuffer({service: 'b'})];
	const merged = new MergedLog([a, b]);
	a.append(linesOf(0, 10));
	merged.update();
	const {version} = merged;
	const [before, after] = [merged.at(6), merged.at(7)];
	b.append([lineOf(6, 'late')]);
	merged.update();
	assert.equal(merged.at(7)?.text, 'late');
	assert.equal(merged.kept(version).to, 7);
	assert.ok(before && after);
	assert.equal(merged.indexOf(before), 6);
	assert.equal(merged.indexOf(after), 8);
});

test('equal stamps stand in the order in which the services were added', () => {
	const [a, b] = [new LogBuffer({service: 'a'}), new LogBuffer({service: 'b'})];
	const merged = new MergedLog([a, b]);
	b.append([lineOf(0, 'b')]);
	merged.update();
	a.append([lineOf(0, 'a')]);
	merged.update();
	assert.deepEqual(textsIn(merged), ['a', 'b']);
});

test("the lines of a record are not parted by another service's", () => {
	const [a, b] = [new LogBuffer({service: 'a'}), new LogBuffer({service: 'b'})];
	a.append([
		lineOf(0, 'ERROR:    failed'),
		lineOf(2, 'Traceback (most recent call last):'),
		lineOf(4, '  x'),
	]);
	b.append([lineOf(1, 'one'), lineOf(3, 'two')]);
	const merged = new MergedLog([a, b]);
	merged.update();
	assert.deepEqual(
		entriesIn(merged).map(({service}) => service),
		['a', 'a', 'a', 'b', 'b'],
	);
});

test('a service that floods does not push out what another said', () => {
	const [quiet, loud] = [new LogBuffer({service: 'quiet'}), new LogBuffer({service: 'loud', lines: 100})];
	const merged = new MergedLog([quiet, loud]);
	quiet.append([lineOf(0, 'quiet')]);
	for (let at = 1; at < 10_000; at += 50) {
		loud.append(linesOf(at, at + 50));
		merged.update();
	}

	assert.equal(merged.at(merged.first)?.text, 'quiet');
	assert.equal(merged.at(merged.end - 1)?.text, 'line 10000');
	// 101 lines, and dropped ones that are not worth taking away yet.
	assert.ok(merged.end - merged.first < 300);
});

test('older lines that a buffer read again come in where they belong', () => {
	const [a, b] = [new LogBuffer({service: 'a'}), new LogBuffer({service: 'b'})];
	const merged = new MergedLog([a, b]);
	a.append(linesOf(10, 12));
	b.append([lineOf(5, 'b')]);
	merged.update();
	const end = merged.end;
	a.prepend([lineOf(3), lineOf(8)]);
	merged.update();
	assert.deepEqual(textsIn(merged), ['line 3', 'b', 'line 8', 'line 10', 'line 11']);
	assert.equal(merged.end, end, 'lines at the end keep their numbers');
});

test('a line that goes on with a record that was read later is there once, as a part of it', () => {
	const a = new LogBuffer({service: 'a'});
	const merged = new MergedLog([a]);
	a.append([lineOf(5, '  goes on'), lineOf(6, 'INFO: more')]);
	merged.update();
	a.prepend([lineOf(3, 'ERROR: it failed')]);
	merged.update();
	assert.deepEqual(textsIn(merged), ['ERROR: it failed', '  goes on', 'INFO: more']);
	assert.equal(merged.at(merged.first + 1)?.level, 'error');
});

test('a service that appears later is merged whole', () => {
	const [a, b] = [new LogBuffer({service: 'a'}), new LogBuffer({service: 'b'})];
	const merged = new MergedLog([a]);
	a.append([lineOf(1), lineOf(3)]);
	merged.update();
	b.append([lineOf(2)]);
	merged.add(b);
	merged.update();
	assert.deepEqual(textsIn(merged), ['line 1', 'line 2', 'line 3']);
});

test('whatever comes in whatever order, the merged log is all buffers sorted, and kept numbers mean the same', () => {
	const step = fc.record({
		buffer: fc.nat(2),
		action: fc.constantFrom(
			'arrive' as const,
			'arrive' as const,
			'older' as const,
			'hold' as const,
			'release' as const,
		),
		count: fc.nat(25),
		pause: fc.nat(40),
		update: fc.boolean(),
	});
	fc.assert(
		fc.property(fc.array(step, {maxLength: 60}), (steps) => {
			const buffers = [0, 1, 2].map((n) => new LogBuffer({service: `s${n}`, lines: 40}));
			// What each engine has written: the first ten lines were there before.
			const logs = buffers.map(() => linesOf(0, 10));
			const merged = new MergedLog(buffers);
			const seen: Array<{version: number; entries: Map<number, LogEntry>}> = [];
			for (const {buffer: n, action, count, pause, update} of steps) {
				const [buffer, log] = [buffers[n], logs[n]];
				assert.ok(buffer && log);
				if (action === 'arrive') {
					const from = (log.at(-1)?.time ?? 0) / 1000 - Date.UTC(2026, 10, 24) + pause;
					// Every third line goes on with the record above it.
					const lines = Array.from({length: count}, (_, index) =>
						lineOf(from + index, `${index % 3 === 2 ? '  ' : ''}line ${from + index}`),
					);
					log.push(...lines);
					buffer.append(lines);
				} else if (action === 'older') {
					const at = buffer.first + 10;
					buffer.prepend(log.slice(Math.max(0, at - count), at));
				} else if (action === 'hold') {
					buffer.hold();
				} else {
					buffer.append(readFrom(log, buffer.release()));
				}

				if (!update) {
					continue;
				}

				merged.update();
				const entries = entriesIn(merged);
				const live = entries.filter((entry) => buffers.some((one) => entry.isSame(one.at(entry.index))));
				const expected = buffers
					.flatMap((one, rank) => entriesIn(one).map((entry) => ({entry, rank})))
					.sort((a, b) => a.entry.order - b.entry.order || a.rank - b.rank || a.entry.index - b.entry.index)
					.map(({entry}) => entry);
				assert.deepEqual(
					live.map(({service, text}) => service + text),
					expected.map(({service, text}) => service + text),
				);
				const gone = entries.filter((entry) => !live.includes(entry));
				assert.ok(gone.length <= 64 + live.length / 4);
				assert.ok(
					gone.every((entry) =>
						buffers.some((one) => one.service === entry.service && entry.index < one.first),
					),
					'only what a buffer dropped at its start may still be seen',
				);
				const numbered = new Map(entries.map((entry, index) => [merged.first + index, entry]));
				for (const before of seen) {
					const {from, to} = merged.kept(before.version);
					for (const [index, entry] of numbered) {
						if (index >= from && index < to && before.entries.has(index)) {
							assert.ok(entry.isSame(before.entries.get(index)));
						}
					}
				}

				seen.push({version: merged.version, entries: numbered});
			}
		}),
		{numRuns: 200},
	);
});
