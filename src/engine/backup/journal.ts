import {randomBytes} from 'node:crypto';
import {mkdir, rm} from 'node:fs/promises';
import {hostname} from 'node:os';
import {join} from 'node:path';
import {readIfThere, replaceFile} from '../files.ts';
import {Failure} from '../../failure.ts';
import {arrayIn, numberIn, stringIn} from '../json.ts';
import type {DataStore} from '../storage.ts';
import {userFolder} from '../user-folders.ts';

/**
 * How far a change of a stack's data has come. `prepare`: everything is as it was, the new lies beside it.
 * `switch`: the new is whole and takes the old one's place. `finish`: it has taken it; the old is being removed.
 */
export type Phase = 'prepare' | 'switch' | 'finish';

/** A database that is exchanged: all three names are of the same server. */
export interface DatabaseSwap {
	readonly name: string;
	/** The new one, until the switch. */
	readonly staged: string;
	/** The old one, after the switch. */
	readonly old: string;
}

/** A file that was changed, and what it was. */
export interface FileSwap {
	readonly path: string;
	/** A copy of the file as it was; empty when it did not exist. */
	readonly kept: string;
}

/** A restore or an upgrade under way, or one that was interrupted. */
export interface JournalEntry {
	readonly operation: 'restore' | 'upgrade';
	readonly phase: Phase;
	readonly project: string;
	/** Part of every name that it made. */
	readonly id: string;
	/** RFC 3339. */
	readonly startedAt: string;
	/** The process, and the machine it runs on. */
	readonly pid: number;
	readonly host: string;
	/** The backup that is restored; for an upgrade the one that was made for it. */
	readonly archive: string;
	/** A backup of what was there before; empty when there was nothing. */
	readonly safety: string;
	readonly databases: readonly DatabaseSwap[];
	readonly stores: readonly DataStore[];
	readonly files: readonly FileSwap[];
	/** Services that ran before; after it they run again. */
	readonly services: readonly string[];
}

/** What names and dates a change that this process begins now; nothing has been changed yet. */
export function entryStart(): Pick<JournalEntry, 'phase' | 'id' | 'startedAt' | 'pid' | 'host'> {
	return {
		phase: 'prepare',
		id: randomBytes(4).toString('hex'),
		startedAt: new Date().toISOString(),
		pid: process.pid,
		host: hostname(),
	};
}

/**
 * A project's journal: one small file, there only while its data are being changed. Whoever finds it knows whether to go
 * back or on. It is replaced as a whole and brought to the disk before what it announces begins.
 */
export class Journal {
	readonly path: string;
	readonly #folder: string;

	constructor(project: string, environment: Readonly<Record<string, string | undefined>>) {
		this.#folder = join(userFolder('state', environment), 'journal');
		this.path = join(this.#folder, `${project}.json`);
	}

	async write(entry: JournalEntry): Promise<void> {
		await mkdir(this.#folder, {recursive: true, mode: 0o700});
		await replaceFile(this.path, JSON.stringify({version: 1, ...entry}), {mode: 0o600, flush: true});
	}

	/** Throws a Failure for a file that cannot be understood. */
	async read(): Promise<JournalEntry | undefined> {
		const text = await readIfThere(this.path);
		if (text === undefined) {
			return undefined;
		}

		const entry = parseEntry(text);
		if (entry === undefined) {
			throw new Failure('a restore or an upgrade was interrupted, and its journal cannot be understood', {
				code: 'journal-unreadable',
				why: `${this.path} is not what this mlstack writes`,
				next: ['use the mlstack that began it, or look at the file yourself, then remove it'],
			});
		}

		return entry;
	}

	async remove(): Promise<void> {
		await rm(this.path, {force: true});
	}
}

/** The process that wrote an entry is this machine's and still there. */
export function isAtWork({pid, host}: Pick<JournalEntry, 'pid' | 'host'>): boolean {
	if (host !== hostname() || pid === process.pid) {
		return false;
	}

	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return stringIn(error, 'code') === 'EPERM';
	}
}

function parseEntry(text: string): JournalEntry | undefined {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return undefined;
	}

	const operation = stringIn(value, 'operation');
	const phase = stringIn(value, 'phase');
	const project = stringIn(value, 'project');
	const id = stringIn(value, 'id');
	if (
		numberIn(value, 'version') !== 1 ||
		(operation !== 'restore' && operation !== 'upgrade') ||
		(phase !== 'prepare' && phase !== 'switch' && phase !== 'finish') ||
		project === undefined ||
		id === undefined
	) {
		return undefined;
	}

	return {
		operation,
		phase,
		project,
		id,
		startedAt: stringIn(value, 'startedAt') ?? '',
		pid: numberIn(value, 'pid') ?? 0,
		host: stringIn(value, 'host') ?? '',
		archive: stringIn(value, 'archive') ?? '',
		safety: stringIn(value, 'safety') ?? '',
		databases: arrayIn(value, 'databases').map((one) => ({
			name: stringIn(one, 'name') ?? '',
			staged: stringIn(one, 'staged') ?? '',
			old: stringIn(one, 'old') ?? '',
		})),
		stores: arrayIn(value, 'stores').map((one) => parseStore(one)),
		files: arrayIn(value, 'files').map((one) => ({
			path: stringIn(one, 'path') ?? '',
			kept: stringIn(one, 'kept') ?? '',
		})),
		services: arrayIn(value, 'services').filter((service) => typeof service === 'string'),
	};
}

function parseStore(value: unknown): DataStore {
	const role = stringIn(value, 'role');
	return {
		kind: stringIn(value, 'kind') === 'folder' ? 'folder' : 'volume',
		name: stringIn(value, 'name') ?? '',
		key: stringIn(value, 'key') ?? '',
		role: role === 'artifacts' || role === 'database' ? role : 'other',
	};
}
