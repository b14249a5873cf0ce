import assert from 'node:assert/strict';
import {setTimeout as sleep} from 'node:timers/promises';
import {test} from 'node:test';
import fc from 'fast-check';
import {TimeMerge} from '../../src/commands/logs/time-merge.ts';

interface Line {
	readonly order: number;
	readonly source: number;
	readonly index: number;
}

/** Batches of a source's lines, with a turn of the event loop before those that ask for it. */
async function* given(
	batches: ReadonlyArray<readonly Line[]>,
	pauses: readonly boolean[] = [],
): AsyncGenerator<readonly Line[], void, undefined> {
	for (const [index, batch] of batches.entries()) {
		if (pauses[index]) {
			await sleep(0);
		}

		yield batch;
	}
}

async function collected(merge: AsyncIterable<readonly Line[]>): Promise<readonly Line[]> {
	const lines: Line[] = [];
	for await (const batch of merge) {
		lines.push(...batch);
	}

	return lines;
}

const someSource = fc.array(
	fc.record({
		steps: fc.array(fc.nat({max: 5}), {maxLength: 8}),
		pause: fc.boolean(),
	}),
	{maxLength: 6},
);

test('lines come in order of time, none lost, none twice, each source in its own order', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(someSource, {maxLength: 4}), async (sources) => {
			const merge = new TimeMerge<Line>(Number.POSITIVE_INFINITY);
			const all: Line[] = [];
			for (const [source, batches] of sources.entries()) {
				let order = 0;
				let index = 0;
				const lines = batches.map(({steps}) =>
					steps.map((step) => {
						order += step;
						return {order, source, index: index++};
					}),
				);
				all.push(...lines.flat());
				merge.add(
					given(
						lines,
						batches.map(({pause}) => pause),
					),
				);
			}

			merge.close();
			const merged = await collected(merge);
			assert.equal(merged.length, all.length);
			for (const [index, line] of merged.entries()) {
				assert.ok(line.order >= (merged[index - 1]?.order ?? 0));
			}

			for (const source of sources.keys()) {
				const own = merged.filter((line) => line.source === source);
				assert.deepEqual(
					own.map(({index}) => index),
					[...own.keys()],
				);
			}
		}),
		{numRuns: 60},
	);
});

test('a source that is silent is waited for only as long as the patience lasts', async () => {
	const stop = new AbortController();
	async function* silent(): AsyncGenerator<readonly Line[], void, undefined> {
		await sleep(60_000, undefined, {signal: stop.signal}).catch(() => {});
		yield [];
	}

	const merge = new TimeMerge<Line>(20);
	merge.add(silent());
	merge.add(given([[{order: 1, source: 0, index: 0}]]));
	for await (const lines of merge) {
		assert.equal(lines.length, 1);
		break;
	}

	stop.abort();
});

test('within the patience a late line still comes before a younger one', async () => {
	async function* late(): AsyncGenerator<readonly Line[], void, undefined> {
		await sleep(20);
		yield [{order: 1, source: 1, index: 0}];
	}

	const merge = new TimeMerge<Line>(5000);
	merge.add(given([[{order: 2, source: 0, index: 0}]]));
	merge.add(late());
	merge.close();
	assert.deepEqual(
		(await collected(merge)).map(({order}) => order),
		[1, 2],
	);
});

test('a source is not asked for more than is taken', async () => {
	let asked = 0;
	async function* endless(): AsyncGenerator<readonly Line[], void, undefined> {
		while (true) {
			yield [{order: asked++, source: 0, index: asked}];
		}
	}

	const merge = new TimeMerge<Line>(Number.POSITIVE_INFINITY);
	merge.add(endless());
	let taken = 0;
	for await (const lines of merge) {
		taken += lines.length;
		await sleep(1);
		assert.ok(asked <= taken + 2, `${asked} asked, ${taken} taken`);
		if (taken >= 20) {
			break;
		}
	}
});

test('what a source throws, or who adds them, ends the merge', async () => {
	async function* failing(): AsyncGenerator<readonly Line[], void, undefined> {
		yield [{order: 1, source: 0, index: 0}];
		throw new Error('the log broke off');
	}

	const merge = new TimeMerge<Line>(Number.POSITIVE_INFINITY);
	merge.add(failing());
	await assert.rejects(collected(merge), /the log broke off/);
	const other = new TimeMerge<Line>(Number.POSITIVE_INFINITY);
	other.fail(new Error('the watch ended'));
	await assert.rejects(collected(other), /the watch ended/);
});
