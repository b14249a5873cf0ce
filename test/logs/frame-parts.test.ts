import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {Failure} from '../../src/failure.ts';
import {FrameParts} from '../../src/logs/frame-parts.ts';
import {cut, frame} from './support.ts';

test('each stream’s bytes come out whole and in order wherever frames are cut', () => {
	fc.assert(
		fc.property(
			fc.array(fc.tuple(fc.nat(3), fc.uint8Array({maxLength: 300})), {maxLength: 30}),
			fc.array(fc.nat(40), {minLength: 1}),
			(frames, cuts) => {
				const parts = new FrameParts();
				const got = {stdout: [] as number[], stderr: [] as number[]};
				for (const piece of cut(Buffer.concat(frames.map(([type, payload]) => frame(payload, type))), cuts)) {
					for (const {stream, bytes} of parts.push(piece)) {
						got[stream].push(...bytes);
					}
				}

				const sent = {stdout: [] as number[], stderr: [] as number[]};
				for (const [type, payload] of frames) {
					sent[type >= 2 ? 'stderr' : 'stdout'].push(...payload);
				}

				assert.deepEqual(got, sent);
				assert.equal(parts.isWithinFrame, false);
			},
		),
	);
});

test('an end within a frame is known to be none', () => {
	const bytes = frame(Buffer.from('abc'));
	for (let length = 1; length < bytes.length; length++) {
		const parts = new FrameParts();
		parts.push(bytes.subarray(0, length));
		assert.equal(parts.isWithinFrame, true, `after ${length} bytes`);
	}
});

test('a part is a view of what came, not a copy', () => {
	const bytes = frame(Buffer.from('abc'));
	const [part] = new FrameParts().push(bytes);
	assert.equal(part?.bytes.buffer, bytes.buffer);
});

test('bytes that are no header are refused', () => {
	const parts = new FrameParts();
	assert.throws(
		() => parts.push(Buffer.from('2026-11-24T05:34:25.087180742Z text\r\n')),
		(error) => error instanceof Failure && error.code === 'log-framing',
	);
});
