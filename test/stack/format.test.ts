import assert from 'node:assert/strict';
import {test} from 'node:test';
import {formatBytes, formatCount, formatDuration, formatPercent} from '../../src/stack/format.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const durations: ReadonlyArray<readonly [milliseconds: number, text: string]> = [
	[-5, '0 s'],
	[0, '0 s'],
	[999, '0 s'],
	[42 * second, '42 s'],
	[minute - 1, '59 s'],
	[minute, '1m 0s'],
	[3 * minute + 12 * second, '3m 12s'],
	[hour - 1, '59m 59s'],
	[2 * hour + 5 * minute + 59 * second, '2h 5m'],
	[day, '1d 0h'],
	[4 * day + 2 * hour, '4d 2h'],
	[400 * day, '400d 0h'],
];
for (const [milliseconds, text] of durations) {
	test(`${milliseconds} ms are written ${text}`, () => {
		assert.equal(formatDuration(milliseconds), text);
	});
}

const sizes: ReadonlyArray<readonly [bytes: number, text: string]> = [
	[0, '0 B'],
	[-1, '0 B'],
	[512, '512 B'],
	[999, '999 B'],
	[1000, '0.98 KiB'],
	[1024, '1.00 KiB'],
	[66_481_193, '63.4 MiB'],
	[186_646_528, '178 MiB'],
	[1_299_227_607, '1.21 GiB'],
	[1024 ** 4 * 5, '5.00 TiB'],
	[1024 ** 6, '1024 PiB'],
];
for (const [bytes, text] of sizes) {
	test(`${bytes} bytes are written ${text}`, () => {
		assert.equal(formatBytes(bytes), text);
	});
}

const percentages: ReadonlyArray<readonly [percent: number, text: string]> = [
	[0, '0.0 %'],
	[0.3, '0.3 %'],
	[95, '95.0 %'],
	[99.96, '100 %'],
	[200.4, '200 %'],
];
for (const [percent, text] of percentages) {
	test(`${percent} percent are written ${text}`, () => {
		assert.equal(formatPercent(percent), text);
	});
}

test('a count takes its noun in the right number', () => {
	assert.deepEqual(
		[formatCount(1, 'container'), formatCount(0, 'container'), formatCount(2, 'entry', 'entries')],
		['1 container', '0 containers', '2 entries'],
	);
});
