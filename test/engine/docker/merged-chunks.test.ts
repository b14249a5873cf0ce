import assert from 'node:assert/strict';
import {request} from 'node:http';
import {Duplex} from 'node:stream';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import fc from 'fast-check';
import {ChunkMerger} from '../../../src/engine/docker/merged-chunks.ts';

/** What engine 28.5 answers; older ones (API 1.41) call a log in frames raw as well. */
function headOf(type: string, more = 'Transfer-Encoding: chunked', status = '200 OK'): string {
	return `HTTP/1.1 ${status}\r\nApi-Version: 1.51\r\nContent-Type: ${type}\r\n${more}\r\n\r\n`;
}

const logHead = headOf('application/vnd.docker.multiplexed-stream');
const lastChunk = '0\r\n\r\n';

function chunkOf(data: Uint8Array): Buffer {
	return Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')]);
}

/** Cuts bytes at some places. */
function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
	const at = [
		0,
		...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b),
		bytes.length,
	];
	return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

/** Each piece is bytes of its own, as those that are read from a connection are. */
function merged(pieces: readonly Buffer[], merger = new ChunkMerger()): readonly Buffer[] {
	return pieces.map((piece) => merger.push(Buffer.from(piece)));
}

/** What Node's HTTP client makes of an answer that comes in these pieces, after which the connection ends. */
async function readBy(pieces: readonly Buffer[]): Promise<string | undefined> {
	const connection = new Duplex({
		read() {},
		write(_chunk, _encoding, done) {
			done();
		},
	});
	const {promise, resolve} = Promise.withResolvers<string | undefined>();
	const asked = request({createConnection: () => connection}, (answer) => {
		const data: Buffer[] = [];
		answer.on('data', (bytes: Buffer) => data.push(bytes));
		answer.on('end', () => {
			resolve(Buffer.concat(data).toString('latin1'));
		});
		answer.on('error', () => {
			resolve(undefined);
		});
	});
	asked.on('error', () => {
		resolve(undefined);
	});
	asked.end();
	await turn();
	for (const piece of pieces) {
		connection.push(piece);
	}

	connection.push(null);
	return promise;
}

const places = fc.array(fc.nat(), {maxLength: 12});
const chunks = fc.array(fc.uint8Array({minLength: 1, maxLength: 40}), {maxLength: 20});

test('a log is the same with its chunks merged, however it was cut', async () => {
	await fc.assert(
		fc.asyncProperty(chunks, places, async (data, at) => {
			const answer = Buffer.concat([Buffer.from(logHead), ...data.map(chunkOf), Buffer.from(lastChunk)]);
			const body = await readBy(merged(cut(answer, at)));
			assert.equal(body, Buffer.concat(data).toString('latin1'));
		}),
		{numRuns: 200},
	);
});

test('what is no chunk, or ends too early, is as wrong as it was', async () => {
	const change = fc.record({
		at: fc.nat(),
		removed: fc.integer({min: 0, max: 3}),
		put: fc.string({maxLength: 3, unit: fc.constantFrom('\r', '\n', '0', 'a', 'F', 'x', ';', ' ')}),
	});
	await fc.assert(
		fc.asyncProperty(
			chunks,
			change,
			fc.option(fc.nat()),
			places,
			async (data, {at, removed, put}, end, cuts) => {
				const body = Buffer.concat([...data.map(chunkOf), Buffer.from(lastChunk)]);
				const from = at % (body.length + 1);
				const broken = Buffer.concat([
					Buffer.from(logHead),
					body.subarray(0, from),
					Buffer.from(put),
					body.subarray(from + removed),
				]);
				const answer = end === null ? broken : broken.subarray(0, logHead.length + (end % broken.length));
				assert.equal(await readBy(merged(cut(answer, cuts))), await readBy(cut(answer, cuts)));
			},
		),
		{numRuns: 1000},
	);
});

test('what comes in one piece is one chunk', () => {
	const lines = Array.from({length: 300}, (_, index) => chunkOf(Buffer.from(`line ${index}\n`)));
	const merger = new ChunkMerger();
	const [first = '', second = ''] = merged(
		[Buffer.from(logHead), Buffer.concat(lines.slice(0, 200)), Buffer.concat(lines.slice(200))],
		merger,
	)
		.slice(1)
		.map(String);
	assert.match(first, /^[\da-f]+\r\nline 0\nline 1\nline 2\n/);
	assert.equal(first.match(/\r\n/g)?.length, 1);
	assert.match(second, /^\r\n[\da-f]+\r\nline 200\n/);
	assert.equal(second.match(/\r\n/g)?.length, 2);
	assert.equal(String(merger.push(Buffer.from(lastChunk))), `\r\n${lastChunk}`);
});

test('a log whose first line has not come is answered all the same', () => {
	assert.deepEqual(
		merged(cut(Buffer.from(logHead), [3, 40, 41, 90]))
			.map(String)
			.join(''),
		logHead,
	);
});

for (const [what, answer] of Object.entries({
	'an answer of known length': `${headOf('application/json', 'Content-Length: 2')}{}`,
	'chunks of another kind': `${headOf('application/json')}1\r\n{\r\n1\r\n}\r\n${lastChunk}`,
	'a raw connection': `${headOf('application/vnd.docker.raw-stream', 'Upgrade: tcp', '101 UPGRADED')}1\r\na\r\n1\r\nb\r\n`,
	'no HTTP': `\u0001${logHead}1\r\na\r\n1\r\nb\r\n${lastChunk}`,
	'a head without an end': `${logHead.slice(0, -2)}${'x'.repeat(20_000)}\r\n\r\n1\r\na\r\n1\r\nb\r\n`,
})) {
	test(`${what}: nothing is changed`, () => {
		fc.assert(
			fc.property(places, (at) => {
				assert.equal(Buffer.concat(merged(cut(Buffer.from(answer), at))).toString(), answer);
			}),
		);
	});
}

test('the next answer on the connection is read anew', () => {
	const merger = new ChunkMerger();
	const log = Buffer.from(`${logHead}1\r\na\r\n1\r\nb\r\n${lastChunk}`);
	const json = `${headOf('application/json', 'Content-Length: 2')}{}`;
	for (const [answer, expected] of [
		[log, `${logHead}2\r\nab\r\n${lastChunk}`],
		[Buffer.from(json), json],
		[log, `${logHead}2\r\nab\r\n${lastChunk}`],
	] as const) {
		merger.request();
		assert.equal(String(merger.push(answer)), expected);
	}
});
