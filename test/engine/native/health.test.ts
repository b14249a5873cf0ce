import assert from 'node:assert/strict';
import {createServer, type Socket} from 'node:net';
import {test, type TestContext} from 'node:test';
import fc from 'fast-check';
import {acceptsConnections, isHealthy, startupMessage} from '../../../src/engine/native/supervisor/health.ts';

/** A server that says one thing to everybody, and the port it listens on. */
async function serverSaying(t: TestContext, answer: Buffer | string): Promise<number> {
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on('error', () => undefined);
		socket.once('data', () => socket.write(answer));
	});
	t.after(() => {
		for (const socket of sockets) {
			socket.destroy();
		}

		server.close();
	});
	return new Promise((resolve) => {
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			resolve(typeof address === 'object' && address ? address.port : 0);
		});
	});
}

function errorResponse(code: string): Buffer {
	const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0Mthe server says no\0\0`);
	const head = Buffer.alloc(5);
	head.write('E');
	head.writeInt32BE(fields.length + 4, 1);
	return Buffer.concat([head, fields]);
}

const postgresAnswers = [
	{what: 'asks for a password', answer: Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 10]), healthy: true},
	{what: 'refuses the user', answer: errorResponse('28000'), healthy: true},
	{what: 'has too many clients', answer: errorResponse('53300'), healthy: true},
	{what: 'is starting up', answer: errorResponse('57P03'), healthy: false},
	{what: 'is no PostgreSQL', answer: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), healthy: false},
];
for (const {what, answer, healthy} of postgresAnswers) {
	test(`a database that ${what} is ${healthy ? '' : 'not '}healthy`, async (t) => {
		const port = await serverSaying(t, answer);
		assert.equal(await isHealthy({kind: 'postgres', port, user: 'mlflow', database: 'mlflow'}), healthy);
	});
}

const httpAnswers = [
	{answer: 'HTTP/1.1 200 OK\r\n\r\nOK', healthy: true},
	{answer: 'HTTP/1.0 503 Service Unavailable\r\n\r\n', healthy: false},
	{answer: 'hello\r\n', healthy: false},
];
for (const {answer, healthy} of httpAnswers) {
	test(`a server that answers ${JSON.stringify(answer)} is ${healthy ? '' : 'not '}healthy`, async (t) => {
		const port = await serverSaying(t, answer);
		assert.equal(await isHealthy({kind: 'http', port, path: '/health'}), healthy);
	});
}

test('a port at which nothing listens is not healthy', async () => {
	assert.equal(await isHealthy({kind: 'http', port: 1, path: '/health'}), false);
});

test('an answer is judged the same wherever it is cut', () => {
	const answer = errorResponse('57P03');
	fc.assert(
		fc.property(fc.nat(answer.length), (length) => {
			assert.equal(
				acceptsConnections(answer.subarray(0, length)),
				length < answer.length ? undefined : false,
			);
		}),
	);
	fc.assert(
		fc.property(fc.uint8Array(), (bytes) => {
			assert.ok([true, false, undefined].includes(acceptsConnections(Buffer.from(bytes))));
		}),
	);
});

test('the start-up packet says its own length', () => {
	const message = startupMessage('mlflow', 'mlflöw');
	assert.equal(message.readInt32BE(0), message.length);
	assert.equal(message.subarray(8).toString(), 'user\0mlflow\0database\0mlflöw\0\0');
});
