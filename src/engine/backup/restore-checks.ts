import {Failure} from '../../failure.ts';
import type {BackupManifest} from '../../stack/backup-manifest.ts';
import type {Container} from '../../stack/model.ts';
import type {Engine} from '../engine.ts';
import type {RunningDatabase} from './database.ts';
import {runText} from './run.ts';

/** An older pg_restore does not read what a newer pg_dump wrote. */
export function refuseOlderServer(
	{postgresql}: BackupManifest,
	database: Pick<RunningDatabase, 'major' | 'version'>,
): void {
	if (postgresql.major > database.major) {
		throw new Failure(
			`the backup is of PostgreSQL ${postgresql.version}, the stack runs ${database.version}`,
			{
				code: 'server-too-old',
				why: 'a backup goes onto the same major version of PostgreSQL or a newer one',
				next: [`set the database's image to postgres:${postgresql.major} or newer, with a new volume`],
			},
		);
	}
}

/** Lists the migrations that the installed MLflow knows, without loading it; that would take seconds. */
const listRevisions = `
import glob, importlib.util, os
folder = importlib.util.find_spec('mlflow').submodule_search_locations[0]
for file in glob.glob(os.path.join(folder, 'store', 'db_migrations', 'versions', '*.py')):
    for line in open(file, encoding='utf8'):
        if line.startswith('revision ='):
            print(line.split('=')[1].strip().strip('\\'"'))
`.trim();

/**
 * MLflow upgrades an older schema and refuses one that it does not know. Asked only where a tracking server runs: nobody
 * else knows. Throws a Failure.
 */
export async function refuseUnknownSchema(
	engine: Engine,
	containers: readonly Container[],
	{databases, mlflow}: BackupManifest,
	signal: AbortSignal,
): Promise<void> {
	const server = containers.find(({role, status}) => role === 'tracking' && status === 'running');
	const revisions = databases.flatMap(({revision}) => (revision === undefined ? [] : [revision]));
	if (server === undefined || revisions.length === 0) {
		return;
	}

	let known: readonly string[];
	try {
		const text = await runText(
			engine,
			server.id,
			['python3', '-c', listRevisions],
			{what: 'python3'},
			signal,
		);
		known = text.trim().split('\n');
	} catch {
		// A server that is no Python program of the usual kind cannot be asked.
		signal.throwIfAborted();
		return;
	}

	const unknown = revisions.find((revision) => known.length > 1 && !known.includes(revision));
	if (unknown !== undefined) {
		throw new Failure('the backup is of a newer MLflow than the one that runs here', {
			code: 'schema-unknown',
			why: `its schema is ${unknown}, which ${server.service} does not know`,
			next: [
				`use ${mlflow === undefined ? 'the version' : `MLflow ${mlflow}`} that made the backup, or a newer one`,
			],
		});
	}
}
