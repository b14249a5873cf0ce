import {createConnection, createServer} from 'node:net';
import {Failure} from '../../failure.ts';

/** So many ports are tried from the wanted one on. */
const attempts = 100;

/**
 * The wanted port, or the next that is free on 127.0.0.1 and not in `reserved`. Throws a Failure when none of a hundred
 * is free.
 */
export async function freePort(wanted: number, reserved: ReadonlySet<number>): Promise<number> {
	for (let port = wanted; port < wanted + attempts && port <= 65_535; port++) {
		if (!reserved.has(port) && (await isFree(port))) {
			return port;
		}
	}

	throw new Failure(`None of the ports ${wanted} to ${wanted + attempts - 1} is free.`, {
		code: 'native-no-port',
		next: ['choose others: MLFLOW_PORT and MLSTACK_PG_PORT'],
	});
}

/**
 * Whether nothing listens there. Connecting comes first: macOS lets a second server bind 127.0.0.1 beside one that
 * listens on every address, such as AirPlay's on port 5000, which then never answers there.
 */
export async function isFree(port: number): Promise<boolean> {
	const answered = await new Promise<boolean>((resolve) => {
		const socket = createConnection({host: '127.0.0.1', port}, () => {
			socket.destroy();
			resolve(true);
		});
		socket.once('error', () => {
			resolve(false);
		});
	});
	return (
		!answered &&
		new Promise<boolean>((resolve) => {
			const server = createServer();
			server.once('error', () => {
				resolve(false);
			});
			server.listen({host: '127.0.0.1', port, exclusive: true}, () => {
				server.close(() => {
					resolve(true);
				});
			});
		})
	);
}
