import {asFailure, Failure} from '../../failure.ts';
import {countsText, type BackupManifest, type MlflowCounts} from '../../stack/backup-manifest.ts';
import type {Progress, Stack} from '../../stack/model.ts';
import type {Engine} from '../engine.ts';
import {ArchiveReader, entriesOf} from './archive-reader.ts';
import {backup} from './backup.ts';
import {currentContainers, operate} from './containers.ts';
import {openDatabase, type RunningDatabase} from './database.ts';
import {entryStart, isAtWork, type Journal, type JournalEntry} from './journal.ts';
import {refuseOlderServer, refuseUnknownSchema} from './restore-checks.ts';
import {databaseSwaps, stageDatabases} from './restore-databases.ts';
import {completeRestore, undoRestore, type RestoreEnd} from './restore-phases.ts';
import {hasFiles, matchStores, stageStore, type StoreMatch} from './restore-stores.ts';
import {reporting, type Reporter} from './reporting.ts';
import {fullDiskLine} from './server-log.ts';
import {storageOf} from './storage-of.ts';
import {findExperiments} from './target.ts';

export interface RestoreOptions {
	/** The archive. */
	readonly file: string;
	/** The project's name, typed by the user: wanted only where the stack holds data, which the restore replaces. */
	readonly confirmation?: string;
	/** Where the backup of that data goes. */
	readonly safetyFile: string;
	/** mlstack's own version, for that backup's manifest. */
	readonly createdBy: string;
	readonly journal: Journal;
}

export interface RestoreResult {
	readonly manifest: BackupManifest;
	/** The backup of what was there before; absent when there was nothing. */
	readonly safety?: string;
}

/** How long services may take to start again, in ms. */
const startTimeout = 300_000;

/** How long reading a server's log may take, in ms. */
const lookTimeout = 10_000;

/** What the parts of a restore work with. */
interface Work {
	readonly engine: Engine;
	readonly stack: Stack;
	readonly reader: ArchiveReader;
	readonly reporter: Reporter;
	readonly options: RestoreOptions;
	readonly signal: AbortSignal;
}

/**
 * Puts a backup's data in the place of a stack's, whatever version of PostgreSQL made it. The archive is read to its end
 * and checked before anything is touched; the new data are made whole beside the old ones, and only then take their
 * place. Until then a failure or a cancellation leaves everything as it was; after that it goes on to the end. The
 * journal tells, after a crash, which of the two holds.
 *
 * Throws a Failure with code `confirmation-needed` when the stack holds data and the confirmation is not its name.
 */
export function restore(
	engine: Engine,
	stack: Stack,
	options: RestoreOptions,
	signal: AbortSignal,
): AsyncGenerator<Progress, RestoreResult> {
	return reporting(async (reporter) => {
		await refuseUnfinished(options.journal);
		const reader = await ArchiveReader.open(options.file);
		try {
			await verify(reader, reporter, signal);
			const database = await openDatabase(engine, stack, reporter, signal);
			try {
				return await restoreInto({engine, stack, reader, reporter, options, signal}, database);
			} finally {
				await database.close();
			}
		} finally {
			await reader.close();
		}
	});
}

/** Throws a Failure while a restore or an upgrade of the project is at work, or was interrupted. */
export async function refuseUnfinished(journal: Journal): Promise<void> {
	const entry = await journal.read();
	if (entry === undefined) {
		return;
	}

	throw isAtWork(entry)
		? new Failure(`another ${entry.operation} of ${entry.project} is at work`, {
				code: 'restore-at-work',
				why: `process ${entry.pid} began it at ${entry.startedAt}`,
				next: ['wait until it has ended'],
			})
		: new Failure(`a ${entry.operation} of ${entry.project} was interrupted`, {
				code: 'restore-interrupted',
				why: `it began at ${entry.startedAt}`,
				next: [`mlstack -p ${entry.project} restore   (without a file: settles it)`],
			});
}

/** Reads all of an archive and compares every checksum. */
export async function verify(reader: ArchiveReader, reporter: Reporter, signal: AbortSignal): Promise<void> {
	const total = entriesOf(reader.manifest).reduce((sum, {bytes}) => sum + bytes, 0);
	await reader.verify(reporter.counter('verify', 'backup', 'Checking', total), signal);
	reporter.step('verify', 'backup', 'done', 'Whole', total, total);
}

