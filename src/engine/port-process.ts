import {readdir, readFile, readlink} from 'node:fs/promises';
import {execFile} from 'node:child_process';
import {basename} from 'node:path';
import {promisify} from 'node:util';

const run = promisify(execFile);

/** How long, in ms, `lsof` may take: it asks the kernel about every open file. */
const lsofTime = 5000;

/** TCP's state LISTEN as /proc/net/tcp writes it (proc_pid_net(5)). */
const listening = '0A';

/**
 * Which process of this machine listens on a TCP port, in words: `gunicorn (process 4711)`. Undefined when none is found.
 * Rejects with the signal's reason only.
 */
export async function processOnPort(port: number, signal: AbortSignal): Promise<string | undefined> {
	try {
		return await (process.platform === 'linux' ? onLinux(port, signal) : byLsof(port, signal));
	} catch {
		signal.throwIfAborted();
		return undefined;
	}
}

/** A socket that listens. */
export interface ListeningSocket {
	readonly inode: string;
	/** Whose it is: the number of a user. */
	readonly user: string;
}

/** The sockets that listen on a port, read off the text of /proc/net/tcp or tcp6. */
export function listeningSockets(table: string, port: number): readonly ListeningSocket[] {
	const wanted = port.toString(16).toUpperCase().padStart(4, '0');
	return table.split('\n').flatMap((line) => {
		// sl local_address rem_address st queues timer retransmits uid timeout inode ...
		const [, local = '', , state, , , , user, , inode] = line.trim().split(/\s+/);
		const isIt = state === listening && local.endsWith(`:${wanted}`);
		return isIt && user !== undefined && inode !== undefined ? [{inode, user}] : [];
	});
}

async function onLinux(port: number, signal: AbortSignal): Promise<string | undefined> {
	const tables = await Promise.all(
		['/proc/net/tcp', '/proc/net/tcp6'].map(async (path) => readFile(path, 'latin1').catch(() => '')),
	);
	const sockets = tables.flatMap((table) => listeningSockets(table, port));
	const [first] = sockets;
	if (!first) {
		return undefined;
	}

	const links = new Set(sockets.map(({inode}) => `socket:[${inode}]`));
	for (const pid of await readdir('/proc')) {
		signal.throwIfAborted();
		if (/^\d+$/.test(pid) && (await holdsAny(pid, links))) {
			return processWords(await nameOf(pid), pid);
		}
	}

	// Whose files only that user, or root, may look at.
	const name = await userName(first.user);
	return `a process of the user ${name ?? first.user}`;
}

/** Node 24 names its main thread, and so the process, for what it is; its executable's name says more. */
async function nameOf(pid: string): Promise<string> {
	const name = (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();
	return name === 'MainThread' ? basename(await readlink(`/proc/${pid}/exe`)) : name;
}

async function holdsAny(pid: string, links: ReadonlySet<string>): Promise<boolean> {
	const folder = `/proc/${pid}/fd`;
	const files = await readdir(folder).catch(() => []);
	for (const file of files) {
		if (links.has(await readlink(`${folder}/${file}`).catch(() => ''))) {
			return true;
		}
	}

	return false;
}

async function userName(id: string): Promise<string | undefined> {
	const accounts = await readFile('/etc/passwd', 'utf8').catch(() => '');
	return accounts
		.split('\n')
		.map((line) => line.split(':'))
		.find(([, , number]) => number === id)?.[0];
}

async function byLsof(port: number, signal: AbortSignal): Promise<string | undefined> {
	const options = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'];
	const {stdout} = await run('lsof', options, {signal, timeout: lsofTime});
	return lsofOwner(stdout);
}

/** The first process of `lsof -Fpc`: a line `p` with its number, then a line `c` with its name. */
export function lsofOwner(output: string): string | undefined {
	const [, pid, name] = /^p(\d+)\n(?:[^c\n].*\n)*c(.+)$/m.exec(output) ?? [];
	return pid === undefined || name === undefined ? undefined : processWords(name, pid);
}

/** The AirPlay Receiver of macOS listens in a process that is named for something else. */
function processWords(name: string, pid: string): string {
	return name.startsWith('ControlCe') ? 'the AirPlay Receiver of macOS' : `${name} (process ${pid})`;
}
