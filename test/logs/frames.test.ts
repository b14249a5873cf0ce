import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {Failure} from '../../src/failure.ts';
import {FrameDecoder, longestFrame} from '../../src/logs/frames.ts';
import {cut, frame} from './support.ts';

const decoded = (chunks: readonly Uint8Array[]) => {
	const decoder = new FrameDecoder();
	return chunks
		.flatMap((chunk) => decoder.push(chunk))
		.map(({stream, bytes}) => [stream, Buffer.from(bytes).toString('hex')]);
};

test('frames come out the same wherever the bytes are cut', () => {
	fc.assert(
		fc.property(
			fc.array(fc.tuple(fc.nat(3), fc.uint8Array({maxLength: 300})), {maxLength: 30}),
			fc.array(fc.nat(40), {minLength: 1}),
			(frames, cuts) => {
				const bytes = Buffer.concat(frames.map(([type, payload]) => frame(payload, type)));
				const expected = frames.map(([type, payload]) => [
					type >= 2 ? 'stderr' : 'stdout',
					Buffer.from(payload).toString('hex'),
				]);
				assert.deepEqual(decoded(cut(bytes, cuts)), expected);
				assert.deepEqual(decoded([bytes]), expected);
			},
		),
	);
});

test('a large frame that arrives in crumbs is put together once', () => {
	const payload = Buffer.alloc(1024 * 1024, 'x');
	const decoder = new FrameDecoder();
	const frames = cut(frame(payload), [100]).flatMap((crumb) => decoder.push(crumb));
	assert.deepEqual(
		frames.map(({bytes}) => bytes.length),
		[payload.length],
	);
});

test('bytes that are no frames are refused', () => {
	const bad: Record<string, Uint8Array> = {
		'a stream that does not exist': Buffer.from([4, 0, 0, 0, 0, 0, 0, 1, 65]),
		'padding that is not zero': Buffer.from([1, 0, 1, 0, 0, 0, 0, 1, 65]),
		'an absurd length': Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]),
		'a length just past the limit': frame(Buffer.alloc(0), 1, longestFrame + 1),
		'text of a container with a TTY': Buffer.from('2026-11-24T05:34:25.087180742Z text\r\n'),
	};
	for (const [name, bytes] of Object.entries(bad)) {
		assert.throws(
			() => new FrameDecoder().push(bytes),
			(error) => error instanceof Failure && error.code === 'log-framing',
			name,
		);
	}
});

test('frames before a bad header are not lost', () => {
	const decoder = new FrameDecoder();
	const frames = decoder.push(Buffer.concat([frame(Buffer.from('good')), Buffer.alloc(8, 0xff)]));
	assert.equal(frames.length, 1);
	assert.throws(() => decoder.push(Buffer.from('x')), Failure);
});
