import {Failure} from '../../failure.ts';
import {
	manifestFile,
	type BackupEntry,
	type BackupManifest,
	type DatabaseBackup,
	type StoreBackup,
} from '../../stack/backup-manifest.ts';
import type {Progress, Stack} from '../../stack/model.ts';
import type {Engine} from '../engine.ts';
import type {DataStore, OpenStores, Storage} from '../storage.ts';
import {ArchiveWriter} from './archive-writer.ts';
import {openDatabase, type RunningDatabase} from './database.ts';
import {clientCommand} from './psql.ts';
import {reporting, type Reporter} from './reporting.ts';
import {runStream, runText} from './run.ts';
import {openSnapshot, type Snapshot} from './snapshot.ts';
import {storageOf} from './storage-of.ts';
import {readStore, type StoreContent} from './store-archive.ts';

export interface BackupOptions {
	/** Absolute path of the archive. It must not exist. */
	readonly file: string;
	/** mlstack's own version, for the manifest. */
	readonly createdBy: string;
	/** The databases only, without volumes: enough where nothing touches the volumes. */
	readonly databasesOnly?: boolean;
}

/** What the parts of a backup work with. */
interface Work {
	readonly engine: Engine;
	readonly stack: Stack;
	readonly database: RunningDatabase;
	readonly writer: ArchiveWriter;
	readonly reporter: Reporter;
	readonly signal: AbortSignal;
	/** Opened while the databases are dumped, as that takes a while. */
	readonly stores: Promise<ReadableStores>;
}

/** The stores that are archived, and what is said of the others. */
interface ReadableStores {
	readonly stores: ReadonlyArray<{readonly store: DataStore; readonly content: StoreContent}>;
	readonly notes: readonly string[];
	/** Absent without stores. */
	readonly opened?: OpenStores;
}

/**
 * Writes everything that a stack's experiments consist of into one archive, while it runs or when it is down: the
 * databases as of one moment each, roles, then volumes. In this order a run whose artifact is missing cannot be; an
 * artifact of a run that came later can, and harms nobody.
 *
 * Everything is streamed. Cancelled or failed, it leaves no file, and the stack as it was.
 */
export function backup(
	engine: Engine,
	stack: Stack,
	options: BackupOptions,
	signal: AbortSignal,
): AsyncGenerator<Progress, BackupManifest> {
	return reporting(async (reporter) => {
		const storage = storageOf(engine);
		const writer = await ArchiveWriter.create(options.file);
		try {
			const database = await openDatabase(engine, stack, reporter, signal);
			const stores = openReadable(engine, storage, stack, options, signal);
			// It may fail before anybody waits for it.
			stores.catch(() => {});
			let closing: Promise<void> | undefined;
			const closeStores = async (): Promise<void> => {
				closing ??= stores.then(async ({opened}) => opened?.close()).catch(() => {});
				return closing;
			};
			const work = {engine, stack, database, writer, reporter, signal, stores};
			try {
				const manifest = await writeEntries(work, options);
				await writer.add(manifestFile, textOf(`${JSON.stringify(manifest, undefined, '\t')}\n`));
				signal.throwIfAborted();
				await Promise.all([writer.finish(), closeStores()]);
				return manifest;
			} finally {
				await closeStores();
				await database.close();
			}
		} catch (error) {
			await writer.discard();
			throw error;
		}
	});
}

async function openReadable(
	engine: Engine,
	storage: Storage,
	stack: Stack,
	{databasesOnly}: BackupOptions,
	signal: AbortSignal,
): Promise<ReadableStores> {
	if (databasesOnly) {
		return {stores: [], notes: ['The volumes are not part of this backup.']};
	}

	const {stores: all, notes} = await storage.stores(stack, signal);
	const wanted = all.filter(({role}) => role !== 'database');
	if (wanted.length === 0) {
		return {stores: [], notes};
	}

	const opened = await storage.openStores(stack, wanted, 'read', signal);
	try {
		const stores = await Promise.all(
			wanted.map(async (store, index) => ({
				store,
				content: await readStore(engine, opened.container, opened.paths[index] ?? '', signal),
			})),
		);
		return {stores, notes, opened};
	} catch (error) {
		await opened.close().catch(() => {});
		throw error;
	}
}

