import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {LogPage, type PagedEntry} from '../../src/logs/page.ts';
import {LineRuns} from '../../src/logs/runs.ts';
import {classify} from '../../src/logs/records.ts';
import {lineOf} from './support.ts';

/** Pages of a log, 256 lines each, every fifth of which is an error. */
function pagesOf(log: string): readonly LogPage[] {
	return [0, 256, 512].map((first) => {
		const page = new LogPage({service: log, log}, first);
		while (!page.isFull) {
			const text = `${page.end % 5 === 0 ? 'ERROR: ' : ''}line ${page.end}`;
			page.add(lineOf(page.end), {
				text,
				plain: text,
				order: page.end,
				rule: page.end % 13 === 0,
				lineClass: classify(undefined, text),
			});
		}

		return page;
	});
}

const logs = [pagesOf('a'), pagesOf('b')] as const;

const line = fc.record({
	log: fc.constantFrom(0, 1),
	page: fc.constantFrom(0, 1, 2),
	at: fc.nat(255),
	length: fc.integer({min: 1, max: 60}),
});

test('whatever lines of whatever logs come and go, each keeps its number', () => {
	const step = fc.record({
		action: fc.constantFrom('push', 'run', 'unshift', 'shift', 'pop', 'retain', 'trim'),
		line,
		times: fc.nat(40),
	});
	fc.assert(
		fc.property(fc.array(step, {maxLength: 25}), fc.nat(), (steps, read) => {
			const runs = new LineRuns();
			let model: Array<PagedEntry | undefined> = [];
			let first = 0;
			for (const {action, line: from, times} of steps) {
				const page = logs[from.log]?.[from.page];
				assert.ok(page);
				const [start, end] = [page.first + from.at, Math.min(page.end, page.first + from.at + from.length)];
				const lines = Array.from({length: end - start}, (_, at) => page.entry(start + at));
				if (action === 'push') {
					for (const entry of lines) {
						runs.push(entry);
					}

					model.push(...lines);
				} else if (action === 'run') {
					runs.pushRun(page, start, end);
					model.push(...lines);
				} else if (action === 'unshift') {
					for (const entry of lines.toReversed()) {
						runs.unshift(entry);
					}

					model.unshift(...lines);
					first -= lines.length;
				} else if (action === 'retain' || action === 'trim') {
					// Of each page a span, or nothing.
					const kept = {from: start, to: start + 7 * times};
					const isKept = (entry: PagedEntry | undefined) =>
						entry !== undefined && entry.index >= kept.from && entry.index < kept.to;
					const spanOf = (_: LogPage, low: number, high: number) => ({
						from: Math.max(low, kept.from),
						to: Math.min(high, kept.to),
					});
					if (action === 'retain') {
						const lastGone = model.findLastIndex((entry) => !isKept(entry));
						assert.equal(runs.retain(spanOf), first + lastGone + 1);
						first += model.filter((entry) => !isKept(entry)).length;
						model = model.filter((entry) => isKept(entry));
					} else {
						const there = model.findIndex((entry) => isKept(entry));
						const gone = there === -1 ? model.length : there;
						assert.equal(runs.trim(spanOf), gone);
						first += gone;
						model = model.slice(gone);
					}
				} else {
					for (let time = 0; time < times; time++) {
						runs[action === 'shift' ? 'shift' : 'pop']();
						first += action === 'shift' && model.length > 0 ? 1 : 0;
						model = action === 'shift' ? model.slice(1) : model.slice(0, -1);
					}
				}

				assert.deepEqual([runs.first, runs.end, runs.length], [first, first + model.length, model.length]);
				for (const [at, entry] of model.entries()) {
					assert.ok(entry?.isSame(runs.at(first + at)));
				}

				assert.equal(runs.at(first - 1), undefined);
				assert.equal(runs.at(runs.end), undefined);
				const [low, high] = [read % (model.length + 1), (read >> 3) % (model.length + 1)].sort(
					(a, b) => a - b,
				);
				const scanned: Array<readonly [string, number]> = [];
				runs.scan(
					first + (low ?? 0),
					first + (high ?? 0),
					({level}) => level === 'error',
					(entry, index) => scanned.push([`${entry.log} ${entry.index}`, index]),
				);
				assert.deepEqual(
					scanned,
					[...model.entries()]
						.filter(
							([at, entry]) =>
								at >= (low ?? 0) && at < (high ?? 0) && (entry?.rule || entry?.level === 'error'),
						)
						.map(([at, entry]) => [`${entry?.log} ${entry?.index}`, first + at]),
				);
			}
		}),
		{numRuns: 200},
	);
});
