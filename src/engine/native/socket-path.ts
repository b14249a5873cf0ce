import {closeSync, openSync} from 'node:fs';
import {basename, dirname} from 'node:path';
import {Failure} from '../../failure.ts';

/** Bytes of the longest path in a sockaddr_un, without the closing zero: unix(7), and <sys/un.h> of macOS. */
export const longestSocketPath = process.platform === 'linux' ? 107 : 103;

/**
 * Calls `act` with a path for the unix socket at `path` that fits into an address. Linux reaches a folder with a long
 * path through an open file; elsewhere there is no such way, and a Failure says so.
 */
export async function withSocketPath<T>(path: string, act: (path: string) => Promise<T>): Promise<T> {
	if (Buffer.byteLength(path) <= longestSocketPath) {
		return act(path);
	}

	if (process.platform !== 'linux') {
		throw new Failure('the path of the data folder is too long', {
			code: 'native-path-too-long',
			why: `A unix socket's path may have ${longestSocketPath} bytes: ${path}`,
			next: ['set MLSTACK_DATA to a folder with a shorter path'],
		});
	}

	const folder = openSync(dirname(path), 'r');
	try {
		return await act(`/proc/self/fd/${folder}/${basename(path)}`);
	} finally {
		closeSync(folder);
	}
}
