import {execFileSync} from 'node:child_process';
import {closeSync, constants, lstatSync, openSync, rmSync} from 'node:fs';
import {Socket} from 'node:net';

/**
 * A service writes into named pipes rather than into anonymous ones, and holds them open for reading too: so it gets no
 * SIGPIPE when the supervisor is killed, and the next supervisor goes on reading where the last one stopped. What is lost
 * is what that one had read and not yet written: the line that it died over.
 */
export interface ServicePipes {
	/** Settles when nobody can write any more: the service and all that it started have ended. */
	readonly ended: Promise<void>;
	close(): void;
}

export function pipePath(run: string, service: string, stream: 'stdout' | 'stderr'): string {
	return `${run}/${service}.${stream}`;
}

/** Makes a service's pipes anew, for a new process. Throws what the file system throws. */
export function makePipes(run: string, service: string): void {
	const paths = [pipePath(run, service, 'stdout'), pipePath(run, service, 'stderr')];
	for (const path of paths) {
		rmSync(path, {force: true});
	}

	// Node has no mkfifo(3); the command is in POSIX.
	execFileSync('mkfifo', ['-m', '600', ...paths]);
}

export function arePipes(run: string, service: string): boolean {
	try {
		return (
			lstatSync(pipePath(run, service, 'stdout')).isFIFO() &&
			lstatSync(pipePath(run, service, 'stderr')).isFIFO()
		);
	} catch {
		return false;
	}
}

/** Opens a pipe's writing end for a process, for reading too; to be closed once the process has it. */
export function openForService(run: string, service: string, stream: 'stdout' | 'stderr'): number {
	return openSync(pipePath(run, service, stream), constants.O_RDWR);
}

/** Reads a service's pipes until nobody can write into them. To be called while a writing end is open. */
export function readPipes(
	run: string,
	service: string,
	onChunk: (stream: 'stdout' | 'stderr', chunk: Buffer) => void,
): ServicePipes {
	const sockets = (['stdout', 'stderr'] as const).map((stream) => {
		const file = openSync(pipePath(run, service, stream), constants.O_RDONLY | constants.O_NONBLOCK);
		let socket: Socket;
		try {
			socket = new Socket({fd: file, readable: true, writable: false});
		} catch (error) {
			closeSync(file);
			throw error;
		}

		socket.on('data', (chunk) => {
			onChunk(stream, chunk);
		});
		// A pipe that cannot be read any more has ended, too.
		socket.on('error', () => {
			socket.destroy();
		});
		return socket;
	});
	return {
		ended: Promise.all(
			sockets.map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))),
		).then(() => undefined),
		close() {
			for (const socket of sockets) {
				socket.destroy();
			}
		},
	};
}
