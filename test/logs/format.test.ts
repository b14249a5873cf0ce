import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {formatTimestamp, timestampColumns, timestampModes} from '../../src/logs/format.ts';

const now = Date.UTC(2026, 10, 24, 12);
const at = (...time: Parameters<typeof Date.UTC>) => Date.UTC(...time) * 1000;

test('today a time is to the millisecond, on another day it is a date', () => {
	assert.equal(formatTimestamp(at(2026, 10, 24, 5, 34, 25, 87) + 999, 'utc', {now}), '05:34:25.087');
	assert.equal(formatTimestamp(at(2026, 10, 23, 19, 27), 'utc', {now}), 'Nov 23 19:27');
});

test('local time is that of the zone, on its own days', () => {
	const zone = process.env['TZ'];
	try {
		process.env['TZ'] = 'Asia/Kolkata';
		assert.equal(formatTimestamp(at(2026, 10, 24, 5, 34, 25, 87), 'local', {now}), '11:04:25.087');
		assert.equal(formatTimestamp(at(2026, 10, 23, 18, 29), 'local', {now}), 'Nov 23 23:59');
		assert.equal(formatTimestamp(at(2026, 10, 23, 18, 30), 'local', {now}), '00:00:00.000');
	} finally {
		if (zone === undefined) {
			delete process.env['TZ'];
		} else {
			process.env['TZ'] = zone;
		}
	}
});

test('a time may be given by its age', () => {
	const ages = [0, 999, 12_400, 59_999, 60_000, 3_600_000, 90_000_000, 9e10, -5000];
	assert.deepEqual(
		ages.map((age) => formatTimestamp((now - age) * 1000, 'relative', {now}).trim()),
		['now', 'now', '12s ago', '59s ago', '1m ago', '1h ago', '1d ago', '2y ago', 'now'],
	);
});

test("a time may be given from the container's start", () => {
	const since = [0, 204, 67_204, 3_723_400, 273_900_000, 1e10, -1500];
	assert.deepEqual(
		since.map((length) =>
			formatTimestamp((now + length) * 1000, 'since start', {now, startedAt: now}).trim(),
		),
		['+0:00.000', '+0:00.204', '+1:07.204', '+1:02:03', '+3d 04:05', '+115d', '-0:01.500'],
	);
	assert.equal(formatTimestamp(now * 1000, 'since start', {now}), ' '.repeat(10));
});

test('every timestamp of a mode is as wide as the next', () => {
	const time = fc.integer({min: 0, max: 2 * now});
	fc.assert(
		fc.property(fc.constantFrom(...timestampModes), time, time, (mode, milliseconds, startedAt) => {
			const text = formatTimestamp(milliseconds * 1000, mode, {now, startedAt});
			assert.equal(text.length, timestampColumns[mode]);
		}),
	);
});
