import type {DatabaseContents} from '../../stack/prune/contents.ts';
import {countMlflow, listDatabases, mlflowCounts, query} from './psql.ts';
import type {Executor} from './run.ts';

/** What a running server's databases hold. Throws a Failure when it cannot be asked. */
export async function databaseContents(
	executor: Executor,
	container: string,
	signal: AbortSignal,
): Promise<readonly DatabaseContents[]> {
	const databases: DatabaseContents[] = [];
	for (const name of await listDatabases(executor, container, signal)) {
		const counts = mlflowCounts(await query(executor, container, name, countMlflow, signal));
		databases.push(
			counts === undefined ? {name} : {name, counts: {experiments: counts.experiments, runs: counts.runs}},
		);
	}

	return databases;
}
