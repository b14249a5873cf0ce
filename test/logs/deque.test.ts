import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {Deque} from '../../src/logs/deque.ts';

test('whatever is pushed and taken at both ends, every element keeps its number', () => {
	const step = fc.record({
		action: fc.constantFrom('push' as const, 'unshift' as const, 'shift' as const, 'pop' as const),
		times: fc.nat(200),
	});
	fc.assert(
		fc.property(fc.array(step, {maxLength: 20}), (steps) => {
			const deque = new Deque<number>();
			const model = new Map<number, number>();
			let [first, end, value] = [0, 0, 0];
			for (const {action, times} of steps) {
				for (let time = 0; time < times; time++) {
					value++;
					if (action === 'push') {
						deque.push(value);
						model.set(end++, value);
					} else if (action === 'unshift') {
						deque.unshift(value);
						model.set(--first, value);
					} else if (model.size === 0) {
						assert.equal(deque[action](), undefined);
					} else {
						const index = action === 'shift' ? first++ : --end;
						assert.equal(deque[action](), model.get(index));
						model.delete(index);
					}
				}

				assert.deepEqual([deque.first, deque.end, deque.length], [first, end, model.size]);
				for (const [index, expected] of model) {
					assert.equal(deque.at(index), expected);
				}

				assert.equal(deque.at(first - 1), undefined);
				assert.equal(deque.at(end), undefined);
			}
		}),
	);
});

test('a sorted deque is searched by number', () => {
	const deque = new Deque<number>();
	for (const value of [30, 20, 10]) {
		deque.unshift(value);
	}

	assert.deepEqual(
		[5, 10, 15, 30, 31].map((least) => deque.search((value) => value >= least)),
		[-3, -3, -2, -1, 0],
	);
});
