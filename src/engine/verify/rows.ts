import type {Container} from '../../stack/model.ts';
import {listDatabases, query, quoteText} from '../backup/psql.ts';
import type {Executor} from '../backup/run.ts';
import {key, type LoggedRun, type Sample} from './sample-run.ts';

/** A backend store: a database in a container. */
export interface Backend {
	readonly container: Container;
	readonly database: string;
}

/** The database of these containers in which an experiment is; undefined when none has it. */
export async function findExperiment(
	executor: Executor,
	containers: readonly Container[],
	{experiment: name}: Sample,
	experiment: string,
	signal: AbortSignal,
): Promise<Backend | undefined> {
	// psql runs what the statement writes, and it writes nothing in a database that is no backend store.
	const look = `select 1 from experiments where experiment_id = ${experiment} and name = ${quoteText(name)}`;
	const sql = `select ${quoteText(look)} where to_regclass('experiments') is not null \\gexec\n`;
	for (const container of containers) {
		for (const database of await listDatabases(executor, container.id, signal)) {
			const rows = await query(executor, container.id, database, sql, signal);
			if (rows.length > 0) {
				return {container, database};
			}
		}
	}

	return undefined;
}

/**
 * What of a run a database does not hold as it was logged: `run`, `parameter`; empty when all of it is there. Tables and
 * columns are those of MLflow 1.0 to 3.x (mlflow/store/tracking/dbmodels/models.py).
 */
export async function missingRows(
	executor: Executor,
	{container, database}: Backend,
	sample: Sample,
	{experiment, run}: LoggedRun,
	signal: AbortSignal,
): Promise<readonly string[]> {
	const value = (table: string): string =>
		`(select max(value) from ${table} where run_uuid = runs.run_uuid and key = ${quoteText(key)})`;
	const sql = `
select ${value('params')}, ${value('metrics')}, ${value('tags')}
from runs where run_uuid = ${quoteText(run)} and experiment_id = ${experiment};
`;
	const [row] = await query(executor, container.id, database, sql, signal);
	if (!row) {
		return ['run'];
	}

	const [parameter, metric, tag] = row;
	const isThere = {
		parameter: parameter === sample.parameter,
		metric: Number(metric) === sample.metric,
		tag: tag === sample.tag,
	};
	return Object.entries(isThere).flatMap(([name, is]) => (is ? [] : [name]));
}

/**
 * Removes the rows of this experiment and its runs, and no others: all or, where a later MLflow refers to them from
 * elsewhere, none. `mlflow gc` would do it too, but takes 3 s and 250 MB of the server's container, which may not have
 * them.
 */
export async function removeRows(
	executor: Executor,
	{container, database}: Backend,
	{experiment: name}: Sample,
	experiment: string,
	signal: AbortSignal,
): Promise<void> {
	const mine = `experiment_id in (select experiment_id from experiments where experiment_id = ${experiment} and name = ${quoteText(name)})`;
	const ofRun = ['latest_metrics', 'metrics', 'params', 'tags'];
	const sql = [
		'begin;',
		...ofRun.map(
			(table) => `delete from ${table} where run_uuid in (select run_uuid from runs where ${mine});`,
		),
		`delete from runs where ${mine};`,
		`delete from experiment_tags where ${mine};`,
		`delete from experiments where ${mine};`,
		'commit;',
	];
	await query(executor, container.id, database, sql.join('\n'), signal);
}
