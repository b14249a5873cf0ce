import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {LogPage, type PagedEntry} from '../../src/logs/page.ts';
import {classify} from '../../src/logs/records.ts';
import {LineRuns} from '../../src/logs/runs.ts';
import {lineOf} from './support.ts';

const owner = {service: 'mlflow', log: 'mlflow'};

test('whatever comes and goes at both ends, every line keeps its number and what it says', () => {
	const step = fc.record({
		action: fc.constantFrom(
			'push' as const,
			'unshift' as const,
			'shift' as const,
			'pop' as const,
			'clear' as const,
		),
		times: fc.integer({min: 1, max: 600}),
	});
	fc.assert(
		fc.property(fc.array(step, {maxLength: 15}), fc.array(fc.nat(), {minLength: 20}), (steps, reads) => {
			const pages = new LineRuns();
			const model = new Map<number, PagedEntry>();
			let [first, end] = [0, 0];
			let [newest, value] = [new LogPage(owner, 0), 0];
			const lineOn = (page: LogPage): PagedEntry => {
				const text = `${value % 7 === 0 ? 'ERROR: ' : ''}line ${value++}`;
				const lineClass = classify(undefined, text);
				return page.add(lineOf(value), {
					text,
					plain: text,
					order: value,
					rule: value % 11 === 0,
					lineClass,
				});
			};
			for (const {action, times} of steps) {
				if (action === 'clear') {
					[first, end] = [end + times, end + times];
					pages.clear(first);
					model.clear();
				} else if (action === 'unshift') {
					// Only the last of the lines that were read find room.
					const oldest = new LogPage(owner, first - 256);
					const older = Array.from({length: 256}, () => lineOn(oldest));
					for (const entry of older.toReversed().slice(0, times)) {
						pages.unshift(entry);
						model.set(--first, entry);
					}
				} else {
					for (let time = 0; time < times; time++) {
						if (action === 'push') {
							newest = newest.isFull || newest.end !== end ? new LogPage(owner, end) : newest;
							const entry = lineOn(newest);
							pages.push(entry);
							model.set(end++, entry);
						} else if (model.size === 0) {
							assert.equal(pages[action](), 0);
						} else {
							const index: number = action === 'shift' ? first++ : --end;
							assert.equal(pages[action](), model.get(index)?.cost);
							model.delete(index);
						}
					}
				}

				assert.deepEqual([pages.first, pages.end, pages.length], [first, end, model.size]);
				for (const index of [...model.keys(), ...reads.map((read) => first + (read % (model.size + 1)))]) {
					assert.equal(pages.at(index)?.text, model.get(index)?.text);
					assert.equal(pages.at(index)?.index, model.has(index) ? index : undefined);
					assert.equal(pages.orderOf(index), model.get(index)?.order);
				}

				const [from = first, to = end] = reads
					.map((read) => first + (read % (model.size + 1)))
					.sort((a, b) => a - b);
				const scanned: number[] = [];
				pages.scan(
					from,
					to,
					({level}) => level === 'error',
					({index}) => scanned.push(index),
				);
				const wanted = [...model]
					.filter(([, {rule, level}]) => rule || level === 'error')
					.map(([index]) => index);
				assert.deepEqual(
					scanned,
					wanted.filter((index) => index >= from && index < to).sort((a, b) => a - b),
				);

				assert.equal(pages.at(first - 1), undefined);
				assert.equal(pages.at(end), undefined);
			}
		}),
		{numRuns: 200},
	);
});

test('a line that is seen to be part of a record is otherwise what it was', () => {
	const pages = new LineRuns();
	const text = 'ERROR: it failed';
	const line = {text, plain: text, order: 0, rule: false, lineClass: classify(undefined, 'plain')};
	pages.push(new LogPage(owner, 0).add(lineOf(0), line));
	pages.reclassify(0, classify(undefined, text));
	const entry = pages.at(0);
	assert.deepEqual([entry?.level, entry?.text, entry?.index, entry?.log], ['error', text, 0, 'mlflow']);
});