async function restoreInto(work: Work, database: RunningDatabase): Promise<RestoreResult> {
	const {engine, stack, reader, reporter, options, signal} = work;
	const {manifest} = reader;
	refuseOlderServer(manifest, database);
	await refuseUnknownSchema(engine, database.containers, manifest, signal);
	const matches = await placesFor(work);
	const safety = await keepWhatIsThere(work, database, matches);
	const services = await stopOthers(work, database);
	const start = entryStart();
	const entry: JournalEntry = {
		...start,
		operation: 'restore',
		project: stack.project,
		archive: options.file,
		safety: safety ?? '',
		databases: databaseSwaps(manifest, start.id),
		stores: matches.map(({store}) => store),
		files: [],
		services: [...database.ran, ...services],
	};
	const end = {engine, stack, container: database.container, journal: options.journal, reporter};
	try {
		await options.journal.write(entry);
		await stageDatabases({engine, database, reader, reporter, signal}, entry.databases);
		await stageStores(work, matches, start.id);
		signal.throwIfAborted();
		await options.journal.write({...entry, phase: 'switch'});
	} catch (error) {
		const failure = await explained(end, entry, error);
		await goBack(end, entry);
		throw failure;
	}

	await goOn(end, {...entry, phase: 'switch'});
	return {manifest, ...(safety !== undefined && {safety})};
}

/** A command that breaks off says nothing of why: the server that stopped under it has written that into its log. */
async function explained(
	{engine, container}: RestoreEnd,
	{startedAt}: JournalEntry,
	error: unknown,
): Promise<unknown> {
	if (!(error instanceof Failure) || error.code === 'disk-full' || error.reason === 'noEngine') {
		return error;
	}

	const signal = AbortSignal.timeout(lookTimeout);
	const line = await fullDiskLine(engine, container, startedAt, signal).catch(() => undefined);
	return line === undefined
		? error
		: new Failure('the restore failed: PostgreSQL stopped, as its disk is full', {
				code: 'disk-full',
				why: line,
				next: ['free some space on the disk that holds the database, then try again'],
				cause: error,
			});
}

/** The data are as they were. What was put beside them is removed now, or later if that fails too. */
async function goBack(end: RestoreEnd, entry: JournalEntry): Promise<void> {
	const {engine, stack, reporter} = end;
	try {
		// What failed may be a server that broke down: it reads its log before it answers again, or has to be started.
		await openDatabase(engine, stack, reporter, AbortSignal.timeout(startTimeout));
		await undoRestore(end, entry);
		await startAgain(end, entry.services);
	} catch (error) {
		reporter.note(
			'warning',
			`Nothing was changed, but not all is tidy: ${asFailure(error).message}. \`mlstack -p ${entry.project} restore\` without a file settles it.`,
		);
	}
}

/** The services start only on whole data: where the switch breaks off, they stay stopped until it is finished. */
async function goOn(end: RestoreEnd, entry: JournalEntry): Promise<void> {
	try {
		await completeRestore(end, entry);
	} catch (error) {
		throw new Failure('the restore was interrupted while the data were exchanged', {
			code: 'restore-interrupted',
			why: `the restored data are whole and the old ones are still there: ${asFailure(error).message}`,
			next: [`mlstack -p ${entry.project} restore   (without a file: goes on where this ended)`],
			cause: error,
		});
	}

	await startAgain(end, entry.services);
}

