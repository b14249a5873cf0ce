import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {LogBuffer} from '../../src/logs/buffer.ts';
import type {LogEntry} from '../../src/logs/entry.ts';
import {FilteredLog, letsThrough, updateInSlices, type LogFilter} from '../../src/logs/filter.ts';
import {createMatcher, type Matcher} from '../../src/logs/matcher.ts';
import {MergedLog} from '../../src/logs/merge.ts';
import {assertSame, entriesIn, lineOf, linesOf, readFrom, textsIn} from './support.ts';

function matcherFor(query: string, regex = false): Matcher {
	const matcher = createMatcher(query, {regex});
	assert.ok(matcher.ok);
	return matcher;
}

/** The texts that a filter lets through of these. */
function through(filter: LogFilter, texts: readonly string[]): string[] {
	const buffer = new LogBuffer();
	buffer.append(texts.map((text, index) => lineOf(index, text)));
	const filtered = new FilteredLog(buffer, filter);
	assert.equal(filtered.update(), true);
	return textsIn(filtered);
}

test('a filter lets matching lines through, or the others', () => {
	const lines = ['one', 'two', '\u001B[31mT\u001B[39mwo again', 'three'];
	assert.deepEqual(through({matcher: matcherFor('two')}, lines), ['two', '\u001B[31mT\u001B[39mwo again']);
	assert.deepEqual(through({matcher: matcherFor('two'), inverted: true}, lines), ['one', 'three']);
});

test('a filter by level lets whole records through', () => {
	const lines = [
		'INFO:     a',
		'ERROR:    b',
		'Traceback (most recent call last):',
		'  c',
		'KeyError: d',
		'INFO:     e',
	];
	assert.deepEqual(through({minimum: 'error'}, lines), lines.slice(1, 5));
	assert.deepEqual(through({minimum: 'info'}, ['no level', 'DEBUG:    x']), ['no level']);
});

test('noise is left out on request', () => {
	const lines = ['INFO:     127.0.0.1:1 - "GET /health HTTP/1.1" 200 OK', 'INFO:     other'];
	assert.deepEqual(through({foldNoise: true}, lines), lines.slice(1));
	assert.deepEqual(through({}, lines), lines);
});

test('rules stay, and their text is looked at like any', () => {
	const buffer = new LogBuffer();
	buffer.appendRule(0, 'exited (1)');
	const seen = (filter: LogFilter) => entriesIn(buffer).filter((entry) => letsThrough(filter, entry)).length;
	assert.equal(seen({minimum: 'fatal', foldNoise: true}), 1);
	assert.deepEqual([seen({matcher: matcherFor('exited')}), seen({matcher: matcherFor('absent')})], [1, 0]);
	assert.equal(seen({minimum: 'error', starts: true}), 0);
});

test('new lines cost a look each, and nothing that was looked at is looked at again', () => {
	const buffer = new LogBuffer({lines: 1000});
	buffer.append(linesOf(0, 1000));
	let looks = 0;
	const matcher: Matcher = {
		...matcherFor('line'),
		test() {
			looks++;
			return true;
		},
	};
	const filtered = new FilteredLog(buffer, {matcher});
	filtered.update();
	assert.equal(looks, 1000);
	buffer.append(linesOf(1000, 1010));
	filtered.update();
	assert.equal(looks, 1010);
	assert.deepEqual(
		[filtered.at(filtered.first)?.text, filtered.at(filtered.end - 1)?.text],
		['line 10', 'line 1009'],
	);
});

test('a search finds the newest lines first, in slices, and says where they are', () => {
	const buffer = new LogBuffer();
	buffer.append(linesOf(0, 1000));
	const search = new FilteredLog(buffer, {matcher: matcherFor('99')});
	assert.equal(search.update(100), false);
	assert.deepEqual(textsIn(search).slice(0, 2), ['line 990', 'line 991']);
	assert.equal(search.update(), true);
	assert.equal(search.end - search.first, 19);
	assert.equal(search.sourceIndex(search.indexAt(0)), 99);
	assert.equal(search.sourceIndex(search.indexAt(100)), 199);
	assert.equal(search.sourceIndex(search.indexAt(199) - 1), 99);
	assert.equal(search.indexAt(1000), search.end);
});

