import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {readTime} from '../../src/commands/logs/time.ts';
import {Failure} from '../../src/failure.ts';

const now = Date.parse('2026-11-24T08:00:00Z');

const times: ReadonlyArray<readonly [text: string, stamp: string]> = [
	['10m', '2026-11-24T07:50:00.000Z'],
	['2h30m', '2026-11-24T05:30:00.000Z'],
	['1d', '2026-11-23T08:00:00.000Z'],
	['90s', '2026-11-24T07:58:30.000Z'],
	['0', '1970-01-01T00:00:00.000Z'],
	['1795507200', '2026-11-24T08:00:00.000Z'],
	['1795507200.5', '2026-11-24T08:00:00.500Z'],
	['2026-11-24T08:00:00Z', '2026-11-24T08:00:00Z'],
	['2026-11-24T08:00:00.123456789+02:00', '2026-11-24T08:00:00.123456789+02:00'],
	// The tests run in UTC, so that local is UTC.
	['2026-11-24', '2026-11-24T00:00:00.000Z'],
	['2026-11-24T07:30', '2026-11-24T07:30:00.000Z'],
	['2026-11-24 07:30:15', '2026-11-24T07:30:15.000Z'],
];
for (const [text, stamp] of times) {
	test(`${text} is ${stamp}`, () => {
		assert.equal(readTime('--since', text, now), stamp);
	});
}

for (const text of ['', 'yesterday', '10x', '2026-13-01', '2026-11-24T25:00:00Z', '99999999999999d', '-5m']) {
	test(`"${text}" is no time`, () => {
		assert.throws(
			() => readTime('--since', text, now),
			(error) => error instanceof Failure && error.reason === 'wrongCall',
		);
	});
}

test('whatever is given, it is a stamp or a wrong call', () => {
	fc.assert(
		fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\dsmhdTZ:. +-]{1,24}$/)), (text) => {
			try {
				assert.match(
					readTime('--since', text, now),
					/^[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/,
				);
			} catch (error) {
				assert.ok(error instanceof Failure);
			}
		}),
	);
});