/** Where the backup's volumes go. Volumes that are not there yet are made by compose, together with their service. */
async function placesFor({engine, stack, reader, reporter, signal}: Work): Promise<readonly StoreMatch[]> {
	const {stores: backups} = reader.manifest;
	const storage = storageOf(engine);
	const {stores} = await storage.stores(stack, signal);
	const matches = matchStores(backups, stores);
	if (matches !== undefined) {
		return matches;
	}

	const tracking = stack.services.flatMap(({name, role}) => (role === 'tracking' ? [name] : []));
	if (tracking.length > 0 && stack.files.length > 0) {
		await operate(engine, 'up', stack, tracking, reporter, signal);
		await operate(engine, 'stop', stack, tracking, reporter, signal);
		const made = matchStores(backups, (await storage.stores(stack, signal)).stores);
		if (made !== undefined) {
			return made;
		}
	}

	const keys = backups.map(({key}) => key).join(', ');
	throw new Failure(`the volumes of the backup have no place in ${stack.project}`, {
		code: 'no-place',
		why: `the backup holds ${keys}; the stack has ${stores.map(({key}) => key).join(', ') || 'none'}`,
		next: ['give the volumes the same names in the compose file'],
	});
}

/** Backs up what the restore would replace; undefined when there is nothing. */
async function keepWhatIsThere(
	{engine, stack, reporter, options, signal}: Work,
	database: RunningDatabase,
	matches: readonly StoreMatch[],
): Promise<string | undefined> {
	const counts = await findExperiments(engine, database.container, signal);
	const files = await anyFiles(engine, stack, matches, signal);
	if (counts === undefined && !files) {
		return undefined;
	}

	if (options.confirmation !== stack.project) {
		throw confirmationNeeded(stack, counts, options.file);
	}

	const safety = {file: options.safetyFile, createdBy: options.createdBy};
	for await (const progress of backup(engine, stack, safety, signal)) {
		reporter.pass(progress.type === 'step' ? {...progress, id: `safety ${progress.id}`} : progress);
	}

	return options.safetyFile;
}

function confirmationNeeded(stack: Stack, counts: MlflowCounts | undefined, file: string): Failure {
	const what = counts === undefined ? 'artifacts' : countsText(counts);
	return new Failure(`${stack.project} holds data that the restore would replace: ${what}`, {
		code: 'confirmation-needed',
		why: 'they are backed up first, and the project’s name has to be typed',
		next: [`mlstack -p ${stack.project} restore ${file} --confirm ${stack.project}`],
	});
}

async function anyFiles(
	engine: Engine,
	stack: Stack,
	matches: readonly StoreMatch[],
	signal: AbortSignal,
): Promise<boolean> {
	if (matches.length === 0) {
		return false;
	}

	const stores = matches.map(({store}) => store);
	const opened = await storageOf(engine).openStores(stack, stores, 'read', signal);
	try {
		for (const path of opened.paths) {
			if (await hasFiles({executor: engine, opened, id: '', signal}, path)) {
				return true;
			}
		}

		return false;
	} finally {
		await opened.close().catch(() => {});
	}
}

/** Nobody may write while the data change. Returns the services that were stopped. */
export async function stopOthers(
	{engine, stack, reporter, signal}: Pick<Work, 'engine' | 'stack' | 'reporter' | 'signal'>,
	database: RunningDatabase,
): Promise<readonly string[]> {
	const containers = await currentContainers(engine, stack, signal);
	const running = containers.filter(
		({service, status}) => service !== database.service && status === 'running',
	);
	const services = [...new Set(running.map(({service}) => service))];
	if (services.length > 0) {
		await operate(engine, 'stop', stack, services, reporter, signal);
	}

	return services;
}

/** Starts the services that ran before, also when the restore was cancelled. */
export async function startAgain(
	{engine, stack, reporter}: Pick<RestoreEnd, 'engine' | 'stack' | 'reporter'>,
	services: readonly string[],
): Promise<void> {
	if (services.length > 0) {
		await operate(engine, 'start', stack, services, reporter, AbortSignal.timeout(startTimeout));
	}
}

async function stageStores(
	{engine, stack, reader, reporter, signal}: Work,
	matches: readonly StoreMatch[],
	id: string,
): Promise<void> {
	if (matches.length === 0) {
		return;
	}

	const stores = matches.map(({store}) => store);
	const opened = await storageOf(engine).openStores(stack, stores, 'write', signal);
	try {
		for (const [index, match] of matches.entries()) {
			const storeWork = {executor: engine, opened, id, signal};
			await stageStore(storeWork, opened.paths[index] ?? '', match, reader, reporter);
		}
	} finally {
		await opened.close().catch(() => {});
	}
}
