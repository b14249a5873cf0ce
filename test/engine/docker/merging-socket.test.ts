import assert from 'node:assert/strict';
import {once} from 'node:events';
import {connect, createServer, type Socket} from 'node:net';
import {test, type TestContext} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {MergingSocket} from '../../../src/engine/docker/merging-socket.ts';

async function open(t: TestContext, answer: (socket: Socket) => void): Promise<MergingSocket> {
	const server = createServer(answer).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.close());
	const address = server.address();
	assert.ok(address !== null && typeof address === 'object');
	return new MergingSocket(connect(address.port, address.address));
}

test('what came before the end is not lost on a slow reader', async (t) => {
	const socket = await open(t, (their) => their.end(Buffer.alloc(600_000, 'x')));
	let length = 0;
	for await (const bytes of socket) {
		length += Buffer.byteLength(bytes);
		await delay(20);
	}

	assert.equal(length, 600_000);
});

test('what is written arrives, and its end as well', async (t) => {
	const {promise, resolve} = Promise.withResolvers<string>();
	const socket = await open(t, (their) => {
		let text = '';
		their.on('data', (bytes) => {
			text += String(bytes);
		});
		their.on('end', () => {
			resolve(text);
		});
	});
	socket.write('one ');
	socket.end('two');
	assert.equal(await promise, 'one two');
	socket.destroy();
});

test('a connection that is refused or reset fails', async (t) => {
	const reset = await open(t, (their) => their.resetAndDestroy());
	const [error] = await once(reset.resume(), 'error');
	assert.equal(error.code, 'ECONNRESET');
	const refused = new MergingSocket(connect('/nonexistent/docker.sock'));
	const [noEntry] = await once(refused.resume(), 'error');
	assert.equal(noEntry.code, 'ENOENT');
});

test('closing it closes the connection', async (t) => {
	const closed = Promise.withResolvers<void>();
	const socket = await open(t, (their) => {
		their.resume().on('close', () => {
			closed.resolve();
		});
		their.write('x');
	});
	await once(socket, 'data');
	socket.destroy();
	await closed.promise;
});
