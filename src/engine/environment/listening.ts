import {createConnection, createServer} from 'node:net';
import {stringIn} from '../json.ts';

/** How long, in ms, a connection on this machine may take; a firewall that drops packets never refuses. */
const patience = 500;

/**
 * Whether something listens on a port of this machine, on 127.0.0.1 or on every address; `forbidden`: this user may not.
 * Connecting comes first: macOS lets a second server bind 127.0.0.1 beside one that listens on every address, such as
 * AirPlay's on port 5000, which then never answers there.
 */
export async function portState(port: number): Promise<'free' | 'taken' | 'forbidden'> {
	if (await isAnswered(port)) {
		return 'taken';
	}

	const error = await bindError(port);
	return error === undefined ? 'free' : error === 'EACCES' ? 'forbidden' : 'taken';
}

/** So many ports are tried from the wanted one on. */
const attempts = 100;

/** The wanted port, or the next one that is free and not in `reserved`; `undefined` when none of a hundred is. */
export async function nextFreePort(
	wanted: number,
	reserved: ReadonlySet<number> = new Set(),
): Promise<number | undefined> {
	for (let port = wanted; port < wanted + attempts && port <= 65_535; port++) {
		if (!reserved.has(port) && (await portState(port)) === 'free') {
			return port;
		}
	}

	return undefined;
}

/** Whether something accepts connections on a port of this machine, on 127.0.0.1 or on every address. */
async function isAnswered(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = createConnection({host: '127.0.0.1', port, timeout: patience});
		const end = (answer: boolean): void => {
			socket.destroy();
			resolve(answer);
		};
		socket.once('connect', () => end(true));
		socket.once('timeout', () => end(false));
		socket.once('error', () => end(false));
	});
}

/** The system's word for why the port cannot be bound; undefined when it can. */
async function bindError(port: number): Promise<string | undefined> {
	return new Promise((resolve) => {
		const server = createServer();
		server.once('error', (error) => resolve(stringIn(error, 'code') ?? ''));
		server.listen({host: '127.0.0.1', port, exclusive: true}, () => {
			server.close(() => resolve(undefined));
		});
	});
}
