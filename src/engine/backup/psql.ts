import type {MlflowCounts} from '../../stack/backup-manifest.ts';
import {runText, type Executor} from './run.ts';

/**
 * Runs the rest of its arguments as the superuser that the image made, as the images name it: docker-library's
 * postgres (https://github.com/docker-library/docs/blob/master/postgres/content.md) and Bitnami's postgresql. Inside
 * the container docker-library's image trusts everybody; Bitnami's wants the password.
 */
const asSuperuser = `
user=\${POSTGRES_USER:-}
if [ -z "$user" ] && [ -r "\${POSTGRES_USER_FILE:-}" ]; then user=$(cat "$POSTGRES_USER_FILE"); fi
export PGUSER="\${PGUSER:-\${user:-\${POSTGRESQL_USERNAME:-postgres}}}"
export PGPASSWORD="\${PGPASSWORD:-\${POSTGRES_PASSWORD:-\${POSTGRESQL_PASSWORD:-}}}"
exec "$@"
`.trim();

/** A PostgreSQL client program, as it is called inside the database's container. */
export function clientCommand(...words: readonly string[]): readonly string[] {
	return ['sh', '-c', asSuperuser, 'sh', ...words];
}

/** ASCII's own field separator, which is in no name. */
const separator = '\u001F';

/** psql that reads statements from its input, stops at the first error and prints bare rows. */
export function psqlCommand(database: string): readonly string[] {
	const options = ['-X', '-q', '-A', '-t', '-F', separator, '-v', 'ON_ERROR_STOP=1'];
	return clientCommand('psql', ...options, '-d', database, '-f', '-');
}

/** The fields of a row that psql printed. */
export function fieldsOf(line: string): readonly string[] {
	return line.split(separator);
}

/** Runs statements in a database; the rows of all of them. Throws a Failure with PostgreSQL's own words. */
export async function query(
	executor: Executor,
	container: string,
	database: string,
	sql: string,
	signal: AbortSignal,
): Promise<ReadonlyArray<readonly string[]>> {
	const text = await runText(
		executor,
		container,
		psqlCommand(database),
		{what: `a query of the database ${database}`, input: bytesOf(sql)},
		signal,
	);
	return text
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => fieldsOf(line));
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
	yield Buffer.from(text);
}

/** A name inside a statement. */
export function quoteName(name: string): string {
	return `"${name.replaceAll('"', '""')}"`;
}

/** A text inside a statement, whatever `standard_conforming_strings` says. */
export function quoteText(text: string): string {
	return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** The databases that hold somebody's data. `postgres` is every server's own, and counts only when it has tables. */
export async function listDatabases(
	executor: Executor,
	container: string,
	signal: AbortSignal,
): Promise<readonly string[]> {
	return databasesOf(await query(executor, container, 'template1', databasesAndOwnTables, signal));
}

/** Reads the rows of `databasesAndOwnTables`. */
export function databasesOf(rows: ReadonlyArray<readonly string[]>): readonly string[] {
	const names = rows.flatMap(([kind, name]) => (kind === 'database' && name !== undefined ? [name] : []));
	const ownCounts = rows.some(([kind]) => kind === 'table');
	return names.filter((name) => name !== 'postgres' || ownCounts);
}

/** Tables with rows of their own: partitions, but not what they are partitions of. */
const userTables = `
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
`.trim();

/**
 * Asked in template1, in which it stays where `postgres` was dropped: a connection that fails would be in the server's
 * log, as a failure.
 */
export const databasesAndOwnTables = `
select 'database', datname from pg_database where datallowconn and not datistemplate order by datname;
select coalesce((select datname from pg_database where datname = 'postgres' and datallowconn), 'template1') as own \\gset
\\connect :own
select 'table' ${userTables} limit 1;
`;

/** Rows of every table, as `schema.table` and a count. psql runs what the statement writes: one count for each table. */
export const countTables = `
select format('select %L, count(*) from only %I.%I', n.nspname || '.' || c.relname, n.nspname, c.relname)
${userTables} order by 1 \\gexec
`;

/**
 * The active experiments and runs of a backend store, and its schema's revision: one row, and none for a database that
 * is none. (MLflow, mlflow/store/tracking/dbmodels/models.py)
 */
export const countMlflow = `
select 'select ''mlflow'','
  || ' (select count(*) from experiments where lifecycle_stage = ''active''),'
  || ' (select count(*) from runs where lifecycle_stage = ''active''),'
  || ' (select max(version_num) from alembic_version)'
where to_regclass('experiments') is not null and to_regclass('runs') is not null
  and to_regclass('alembic_version') is not null \\gexec
`;

/** Reads the row of `countMlflow`. */
export function mlflowCounts(
	rows: ReadonlyArray<readonly string[]>,
): (MlflowCounts & {readonly revision: string}) | undefined {
	const row = rows.find(([kind]) => kind === 'mlflow');
	return row && {experiments: Number(row[1]), runs: Number(row[2]), revision: row[3] ?? ''};
}
