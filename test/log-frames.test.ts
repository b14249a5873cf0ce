import assert from 'node:assert/strict';
import {test, type TestContext} from 'node:test';
import {LogFrames} from '../src/log-frames.ts';

/** Frames by a clock of the test's own: `at` are the times, in ms, at which they were drawn. */
function framesOf(t: TestContext) {
	const at: number[] = [];
	let now = 0;
	t.mock.timers.enable({apis: ['setTimeout']});
	t.mock.method(performance, 'now', () => now);
	const frames = new LogFrames(() => at.push(now));
	const pass = (milliseconds: number) => {
		for (let passed = 0; passed < milliseconds; passed++) {
			now++;
			t.mock.timers.tick(1);
		}
	};
	return {frames, at, pass};
}

test('a line is drawn at once, those that follow it after a tenth of a second, a flood after a quarter', (t) => {
	const {frames, at, pass} = framesOf(t);
	frames.add(1);
	frames.add(1);
	pass(100);
	for (let passed = 0; passed < 600; passed += 10) {
		frames.add(200);
		pass(10);
	}

	assert.deepEqual(at, [0, 100, 200, 450, 700]);
});

test('when a flood pauses its last lines are drawn', (t) => {
	const {frames, at, pass} = framesOf(t);
	frames.add(2000);
	pass(20);
	frames.add(2000);
	pass(49);
	assert.deepEqual(at, [0]);
	pass(1);
	assert.deepEqual(at, [0, 70]);
	pass(1000);
	assert.deepEqual(at, [0, 70]);
});

test('a flood that comes in pulses is drawn like one that does not pause, and its end soon after', (t) => {
	const {frames, at, pass} = framesOf(t);
	for (let pulse = 0; pulse < 9; pulse++) {
		frames.add(2000);
		pass(20);
		frames.add(2000);
		pass(60);
	}

	// Once it is taken for paused.
	assert.deepEqual(at, [0, 70, 320, 570]);
	pass(1000);
	assert.deepEqual(at.slice(4), [760]);
});

test('after a calm time a flood is a new one', (t) => {
	const {frames, at, pass} = framesOf(t);
	for (let pulse = 0; pulse < 3; pulse++) {
		frames.add(2000);
		pass(80);
	}

	pass(1000);
	frames.add(1);
	pass(1000);
	at.splice(0);
	frames.add(2000);
	pass(10);
	frames.add(2000);
	pass(1000);
	assert.deepEqual(at, [2240 + 0, 2240 + 60]);
});

test('what was drawn with something else is not drawn again, and nothing is drawn after the end', (t) => {
	const {frames, at, pass} = framesOf(t);
	frames.add(2000);
	frames.add(2000);
	frames.passOver();
	pass(1000);
	assert.deepEqual(at, [0]);
	frames.add(2000);
	frames.add(2000);
	frames.stop();
	pass(1000);
	assert.deepEqual(at, [0, 1000]);
});
