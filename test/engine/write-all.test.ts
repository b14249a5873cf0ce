import assert from 'node:assert/strict';
import {createServer, connect} from 'node:net';
import {PassThrough, Writable} from 'node:stream';
import {test} from 'node:test';
import fc from 'fast-check';
import {writeAll} from '../../src/engine/write-all.ts';

/** Yields pieces in one buffer, which holds a piece only until the next is asked for. */
async function* inOneBuffer(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
	const buffer = Buffer.alloc(Math.max(1, ...pieces.map(({length}) => length)));
	for (const piece of pieces) {
		buffer.fill(0xee);
		buffer.set(piece);
		yield buffer.subarray(0, piece.length);
	}

	buffer.fill(0xee);
}

test('what is written from one buffer arrives as it was, however slowly it is taken', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(fc.uint8Array({maxLength: 50})), async (pieces) => {
			const taken: Buffer[] = [];
			const slow = new Writable({
				write(chunk: Buffer, _encoding, done) {
					setImmediate(() => {
						taken.push(Buffer.from(chunk));
						done();
					});
				},
			});
			await writeAll(inOneBuffer(pieces), slow);
			assert.deepEqual(Buffer.concat(taken), Buffer.concat(pieces));
			assert.equal(slow.writableEnded, true);
		}),
	);
});

test('a reader that takes nothing stops the source', async () => {
	let asked = 0;
	async function* endless(): AsyncGenerator<Uint8Array> {
		for (;;) {
			asked++;
			yield Buffer.alloc(100_000);
		}
	}

	const server = createServer((socket) => socket.pause());
	await new Promise<void>((resolve) => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const address = server.address();
	assert.ok(address !== null && typeof address === 'object');
	const socket = connect(address.port, '127.0.0.1');
	const writing = writeAll(endless(), socket);
	let before = -1;
	while (asked !== before) {
		before = asked;
		await new Promise((resolve) => {
			setTimeout(resolve, 200);
		});
	}

	// One piece waits; the others are in the kernel's own buffers.
	assert.ok(socket.writableLength <= 100_000, `${socket.writableLength} bytes wait`);
	socket.destroy();
	await writing;
	server.close();
});

test('a source that fails is told of, and the stream is still open', async () => {
	async function* failing(): AsyncGenerator<Uint8Array> {
		yield Buffer.from('a');
		throw new Error('the file cannot be read');
	}

	const stream = new PassThrough();
	await assert.rejects(writeAll(failing(), stream), /the file cannot be read/);
	assert.deepEqual([stream.writableEnded, stream.destroyed], [false, false]);
});

test('a stream that breaks ends the work and the source', async () => {
	let isEnded = false;
	async function* source(): AsyncGenerator<Uint8Array> {
		try {
			for (;;) {
				yield Buffer.from('a');
			}
		} finally {
			isEnded = true;
		}
	}

	const broken = new Writable({
		write(_chunk, _encoding, done) {
			done(new Error('broken pipe'));
		},
	});
	await writeAll(source(), broken);
	assert.equal(isEnded, true);
});
