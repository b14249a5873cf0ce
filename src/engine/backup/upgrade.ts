import {asFailure, Failure} from '../../failure.ts';
import type {BackupManifest} from '../../stack/backup-manifest.ts';
import type {Progress, Stack} from '../../stack/model.ts';
import type {Engine} from '../engine.ts';
import {ArchiveReader} from './archive-reader.ts';
import {backup} from './backup.ts';
import {currentContainers, operate} from './containers.ts';
import {databaseService, openDatabase, type RunningDatabase} from './database.ts';
import {entryStart, type Journal, type JournalEntry} from './journal.ts';
import {reporting, type Reporter} from './reporting.ts';
import {refuseUnfinished, startAgain, stopOthers, verify} from './restore.ts';
import {databaseSwaps, dropDatabases, stageDatabases, switchDatabases} from './restore-databases.ts';
import {changeFiles, changeFilesBack, planUpgrade, type UpgradePlan} from './upgrade-files.ts';

export interface UpgradeOptions {
	/** The major version of PostgreSQL to move to. */
	readonly major: number;
	/** Where the backup goes that the new server is filled from. */
	readonly backupFile: string;
	/** mlstack's own version, for that backup's manifest. */
	readonly createdBy: string;
	readonly journal: Journal;
	readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface UpgradeResult {
	readonly manifest: BackupManifest;
	readonly from: string;
	readonly to: string;
	/** The volume with the old server's files; absent where old and new share one, each in its own folder. */
	readonly keptVolume?: string;
	/** The files as they were. */
	readonly keptFiles: readonly string[];
}

/** How long going back to the old server may take, in ms. */
const backTimeout = 600_000;

interface Work {
	readonly engine: Engine;
	readonly stack: Stack;
	readonly reporter: Reporter;
	readonly options: UpgradeOptions;
	readonly signal: AbortSignal;
}

/**
 * Moves a stack's database to a newer major version: a backup, the new image with a new data directory, a restore that is
 * checked row by row. The old server's files are never touched, so that whatever fails or is interrupted goes back by
 * putting the compose file back. Throws a Failure before anything is done for a file that has to be edited by hand.
 */
export function upgrade(
	engine: Engine,
	stack: Stack,
	options: UpgradeOptions,
	signal: AbortSignal,
): AsyncGenerator<Progress, UpgradeResult> {
	return reporting(async (reporter) => {
		await refuseUnfinished(options.journal);
		const work = {engine, stack, reporter, options, signal};
		const database = await openDatabase(engine, stack, reporter, signal);
		try {
			return await upgradeFrom(work, database);
		} finally {
			await database.close();
		}
	});
}

async function upgradeFrom(work: Work, database: RunningDatabase): Promise<UpgradeResult> {
	const {engine, stack, options} = work;
	const {major, journal} = options;
	if (major <= database.major) {
		throw new Failure(`the database is PostgreSQL ${database.version} already`, {
			code: 'nothing-to-upgrade',
			why: `an upgrade goes to a newer major version, and ${major} is none`,
			next: ['mlstack version'],
		});
	}

	const plan = await planUpgrade(stack, database.service, database.major, major, options.environment);
	const services = await stopOthers(work, database);
	const entry: JournalEntry = {
		...entryStart(),
		operation: 'upgrade',
		project: stack.project,
		archive: options.backupFile,
		safety: '',
		databases: [],
		stores: [],
		files: plan.files.map(({path, kept}) => ({path, kept})),
		services,
	};
	let manifest: BackupManifest;
	try {
		await journal.write(entry);
		manifest = await moveData(work, plan, entry);
		await journal.write({...entry, phase: 'finish'});
	} catch (error) {
		await goBack(work, entry);
		throw error;
	}

	await startAgain({engine, stack, reporter: work.reporter}, services);
	await journal.remove();
	return {
		manifest,
		from: database.version,
		to: String(major),
		...(plan.oldVolume !== undefined && {keptVolume: plan.oldVolume}),
		keptFiles: plan.files.flatMap(({kept}) => (kept === '' ? [] : [kept])),
	};
}

/** From the old server into a backup, and from there into the new one. */
async function moveData(work: Work, plan: UpgradePlan, entry: JournalEntry): Promise<BackupManifest> {
	const {engine, stack, reporter, options, signal} = work;
	const {backupFile: file, createdBy, journal, major} = options;
	for await (const progress of backup(engine, stack, {file, createdBy, databasesOnly: true}, signal)) {
		reporter.pass(progress);
	}

	const reader = await ArchiveReader.open(file);
	try {
		await verify(reader, reporter, signal);
		await journal.write({...entry, phase: 'switch'});
		await changeFiles(plan.files);
		const service = databaseService(stack, await currentContainers(engine, stack, signal));
		await operate(engine, 'up', stack, [service], reporter, signal);
		const database = await openDatabase(engine, stack, reporter, signal);
		if (database.major !== major) {
			throw new Failure(`the image brings PostgreSQL ${database.version}, not ${major}`, {
				code: 'upgrade-wrong-version',
			});
		}

		const swaps = databaseSwaps(reader.manifest, entry.id);
		await stageDatabases({engine, database, reader, reporter, signal}, swaps);
		await switchDatabases(engine, database.container, swaps, signal);
		const old = swaps.map((swap) => swap.old);
		await dropDatabases(engine, database.container, old, signal);
		return reader.manifest;
	} finally {
		await reader.close();
	}
}

async function goBack({engine, stack, reporter, options}: Work, entry: JournalEntry): Promise<void> {
	try {
		await undoUpgrade({engine, stack, reporter, journal: options.journal}, entry);
	} catch (error) {
		const why = asFailure(error).message;
		reporter.note(
			'warning',
			`The old data are untouched, but the stack could not be started on them again: ${why}`,
		);
	}
}

/** Puts the files back and starts the old server on its own data, which nobody has touched. */
export async function undoUpgrade(
	{
		engine,
		stack,
		reporter,
		journal,
	}: Pick<Work, 'engine' | 'stack' | 'reporter'> & {readonly journal: Journal},
	entry: JournalEntry,
): Promise<void> {
	const signal = AbortSignal.timeout(backTimeout);
	await changeFilesBack(entry.files);
	const service = databaseService(stack, await currentContainers(engine, stack, signal));
	await operate(engine, 'up', stack, [service], reporter, signal);
	await startAgain({engine, stack, reporter}, entry.services);
	await journal.remove();
}
