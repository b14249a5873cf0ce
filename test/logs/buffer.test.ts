import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {LogBuffer} from '../../src/logs/buffer.ts';
import type {LogEntry} from '../../src/logs/entry.ts';
import {indexAtTime} from '../../src/logs/source.ts';
import {lineOf, linesOf, readFrom, textsIn} from './support.ts';

test('an entry is clean, and knows its service, number, level and record', () => {
	const buffer = new LogBuffer({service: 'mlflow'});
	buffer.append([
		lineOf(0, '\u001B[31mERROR:    \u0007failed'),
		lineOf(1, 'Traceback (most recent call last):'),
		lineOf(2, 'INFO:     fine'),
	]);
	const [error, traceback, fine] = [buffer.at(0), buffer.at(1), buffer.at(2)];
	assert.equal(error?.text, '\u001B[31mERROR:    ␇failed\u001B[0m');
	assert.equal(error.plain, 'ERROR:    ␇failed');
	assert.deepEqual([error.service, error.index, error.level, error.start], ['mlflow', 0, 'error', true]);
	assert.deepEqual([traceback?.level, traceback?.start, traceback?.order], ['error', false, error.order]);
	assert.deepEqual([fine?.level, fine?.start, fine?.order], ['info', true, fine?.time]);
});

test('past its lines a buffer drops the oldest, and says how many', () => {
	const buffer = new LogBuffer({lines: 3});
	buffer.append(linesOf(0, 5));
	assert.deepEqual(textsIn(buffer), ['line 2', 'line 3', 'line 4']);
	assert.deepEqual([buffer.first, buffer.end, buffer.dropped], [2, 5, 2]);
});

test('past its bytes a buffer drops the oldest, but keeps the last line', () => {
	const buffer = new LogBuffer({bytes: 2000});
	buffer.append([lineOf(0), lineOf(1), lineOf(2, 'x'.repeat(700))]);
	assert.deepEqual([buffer.first, buffer.end], [1, 3]);
	buffer.append([lineOf(3, 'x'.repeat(5000))]);
	assert.deepEqual([buffer.first, buffer.end], [3, 4]);
});

test('older lines that are read later get the numbers before the first', () => {
	const buffer = new LogBuffer();
	buffer.append(linesOf(100, 102));
	assert.equal(buffer.prepend(linesOf(97, 100)), 3);
	assert.deepEqual([buffer.first, buffer.at(-3)?.text, buffer.at(0)?.text], [-3, 'line 97', 'line 100']);
	assert.equal(buffer.dropped, 0);
});

test('a buffer that is full and not held takes no older lines', () => {
	const buffer = new LogBuffer({lines: 3});
	buffer.append(linesOf(0, 5));
	assert.equal(buffer.prepend(linesOf(0, 2)), 0);
});

test('a reader far back keeps his lines while others come and older ones are read', () => {
	const buffer = new LogBuffer({lines: 4});
	buffer.append(linesOf(0, 10));
	buffer.hold();
	buffer.append(linesOf(10, 12));
	assert.deepEqual([buffer.first, buffer.end, buffer.logEnd], [6, 10, 12]);
	assert.equal(buffer.prepend(linesOf(3, 6)), 3);
	assert.deepEqual(textsIn(buffer), ['line 3', 'line 4', 'line 5', 'line 6']);
	assert.deepEqual([buffer.first, buffer.end, buffer.logEnd, buffer.dropped], [3, 7, 12, 3]);
	buffer.append(linesOf(12, 13));
	assert.deepEqual(buffer.release(), {tail: 4});
	assert.deepEqual(textsIn(buffer), ['line 3', 'line 4', 'line 5', 'line 6']);
	buffer.append(linesOf(9, 13));
	assert.deepEqual(textsIn(buffer), ['line 9', 'line 10', 'line 11', 'line 12']);
	assert.deepEqual([buffer.first, buffer.end, buffer.logEnd], [9, 13, 13]);
});

test('a reader who comes back gets what was left out, and nothing twice', () => {
	const buffer = new LogBuffer({lines: 4});
	buffer.append(linesOf(0, 4));
	buffer.hold();
	buffer.append(linesOf(4, 6));
	assert.deepEqual(buffer.release(), {since: lineOf(3).stamp});
	buffer.append(linesOf(3, 7));
	assert.deepEqual(textsIn(buffer), ['line 3', 'line 4', 'line 5', 'line 6']);
	assert.deepEqual([buffer.first, buffer.end, buffer.logEnd], [3, 7, 7]);
});

test('a rule that finds no room above a held place is given back', () => {
	const buffer = new LogBuffer({lines: 2});
	assert.equal(buffer.appendRule(0, 'exited (1)'), true);
	buffer.append([lineOf(0)]);
	buffer.hold();
	assert.equal(buffer.appendRule(lineOf(1).time, 'exited (2)'), false);
	buffer.append([lineOf(2)]);
	assert.equal(buffer.appendRule(lineOf(3).time, 'exited (3)'), false);
	assert.deepEqual(textsIn(buffer), ['exited (1)', 'line 0']);
	buffer.release();
	assert.equal(buffer.appendRule(lineOf(1).time, 'exited (2)'), true);
});

