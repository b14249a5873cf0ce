import {Failure} from '../../failure.ts';
import {tableDifferences, type BackupManifest, type DatabaseBackup} from '../../stack/backup-manifest.ts';
import type {Engine} from '../engine.ts';
import type {ArchiveReader} from './archive-reader.ts';
import type {RunningDatabase} from './database.ts';
import {refuseFullDisk} from './disk-room.ts';
import type {DatabaseSwap} from './journal.ts';
import {clientCommand, countTables, psqlCommand, query, quoteName, quoteText} from './psql.ts';
import type {Reporter} from './reporting.ts';
import {missingRoles} from './roles.ts';
import {runText} from './run.ts';
import {tablesOf} from './snapshot.ts';

/** What restoring databases works with. */
export interface DatabaseWork {
	readonly engine: Engine;
	readonly database: RunningDatabase;
	readonly reader: ArchiveReader;
	readonly reporter: Reporter;
	readonly signal: AbortSignal;
}

/** Names for the new and the old database beside each one of a backup. */
export function databaseSwaps({databases}: BackupManifest, id: string): readonly DatabaseSwap[] {
	return databases.map(({name}, index) => ({
		name,
		staged: `mlstack_new_${id}_${index + 1}`,
		old: `mlstack_old_${id}_${index + 1}`,
	}));
}

/** Restores every database beside those that are there, and checks them row by row. Nothing that is there changes. */
export async function stageDatabases(work: DatabaseWork, swaps: readonly DatabaseSwap[]): Promise<void> {
	await dropLeftovers(work);
	await createMissingRoles(work);
	for (const [index, backup] of work.reader.manifest.databases.entries()) {
		const swap = swaps[index];
		if (swap !== undefined) {
			await stageDatabase(work, backup, swap.staged);
		}
	}
}

/** What an earlier attempt left in a server that nobody came back to. */
async function dropLeftovers({engine, database, signal}: DatabaseWork): Promise<void> {
	const names = await databaseNames(engine, database.container, signal);
	const left = [...names].filter((name) => /^mlstack_(?:new|old)_[\da-f]{8}_\d+$/.test(name));
	await dropDatabases(engine, database.container, left, signal);
}

async function createMissingRoles({engine, database, reader, signal}: DatabaseWork): Promise<void> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of reader.read(reader.manifest.globals, signal)) {
		chunks.push(Buffer.from(chunk));
	}

	const rows = await query(engine, database.container, 'template1', 'select rolname from pg_roles;', signal);
	const existing = new Set(rows.map(([name = '']) => name));
	// Another stack's superuser is none here: what it owned goes to this one's.
	existing.add(reader.manifest.postgresql.user);
	const sql = missingRoles(Buffer.concat(chunks).toString(), existing);
	await query(engine, database.container, 'template1', `${sql}\n`, signal);
}

async function stageDatabase(
	{engine, database, reader, reporter, signal}: DatabaseWork,
	backup: DatabaseBackup,
	staged: string,
): Promise<void> {
	await refuseFullDisk(engine, database, backup, signal);
	const isSameUser = reader.manifest.postgresql.user === database.user;
	const owner = isSameUser || backup.owner !== reader.manifest.postgresql.user ? backup.owner : database.user;
	await query(
		engine,
		database.container,
		'template1',
		`create database ${quoteName(staged)} template template0 owner ${quoteName(owner || database.user)};`,
		signal,
	);
	const step = `database ${backup.name}`;
	const count = reporter.counter(step, step, 'Restoring', backup.bytes);
	async function* dump(): AsyncGenerator<Uint8Array> {
		for await (const chunk of reader.read(backup, signal)) {
			count(chunk.byteLength);
			yield chunk;
		}
	}

	const options = ['--exit-on-error', '-d', staged, ...(isSameUser ? [] : ['--no-owner', '--no-privileges'])];
	await runText(
		engine,
		database.container,
		clientCommand('pg_restore', ...options),
		{what: `the restore of ${backup.name}`, input: dump()},
		signal,
	);
	reporter.step(step, step, 'working', 'Checking', backup.bytes, backup.bytes);
	// Without statistics the first queries are slow until the server gets round to it. A checkpoint tells whether all of it
	// has found room: until then part of it is only in memory.
	const rows = await query(
		engine,
		database.container,
		staged,
		`analyze;\ncheckpoint;\n${countTables}`,
		signal,
	);
	const [difference] = tableDifferences(backup, tablesOf(rows));
	if (difference !== undefined) {
		throw new Failure(`the restored database ${backup.name} is not what was backed up`, {
			code: 'restore-differs',
			why: difference,
			next: ['nothing was changed; use another backup: mlstack backups'],
		});
	}

	reporter.step(step, step, 'done', 'Restored', backup.bytes, backup.bytes);
}

/**
 * Puts the new databases in the place of the old ones, all in one transaction. Run again after an interruption, it does
 * what is left to do.
 */
export async function switchDatabases(
	engine: Engine,
	container: string,
	swaps: readonly DatabaseSwap[],
	signal: AbortSignal,
): Promise<void> {
	const existing = await databaseNames(engine, container, signal);
	const statements = swaps.flatMap(({name, staged, old}) => [
		...(existing.has(staged) && existing.has(name) ? [renamed(name, old)] : []),
		...(existing.has(staged) ? [renamed(staged, name)] : []),
	]);
	if (statements.length === 0) {
		return;
	}

	const names = swaps.map(({name}) => quoteText(name)).join(', ');
	const sql = [
		`select pg_terminate_backend(pid) from pg_stat_activity where datname in (${names}) and pid <> pg_backend_pid();`,
		'begin;',
		...statements,
		'commit;',
	];
	await runText(
		engine,
		container,
		psqlCommand('template1'),
		{what: 'the switch to the restored databases', input: lines(sql)},
		signal,
	);
}

function renamed(from: string, to: string): string {
	return `alter database ${quoteName(from)} rename to ${quoteName(to)};`;
}

async function* lines(texts: readonly string[]): AsyncGenerator<Uint8Array> {
	yield Buffer.from(`${texts.join('\n')}\n`);
}

/** Removes databases of these names, as far as they are there. */
export async function dropDatabases(
	engine: Engine,
	container: string,
	names: readonly string[],
	signal: AbortSignal,
): Promise<void> {
	const existing = await databaseNames(engine, container, signal);
	for (const name of names.filter((one) => existing.has(one))) {
		const sql = `select pg_terminate_backend(pid) from pg_stat_activity where datname = ${quoteText(name)};
drop database ${quoteName(name)};`;
		await query(engine, container, 'template1', sql, signal);
	}
}

async function databaseNames(
	engine: Engine,
	container: string,
	signal: AbortSignal,
): Promise<ReadonlySet<string>> {
	const rows = await query(engine, container, 'template1', 'select datname from pg_database;', signal);
	return new Set(rows.map(([name = '']) => name));
}
