import type {Stack} from '../../stack/model.ts';
import type {Engine} from '../engine.ts';
import type {Journal, JournalEntry} from './journal.ts';
import type {Reporter} from './reporting.ts';
import {dropDatabases, switchDatabases} from './restore-databases.ts';
import {clearStore, switchStore, type StoreWork} from './restore-stores.ts';
import {storageOf} from './storage-of.ts';

/** How long the switch and the cleaning after it may take, in ms. They go on when the user cancels: half is nothing. */
const completionTimeout = 3_600_000;

/** What going on, or back, works with. */
export interface RestoreEnd {
	readonly engine: Engine;
	readonly stack: Stack;
	/** The container of the database server, which accepts connections. */
	readonly container: string;
	readonly journal: Journal;
	readonly reporter: Reporter;
}

/** From `prepare` back: removes what was put beside the data, which never changed. */
export async function undoRestore(end: RestoreEnd, entry: JournalEntry): Promise<void> {
	const signal = AbortSignal.timeout(completionTimeout);
	const staged = entry.databases.map((swap) => swap.staged);
	await dropDatabases(end.engine, end.container, staged, signal);
	await withStores(end, entry, signal, clearStore);
	await end.journal.remove();
}

/** From `switch` or `finish` on: the new data take their place, and the old ones are removed. */
export async function completeRestore(end: RestoreEnd, entry: JournalEntry): Promise<void> {
	const {engine, container, journal, reporter} = end;
	const signal = AbortSignal.timeout(completionTimeout);
	if (entry.phase === 'switch') {
		reporter.step('switch', 'restored data', 'working', 'Taking their place');
		await switchDatabases(engine, container, entry.databases, signal);
		await withStores(end, entry, signal, switchStore);
		await journal.write({...entry, phase: 'finish'});
	}

	const old = entry.databases.map((swap) => swap.old);
	await dropDatabases(engine, container, old, signal);
	await withStores(end, entry, signal, clearStore);
	await journal.remove();
	reporter.step('switch', 'restored data', 'done', 'In place');
}

async function withStores(
	{engine, stack}: RestoreEnd,
	{stores, id}: JournalEntry,
	signal: AbortSignal,
	work: (storeWork: StoreWork, path: string) => Promise<void>,
): Promise<void> {
	if (stores.length === 0) {
		return;
	}

	const opened = await storageOf(engine).openStores(stack, stores, 'write', signal);
	try {
		for (const path of opened.paths) {
			await work({executor: engine, opened, id, signal}, path);
		}
	} finally {
		await opened.close().catch(() => {});
	}
}