test('a reader who comes back before anything was left out reads nothing again', () => {
	const buffer = new LogBuffer();
	buffer.append(linesOf(0, 3));
	buffer.hold();
	buffer.append(linesOf(3, 5));
	assert.equal(buffer.release(), undefined);
	assert.equal(buffer.end, 5);
});

test('of lines with the same stamp only those that are new are taken after a release', () => {
	const same = lineOf(5);
	const buffer = new LogBuffer({lines: 3});
	buffer.append([lineOf(4), same, same]);
	buffer.hold();
	buffer.append([same, lineOf(6)]);
	assert.deepEqual(buffer.release(), {since: same.stamp});
	buffer.append([same, same, same, lineOf(6)]);
	assert.deepEqual(textsIn(buffer), ['line 5', 'line 5', 'line 6']);
	assert.deepEqual([buffer.first, buffer.end], [2, 5]);
});

test('lines whose stamps are out of order are recognised after a release, as engines old and new send them', () => {
	// The two streams are stamped apart: line 3 arrived after line 4.
	const [three, four] = [lineOf(3, 'line 3', 'stderr'), lineOf(4)];
	for (const again of [
		[four, three, lineOf(5)],
		[four, lineOf(5)],
	]) {
		const buffer = new LogBuffer({lines: 3});
		buffer.append([lineOf(2), four, three]);
		buffer.hold();
		buffer.append([lineOf(5)]);
		assert.deepEqual(buffer.release(), {since: four.stamp});
		buffer.append(again);
		assert.deepEqual(textsIn(buffer), ['line 4', 'line 3', 'line 5']);
	}
});

test('the end of a record whose beginning is read later gets its level', () => {
	const buffer = new LogBuffer();
	buffer.append([
		lineOf(1, '  File "a.py", line 1', 'stderr'),
		lineOf(2, 'INFO:     other'),
		lineOf(3, '    x()', 'stderr'),
	]);
	assert.deepEqual([buffer.at(0)?.level, buffer.at(2)?.level], [undefined, undefined]);
	const {version} = buffer;
	buffer.prepend([lineOf(0, 'Traceback (most recent call last):', 'stderr')]);
	assert.deepEqual(
		[buffer.at(0)?.level, buffer.at(1)?.level, buffer.at(2)?.level],
		['error', 'info', 'error'],
	);
	assert.equal(buffer.kept(version).from, 3);
});

test('a rule of our own stands between the lines, and no record goes on over it', () => {
	const buffer = new LogBuffer();
	buffer.append([lineOf(0, 'ERROR:    failed')]);
	buffer.appendRule(lineOf(1).time, 'exited (1)');
	buffer.append([lineOf(2, '  indented')]);
	assert.deepEqual([buffer.at(1)?.rule, buffer.at(1)?.text, buffer.at(2)?.start], [true, 'exited (1)', true]);
});

test('a clock that was set back does not put lines out of order', () => {
	const buffer = new LogBuffer();
	buffer.append([lineOf(5), lineOf(1), lineOf(6)]);
	assert.deepEqual(
		[0, 1, 2].map((index) => buffer.at(index)?.order),
		[lineOf(5).time, lineOf(5).time, lineOf(6).time],
	);
	assert.equal(indexAtTime(buffer, lineOf(6).time), 2);
});

test('whatever comes, is read again, held and released, each number means its line, within the limits', () => {
	const step = fc.record({
		action: fc.constantFrom('arrive' as const, 'older' as const, 'hold' as const, 'release' as const),
		count: fc.nat(30),
	});
	fc.assert(
		fc.property(fc.array(step, {maxLength: 40}), fc.integer({min: 1, max: 40}), (steps, lines) => {
			const bytes = lines * 250;
			const buffer = new LogBuffer({lines, bytes});
			// The engine's log begins at -100; the buffer's first line is 0.
			let written = 0;
			const seen: Array<{version: number; entries: Map<number, LogEntry>}> = [];
			for (const {action, count} of steps) {
				if (action === 'arrive') {
					buffer.append(linesOf(written, written + count));
					written += count;
				} else if (action === 'older' && written > 0) {
					const from = Math.max(-100, buffer.first - count);
					const taken = buffer.prepend(linesOf(from, buffer.first));
					assert.ok(taken <= count);
				} else if (action === 'hold') {
					buffer.hold();
				} else if (action === 'release') {
					buffer.append(readFrom(linesOf(-100, written), buffer.release()));
				}

				assert.equal(buffer.logEnd, written);
				assert.ok(buffer.end - buffer.first <= lines);
				assert.ok(buffer.bytes <= bytes || buffer.end - buffer.first === 1);
				const entries = new Map<number, LogEntry>();
				for (let index = buffer.first; index < buffer.end; index++) {
					const entry = buffer.at(index);
					assert.equal(entry?.text, `line ${index}`);
					assert.equal(entry.index, index);
					entries.set(index, entry);
				}

				for (const before of seen) {
					const {from, to} = buffer.kept(before.version);
					for (const [index, entry] of entries) {
						if (index >= from && index < to && before.entries.has(index)) {
							assert.ok(entry.isSame(before.entries.get(index)), 'a kept number means the same line');
						}
					}
				}

				seen.push({version: buffer.version, entries});
			}
		}),
	);
});
