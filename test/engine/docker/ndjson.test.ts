import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {parseLines} from '../../../src/engine/docker/ndjson.ts';
import {Failure} from '../../../src/failure.ts';

/** Cuts at every one of these places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
	const edges = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
	return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

async function* each<Value>(values: Iterable<Value>): AsyncGenerator<Value> {
	yield* values;
}

async function parse(chunks: Iterable<Uint8Array>): Promise<unknown[]> {
	const values: unknown[] = [];
	for await (const value of parseLines(each(chunks))) {
		values.push(value);
	}

	return values;
}

test('values are the same wherever their bytes are cut', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.jsonValue()),
			fc.array(fc.nat()),
			fc.constantFrom('\n', '\r\n', '\n\n'),
			async (values, places, end) => {
				const bytes = Buffer.from(values.map((value) => JSON.stringify(value) + end).join(''));
				const expected: unknown = JSON.parse(JSON.stringify(values));
				assert.deepEqual(await parse(cut(bytes, places)), expected);
			},
		),
	);
});

test('a character in two chunks is one', async () => {
	const bytes = Buffer.from('{"größe": "😀"}\n');
	assert.deepEqual(await parse([...bytes].map((byte) => Uint8Array.of(byte))), [{größe: '😀'}]);
});

test('what has not come to its end is no value', async () => {
	assert.deepEqual(await parse([Buffer.from('{"a": 1}\n{"b": ')]), [{a: 1}]);
});

test('any bytes are values or a failure, nothing else', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(fc.uint8Array()), async (chunks) => {
			try {
				await parse(chunks);
			} catch (error) {
				assert.ok(error instanceof Failure && error.code === 'bad-json');
			}
		}),
	);
});

test('the values before what is no JSON are given', async () => {
	const values: unknown[] = [];
	await assert.rejects(async () => {
		for await (const value of parseLines(each([Buffer.from('1\n2\nno\n3\n')]))) {
			values.push(value);
		}
	}, Failure);
	assert.deepEqual(values, [1, 2]);
});

test('a line without an end is not collected for ever', async () => {
	const chunk = Buffer.alloc(1024 * 1024, '1');
	await assert.rejects(parse([chunk, chunk, chunk, chunk, chunk]), Failure);
});
