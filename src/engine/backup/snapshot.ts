import type {DatabaseBackup} from '../../stack/backup-manifest.ts';
import {Failure} from '../../failure.ts';
import {countMlflow, countTables, fieldsOf, mlflowCounts, psqlCommand} from './psql.ts';
import type {Executor} from './run.ts';

/** A moment of a database, held until it is closed, so that a dump and the counts are of the same moment. */
export interface Snapshot {
	/** For `pg_dump --snapshot`. */
	readonly id: string;
	/** The database's owner. */
	readonly owner: string;
	/** Bytes on the server's disk. */
	readonly size: number;
	/** Rows of every table, by `schema.table`. */
	readonly tables: DatabaseBackup['tables'];
	/** Of a backend store. */
	readonly mlflow: ReturnType<typeof mlflowCounts>;
	close(): Promise<void>;
}

/**
 * Begins a transaction that sees the database as it is now, whatever is written meanwhile.
 * https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION
 */
export async function openSnapshot(
	executor: Executor,
	container: string,
	database: string,
	signal: AbortSignal,
): Promise<Snapshot> {
	const {promise: released, resolve: release} = Promise.withResolvers<void>();
	async function* input(): AsyncGenerator<Uint8Array> {
		yield Buffer.from(begin);
		await released;
		yield Buffer.from('commit;\n');
	}

	const {output, done} = await executor.execute(container, psqlCommand(database), {input: input()}, signal);
	const lines = linesOf(output);
	const close = async (): Promise<void> => {
		release();
		await drain(lines);
	};
	try {
		const rows: Array<readonly string[]> = [];
		for (let row = await nextRow(lines); row !== undefined; row = await nextRow(lines)) {
			if (row[0] === 'ready') {
				return {...readRows(rows), close};
			}

			rows.push(row);
		}

		const {errors} = await done;
		throw new Failure(`the database ${database} cannot be read`, {
			code: 'command-failed',
			why: errors.trim(),
		});
	} catch (error) {
		release();
		throw error;
	}
}

const begin = `
set idle_in_transaction_session_timeout = 0;
begin isolation level repeatable read read only;
select 'snapshot', pg_export_snapshot(), (select pg_get_userbyid(datdba) from pg_database where datname = current_database()),
  pg_database_size(current_database());
${countTables}
${countMlflow}
select 'ready';
`;

function readRows(rows: ReadonlyArray<readonly string[]>): Omit<Snapshot, 'close'> {
	const [first = [], ...rest] = rows;
	const mlflow = mlflowCounts(rest);
	return {id: first[1] ?? '', owner: first[2] ?? '', size: Number(first[3]), tables: tablesOf(rest), mlflow};
}

/** What `countTables` printed, among other rows. */
export function tablesOf(rows: ReadonlyArray<readonly string[]>): DatabaseBackup['tables'] {
	return Object.fromEntries(
		rows.flatMap((row) => {
			const [table = '', count = ''] = row;
			return row.length === 2 && table.includes('.') && /^\d+$/.test(count) ? [[table, Number(count)]] : [];
		}),
	);
}

async function nextRow(lines: AsyncIterator<string, void>): Promise<readonly string[] | undefined> {
	const next = await lines.next();
	return next.done ? undefined : fieldsOf(next.value);
}

async function drain(lines: AsyncIterator<string, void>): Promise<void> {
	let next = await lines.next();
	while (!next.done) {
		next = await lines.next();
	}
}

async function* linesOf(output: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
	const decoder = new TextDecoder();
	let rest = '';
	for await (const chunk of output) {
		const lines = (rest + decoder.decode(chunk, {stream: true})).split('\n');
		rest = lines.pop() ?? '';
		yield* lines.filter((line) => line !== '');
	}
}
