import {Failure} from '../../failure.ts';
import type {DatabaseBackup} from '../../stack/backup-manifest.ts';
import {formatDiskSize} from '../../stack/prune/units.ts';
import type {RunningDatabase} from './database.ts';
import {query} from './psql.ts';
import {runText, type Executor} from './run.ts';

/** A segment of PostgreSQL's log, in bytes; it takes room a whole one at a time. (initdb's `--wal-segsize`) */
const logSegment = 16 * 1024 * 1024;

/** The server's data directory, the size that its log may grow to, and the log's size; the log's folder is called so since 10. */
const askRoom = `
select current_setting('data_directory'), pg_size_bytes(current_setting('max_wal_size')),
  (select sum((pg_stat_file(folder || '/' || file, true)).size)
   from (select case when current_setting('server_version_num')::int < 100000 then 'pg_xlog' else 'pg_wal' end) as log(folder),
     pg_ls_dir(folder) as file);
`;

/**
 * Throws a Failure when a database does not fit beside what a server holds. It is asked first, as a server whose disk is
 * full may not only fail the restore: where its log finds no room it stops, and does not start again until there is some.
 */
export async function refuseFullDisk(
	executor: Executor,
	{container}: Pick<RunningDatabase, 'container'>,
	{name, size, bytes}: Pick<DatabaseBackup, 'name' | 'size' | 'bytes'>,
	signal: AbortSignal,
): Promise<void> {
	const [[directory = '', logLimit = '0', log = '0'] = []] = await query(
		executor,
		container,
		'template1',
		askRoom,
		signal,
	);
	const restored = size ?? bytes;
	// What is restored goes through the log, too, which grows to about its limit.
	const growth = Math.max(0, Math.min(restored, Number(logLimit)) - Number(log));
	const needed = restored + growth + logSegment;
	const free = await freeBytes(executor, container, directory, signal);
	if (free < needed) {
		throw new Failure('there is not enough space for the restored database', {
			code: 'disk-full',
			why: `${name} needs ${formatDiskSize(needed)} beside what is there, its log included, and ${formatDiskSize(free)} are free`,
			next: ['free some space on the disk that holds the database, then try again'],
		});
	}
}

/** Free space of the file system that holds a folder of a container, in bytes. */
export async function freeBytes(
	executor: Executor,
	container: string,
	path: string,
	signal: AbortSignal,
): Promise<number> {
	const script = 'set -- $(df -Pk "$1" | tail -n 1); echo "$4"';
	const text = await runText(
		executor,
		container,
		['sh', '-c', script, 'sh', path],
		{what: 'a look at the free space'},
		signal,
	);
	return Number(text) * 1024;
}
