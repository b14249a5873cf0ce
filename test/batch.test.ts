import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Batch} from '../src/batch.ts';

test('what comes alone is handed on at once, what comes in a flood after the interval that its items ask for', (t) => {
	t.mock.timers.enable({apis: ['setTimeout']});
	const handed: Array<readonly number[]> = [];
	const batch = new Batch<number>(
		([first = 0]) => (first > 1 ? 250 : 100),
		(items) => handed.push(items),
	);
	batch.add(1);
	batch.add(2);
	batch.add(3);
	assert.deepEqual(handed, [[1]]);
	t.mock.timers.tick(100);
	assert.deepEqual(handed, [[1], [2, 3]]);
	batch.add(1);
	t.mock.timers.tick(249);
	assert.deepEqual(handed, [[1], [2, 3]]);
	t.mock.timers.tick(1);
	assert.deepEqual(handed, [[1], [2, 3], [1]]);
	batch.stop();
});

test('what is left is handed on when it is asked for, or dropped', (t) => {
	t.mock.timers.enable({apis: ['setTimeout']});
	const handed: Array<readonly string[]> = [];
	const batch = new Batch<string>(100, (items) => handed.push(items));
	batch.add('first');
	batch.add('second');
	batch.flush();
	assert.deepEqual(handed, [['first'], ['second']]);
	batch.add('third');
	batch.add('fourth');
	batch.stop();
	t.mock.timers.tick(1000);
	assert.deepEqual(handed, [['first'], ['second'], ['third']]);
});

test('what was handed on in another way is passed over, and what comes after it waits its turn', (t) => {
	t.mock.timers.enable({apis: ['setTimeout']});
	const handed: Array<readonly string[]> = [];
	const batch = new Batch<string>(100, (items) => handed.push(items));
	batch.passOver();
	batch.add('first');
	batch.add('second');
	t.mock.timers.tick(50);
	batch.passOver();
	batch.add('third');
	t.mock.timers.tick(99);
	assert.deepEqual(handed, [['first']]);
	t.mock.timers.tick(1);
	assert.deepEqual(handed, [['first'], ['third']]);
	batch.stop();
});

test('what waits is hastened, and what comes after it waits its turn', (t) => {
	t.mock.timers.enable({apis: ['setTimeout']});
	const handed: Array<readonly string[]> = [];
	const batch = new Batch<string>(100, (items) => handed.push(items));
	batch.hasten();
	batch.add('first');
	batch.add('second');
	t.mock.timers.tick(50);
	batch.hasten();
	assert.deepEqual(handed, [['first'], ['second']]);
	batch.add('third');
	t.mock.timers.tick(99);
	assert.equal(handed.length, 2);
	t.mock.timers.tick(1);
	assert.deepEqual(handed.at(-1), ['third']);
	batch.stop();
});
