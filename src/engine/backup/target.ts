import type {MlflowCounts} from '../../stack/backup-manifest.ts';
import type {Engine} from '../engine.ts';
import {countMlflow, countTables, listDatabases, mlflowCounts, query} from './psql.ts';
import {tablesOf} from './snapshot.ts';

/** Tables in which a backend store that nobody has used yet already has rows. */
const seeded = /\.(?:alembic_version|experiments|workspaces)$/;

/**
 * What a restore would replace; undefined when there is nothing: no database but an empty backend store, as a tracking
 * server leaves it when it starts for the first time.
 */
export async function findExperiments(
	engine: Engine,
	container: string,
	signal: AbortSignal,
): Promise<MlflowCounts | undefined> {
	const sum = {experiments: 0, runs: 0};
	let holdsRows = false;
	for (const name of await listDatabases(engine, container, signal)) {
		const rows = await query(engine, container, name, `${countTables}\n${countMlflow}`, signal);
		const counts = mlflowCounts(rows);
		const tables = Object.entries(tablesOf(rows));
		const used = tables.some(
			([table, count]) => count > 0 && !(counts !== undefined && seeded.test(table) && count <= 1),
		);
		holdsRows ||= used;
		sum.experiments += counts?.experiments ?? 0;
		sum.runs += counts?.runs ?? 0;
	}

	return holdsRows ? sum : undefined;
}
