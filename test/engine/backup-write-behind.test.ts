import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {WriteBehind} from '../../src/engine/backup/write-behind.ts';

const mebibyte = 1024 * 1024;

test('what is written is what was pushed, one block at a time', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(fc.nat(1_500_000), {maxLength: 6}), async (lengths) => {
			const written: Buffer[] = [];
			let atWork = 0;
			const blocks = new WriteBehind(async (block) => {
				assert.equal(++atWork, 1);
				await new Promise((resolve) => {
					setImmediate(resolve);
				});
				// Only now: a block must not change while it is being written.
				written.push(Buffer.from(block));
				atWork--;
			});
			const pushed = lengths.map((length, index) => Buffer.alloc(length, index + 1));
			const chunk = Buffer.alloc(1_500_000);
			for (const bytes of pushed) {
				chunk.set(bytes);
				await blocks.push(chunk.subarray(0, bytes.length));
			}

			await blocks.flush();
			assert.ok(Buffer.concat(written).equals(Buffer.concat(pushed)));
			assert.ok(written.slice(0, -1).every(({length}) => length === mebibyte));
		}),
		{numRuns: 20},
	);
});

test('a write that fails is told to whoever goes on, and nothing more is written', async () => {
	let calls = 0;
	const blocks = new WriteBehind(async () => {
		calls++;
		throw new Error('the disk is full');
	});
	await blocks.push(Buffer.alloc(mebibyte));
	await assert.rejects(blocks.push(Buffer.alloc(mebibyte)), /the disk is full/);
	assert.equal(calls, 1);
});

test('a write that fails last is told by the flush', async () => {
	const blocks = new WriteBehind(async () => {
		throw new Error('the disk is full');
	});
	await blocks.push(Buffer.alloc(10));
	await assert.rejects(blocks.flush(), /the disk is full/);
});
