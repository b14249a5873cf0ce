import {linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import {hostname} from 'node:os';
import {setTimeout as sleep} from 'node:timers/promises';
import {numberIn, stringIn} from '../json.ts';
import {identify, isAlive, processSpace, type ProcessIdentity} from './process-table.ts';

/** Whoever holds a lock, as its file says. */
export interface LockHolder extends ProcessIdentity {
	/** processSpace() of the holder. */
	readonly space: string;
	readonly host: string;
}

export interface Lock {
	/** Tells other machines that the holder lives, at least once a minute; `false` when the lock is no longer its own. */
	touch(): boolean;
	release(): void;
}

/** A holder on another machine (a home folder on a network) is believed dead when its lock was not touched for so long, in ms. */
const foreignPatience = 120_000;

let attempts = 0;

/**
 * Takes the lock, or returns who has it. Node has no flock(2), so the lock is a file that appears with its content at
 * once (link(2) fails when there is one) and names its holder with the start time: a dead holder's lock is taken over,
 * whatever its number means today. Throws what the file system throws.
 */
export function takeLock(path: string): Lock | LockHolder {
	const me = identify(process.pid);
	if (!me) {
		throw new Error('this process is not in the table of processes');
	}

	const mine = JSON.stringify({...me, space: processSpace(), host: hostname()});
	const own = `${path}.${process.pid}.${attempts++}`;
	try {
		writeFileSync(own, mine, {mode: 0o600});
		for (;;) {
			if (linked(own, path)) {
				return {
					touch() {
						touch(path);
						return contentOf(path) === mine;
					},
					release() {
						if (contentOf(path) === mine) {
							rmSync(path, {force: true});
						}
					},
				};
			}

			const content = contentOf(path);
			const holder = content === undefined ? undefined : parseHolder(content);
			if (holder && lives(path, holder)) {
				return holder;
			}

			removeStale(path, content);
		}
	} finally {
		rmSync(own, {force: true});
	}
}

/** How often, in ms, a lock is asked for that another process holds. */
const waitInterval = 200;

/**
 * Takes the lock as soon as it is free. `onWait` hears once who has it. Throws what the file system throws, and the
 * signal's reason.
 */
export async function waitForLock(
	path: string,
	onWait: (holder: LockHolder) => void,
	signal: AbortSignal,
): Promise<Lock> {
	for (let told = false; ; told = true) {
		const lock = takeLock(path);
		if (!isHolder(lock)) {
			return lock;
		}

		if (!told) {
			onWait(lock);
		}

		await sleep(waitInterval, undefined, {signal});
	}
}

export function isHolder(lock: Lock | LockHolder): lock is LockHolder {
	return 'pid' in lock;
}

/** Who holds the lock now; `undefined` when it is free or its holder is dead. */
export function lockHolder(path: string): LockHolder | undefined {
	const content = contentOf(path);
	const holder = content === undefined ? undefined : parseHolder(content);
	return holder && lives(path, holder) ? holder : undefined;
}

function lives(path: string, holder: LockHolder): boolean {
	if (holder.space === processSpace()) {
		return isAlive(holder);
	}

	// The same host in another space was booted anew, or is a container made anew.
	if (holder.host === hostname()) {
		return false;
	}

	try {
		return Date.now() - statSync(path).mtimeMs < foreignPatience;
	} catch {
		return false;
	}
}

/** Moves the dead holder's file away, and puts it back when it was another one by then. */
function removeStale(path: string, stale: string | undefined): void {
	const aside = `${path}.${process.pid}.${attempts++}`;
	try {
		renameSync(path, aside);
	} catch {
		return;
	}

	if (contentOf(aside) !== stale) {
		linked(aside, path);
	}

	rmSync(aside, {force: true});
}

function linked(from: string, to: string): boolean {
	try {
		linkSync(from, to);
		return true;
	} catch (error) {
		if (stringIn(error, 'code') === 'EEXIST') {
			return false;
		}

		throw error;
	}
}

function touch(path: string): void {
	try {
		const now = new Date();
		utimesSync(path, now, now);
	} catch {
		// A full disk or a lock that was removed by hand: nothing here can mend it.
	}
}

function contentOf(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return undefined;
	}
}

function parseHolder(content: string): LockHolder | undefined {
	let value: unknown;
	try {
		value = JSON.parse(content);
	} catch {
		return undefined;
	}

	const pid = numberIn(value, 'pid');
	const started = stringIn(value, 'started');
	const space = stringIn(value, 'space');
	const host = stringIn(value, 'host');
	return pid === undefined || started === undefined || space === undefined || host === undefined
		? undefined
		: {pid, started, space, host};
}