async function writeEntries(work: Work, options: BackupOptions): Promise<BackupManifest> {
	const {engine, stack, database, signal} = work;
	const createdAt = new Date().toISOString();
	const version = mlflowVersion(work);
	// It may fail before anybody waits for it.
	version.catch(() => {});
	const names = database.databases;
	const databases: DatabaseBackup[] = [];
	const counts = {experiments: 0, runs: 0};
	let roles: Promise<string> | undefined;
	for (const [index, name] of names.entries()) {
		const file = `databases/${index + 1}-${harmless(name)}.dump`;
		const snapshot = await openSnapshot(engine, database.container, name, signal);
		// After the last of them: a role that came before it may own something in a database.
		roles = index === names.length - 1 ? readRoles(work) : undefined;
		roles?.catch(() => {});
		const {experiments, runs, ...entry} = await dumpDatabase(work, name, file, snapshot);
		databases.push(entry);
		counts.experiments += experiments;
		counts.runs += runs;
	}

	const globals = await addEntry(work, 'globals.sql', 'roles', textOf(await (roles ?? readRoles(work))));
	const mlflow = await version;
	const {stores, notes} = await archiveStores(work);
	return {
		version: 1,
		createdAt,
		createdBy: options.createdBy,
		project: stack.project,
		postgresql: {version: database.version, major: database.major, user: database.user},
		...(mlflow !== undefined && {mlflow}),
		counts,
		databases,
		globals,
		stores,
		notes,
	};
}

/**
 * Dumps a database, as of a snapshot which it closes, in the format that pg_restore reads; the counts are of that moment.
 */
async function dumpDatabase(
	work: Work,
	name: string,
	file: string,
	snapshot: Snapshot,
): Promise<DatabaseBackup & {experiments: number; runs: number}> {
	const {engine, database, signal} = work;
	try {
		const command = clientCommand('pg_dump', '--format=custom', `--snapshot=${snapshot.id}`, '-d', name);
		const dump = runStream(engine, database.container, command, {what: `the dump of ${name}`}, signal);
		const entry = await addEntry(work, file, `database ${name}`, dump);
		const {owner, size, tables, mlflow} = snapshot;
		return {
			...entry,
			name,
			owner,
			size,
			tables,
			...(mlflow?.revision && {revision: mlflow.revision}),
			experiments: mlflow?.experiments ?? 0,
			runs: mlflow?.runs ?? 0,
		};
	} finally {
		await snapshot.close().catch(() => {});
	}
}

async function readRoles({engine, database, signal}: Work): Promise<string> {
	const command = clientCommand('pg_dumpall', '--globals-only', '-l', 'template1');
	return runText(engine, database.container, command, {what: 'the dump of the roles'}, signal);
}

async function archiveStores(
	work: Work,
): Promise<{stores: readonly StoreBackup[]; notes: readonly string[]}> {
	const {stores, notes} = await work.stores;
	const archived: StoreBackup[] = [];
	const left = [...notes];
	for (const [index, {store, content}] of stores.entries()) {
		const {archive, counter} = content;
		if (archive === undefined) {
			left.push(
				`The volume ${store.name} is not part of the backup: it holds a database server's own files.`,
			);
			continue;
		}

		const file = `stores/${index + 1}-${harmless(store.key)}.tar`;
		const entry = await addEntry(work, file, storeName(store), archive);
		if (!counter.ended) {
			throw new Failure(`${storeName(store)} could not be read to its end`, {code: 'command-failed'});
		}

		archived.push({...entry, ...keyOf(store), files: counter.files, content: counter.bytes});
	}

	for (const note of left) {
		work.reporter.note('warning', note);
	}

	return {stores: archived, notes: left};
}

function keyOf({key, role}: DataStore): Pick<StoreBackup, 'key' | 'role'> {
	return {key, role: role === 'artifacts' ? 'artifacts' : 'other'};
}

function storeName({kind, key}: DataStore): string {
	return `${kind} ${key}`;
}

/** Streams an entry into the archive and reports its bytes. */
async function addEntry(
	{writer, reporter}: Work,
	file: string,
	name: string,
	data: AsyncIterable<Uint8Array>,
): Promise<BackupEntry> {
	const count = reporter.counter(name, name, 'Saving');
	const entry = await writer.add(file, data, (chunk) => count(chunk.byteLength));
	reporter.step(name, name, 'done', 'Saved', entry.bytes);
	return entry;
}

/** The version of the tracking server that runs, as its packages say. */
async function mlflowVersion({engine, database, signal}: Work): Promise<string | undefined> {
	const server = database.containers.find(({role, status}) => role === 'tracking' && status === 'running');
	if (server === undefined) {
		return undefined;
	}

	const script = "import importlib.metadata as m; print(m.version('mlflow'))";
	try {
		const text = await runText(engine, server.id, ['python3', '-c', script], {what: 'python3'}, signal);
		return text.trim() || undefined;
	} catch {
		signal.throwIfAborted();
		return undefined;
	}
}

/** A name as far as it is harmless in a path and fits a tar header. */
function harmless(name: string): string {
	return name
		.replaceAll(/[^\w.-]+/g, '_')
		.replace(/^\.+/, '_')
		.slice(0, 60);
}

async function* textOf(text: string): AsyncGenerator<Uint8Array> {
	yield Buffer.from(text);
}
