import {createConnection, type Socket} from 'node:net';
import type {HealthCheck} from '../state-file.ts';

/** How often, in ms, a service is asked while it starts, and once it is healthy; as in mlstack's compose file. */
export const startInterval = 100;
export const interval = 10_000;

/** After so many failures in a row a service that was healthy is unhealthy. */
export const retries = 3;

/** How long, in ms, a service may stay silent, and how long it may take to start before it is called unhealthy. */
const timeout = 5000;
export const startPeriod = 120_000;

/** PostgreSQL's protocol 3.0, which every version since 7.4 understands. */
const protocolVersion = 196_608;

/** SQLSTATE of "the database system is starting up", "is shutting down", "is in recovery mode". */
const cannotConnectNow = '57P03';

/** Whether the service answers as it should. Never rejects. */
export async function isHealthy(check: HealthCheck): Promise<boolean> {
	return check.kind === 'postgres'
		? answers(check.port, startupMessage(check.user, check.database), acceptsConnections)
		: answers(check.port, httpRequest(check), isSuccess);
}

/**
 * What pg_isready sends: a start-up packet
 * (https://www.postgresql.org/docs/18/protocol-message-formats.html, StartupMessage).
 */
export function startupMessage(user: string, database: string): Buffer {
	const parameters = `user\0${user}\0database\0${database}\0\0`;
	const message = Buffer.alloc(8 + Buffer.byteLength(parameters));
	message.writeInt32BE(message.length, 0);
	message.writeInt32BE(protocolVersion, 4);
	message.write(parameters, 8);
	return message;
}

/**
 * As pg_isready reads the answer: a server that asks for a password accepts connections, and so does one that refuses
 * this user; only one that cannot talk now does not. `undefined` while the answer is not complete.
 */
export function acceptsConnections(answer: Buffer): boolean | undefined {
	if (answer.length === 0) {
		return undefined;
	}

	const [kind] = answer;
	if (kind === 'R'.charCodeAt(0)) {
		return true;
	}

	if (kind !== 'E'.charCodeAt(0)) {
		return false;
	}

	if (answer.length < 5 || answer.length < 1 + answer.readInt32BE(1)) {
		return undefined;
	}

	// ErrorResponse: fields of a letter and a string; C is the SQLSTATE.
	const fields = answer
		.subarray(5, 1 + answer.readInt32BE(1))
		.toString('latin1')
		.split('\0');
	return !fields.includes(`C${cannotConnectNow}`);
}

/** By hand, since loading node:http costs 12 MB that the supervisor would hold for ever. */
function httpRequest(check: Extract<HealthCheck, {kind: 'http'}>): Buffer {
	return Buffer.from(`GET ${check.path} HTTP/1.0\r\nHost: 127.0.0.1:${check.port}\r\n\r\n`);
}

function isSuccess(answer: Buffer): boolean | undefined {
	const head = answer.subarray(0, 64).toString('latin1');
	return head.includes('\r\n') ? /^HTTP\/1\.\d 200 /.test(head) : undefined;
}

/** More than any answer's beginning that is looked at here. */
const longestAnswer = 64 * 1024;

async function answers(
	port: number,
	question: Buffer,
	judge: (answer: Buffer) => boolean | undefined,
): Promise<boolean> {
	return new Promise((resolve) => {
		let answer = Buffer.alloc(0);
		const socket: Socket = createConnection({host: '127.0.0.1', port}, () => {
			socket.write(question);
		});
		const settle = (healthy: boolean): void => {
			clearTimeout(timer);
			socket.destroy();
			resolve(healthy);
		};

		const timer = setTimeout(settle, timeout, false);
		socket.on('data', (chunk) => {
			answer = Buffer.concat([answer, chunk]);
			const verdict = judge(answer);
			if (verdict !== undefined || answer.length > longestAnswer) {
				settle(verdict === true);
			}
		});
		socket.on('error', () => {
			settle(false);
		});
		socket.on('close', () => {
			settle(false);
		});
	});
}