test('a search goes on between keys, and stops when it is told to', async () => {
	const buffer = new LogBuffer();
	buffer.append(linesOf(0, 20_000));
	const search = new FilteredLog(buffer, {matcher: matcherFor('line 1')});
	const stop = new AbortController();
	const stopped = updateInSlices(search, stop.signal);
	stop.abort();
	await stopped;
	assert.equal(search.update(0), false);
	await updateInSlices(search, new AbortController().signal);
	assert.equal(search.update(0), true);
	assert.equal(search.end - search.first, 11_111);
});

test('a turn is over when its time is, however few lines it has looked at', () => {
	const buffer = new LogBuffer();
	buffer.append(linesOf(0, 5000));
	const slow: Matcher = {
		...matcherFor('line'),
		test(text) {
			for (const start = performance.now(); performance.now() < start + 0.02;);
			return text !== '';
		},
	};
	const search = new FilteredLog(buffer, {matcher: slow});
	assert.equal(search.update(5000), false);
	assert.ok(search.end - search.first > 0);
	assert.equal(search.update(), true);
	assert.equal(search.end - search.first, 5000);
});

test('a regular expression that never ends stops the search, not the program', () => {
	const buffer = new LogBuffer();
	buffer.append([lineOf(0, 'aa'), lineOf(1, `${'a'.repeat(100)}b`)]);
	const search = new FilteredLog(buffer, {matcher: matcherFor('^(a+)+$', true)});
	assert.equal(search.update(), true);
	assert.equal(search.isTooSlow, true);
	assert.deepEqual(textsIn(search), []);
});

test('whatever happens to the logs, a filtered log and a search in it hold what they should, under kept numbers', () => {
	const step = fc.record({
		buffer: fc.nat(1),
		action: fc.constantFrom(
			'arrive' as const,
			'arrive' as const,
			'older' as const,
			'hold' as const,
			'release' as const,
		),
		count: fc.nat(30),
		budget: fc.constantFrom(0, 5, 20, Number.POSITIVE_INFINITY),
		whole: fc.boolean(),
	});
	fc.assert(
		fc.property(fc.array(step, {maxLength: 60}), fc.boolean(), (steps, isRegex) => {
			const buffers = [
				new LogBuffer({service: 'a', lines: 50}),
				new LogBuffer({service: 'b', lines: 30}),
			] as const;
			const merged = new MergedLog(buffers);
			const filter = {matcher: matcherFor(isRegex ? '[13579]$' : '1', isRegex)};
			const filtered = new FilteredLog(merged, filter);
			const search = new FilteredLog(filtered, {matcher: matcherFor('3')});
			const written = [0, 0];
			const seen: Array<{version: number; entries: Map<number, LogEntry>}> = [];
			for (const {buffer: n, action, count, budget, whole} of steps) {
				const buffer = buffers[n] ?? buffers[0];
				const end = written[n] ?? 0;
				if (action === 'arrive') {
					buffer.append(linesOf(end, end + count));
					written[n] = end + count;
				} else if (action === 'older') {
					buffer.prepend(linesOf(Math.max(-50, buffer.first - count), buffer.first));
				} else if (action === 'hold') {
					buffer.hold();
				} else {
					buffer.append(readFrom(linesOf(-50, end), buffer.release()));
				}

				merged.update();
				const isWhole = filtered.update(whole ? Number.POSITIVE_INFINITY : budget);
				const isSearched = search.update(whole ? Number.POSITIVE_INFINITY : budget);
				const expected = entriesIn(merged).filter((entry) => filter.matcher.test(entry.plain));
				assert.ok(!whole || isWhole);
				if (isWhole) {
					assertSame(entriesIn(filtered), expected);
				}

				if (isWhole && isSearched) {
					assert.deepEqual(
						textsIn(search),
						expected.map(({text}) => text).filter((text) => text.includes('3')),
					);
				}

				const entries = new Map(entriesIn(search).map((entry, index) => [search.first + index, entry]));
				for (const before of seen) {
					const {from, to} = search.kept(before.version);
					for (const [index, entry] of entries) {
						if (index >= from && index < to && before.entries.has(index)) {
							assert.ok(entry.isSame(before.entries.get(index)));
						}
					}
				}

				seen.push({version: search.version, entries});
			}
		}),
		{numRuns: 150},
	);
});
