import {Failure} from '../../failure.ts';
import type {Progress, Stack} from '../../stack/model.ts';
import type {Engine} from '../engine.ts';
import {openDatabase} from './database.ts';
import {isAtWork, type Journal, type JournalEntry} from './journal.ts';
import {reporting, type Reporter} from './reporting.ts';
import {refuseUnfinished, startAgain} from './restore.ts';
import {completeRestore, undoRestore} from './restore-phases.ts';
import {undoUpgrade} from './upgrade.ts';

/** What holds after an interruption was settled. */
export type Recovery = {readonly entry: JournalEntry; readonly holds: 'old' | 'new'};

/**
 * Settles what was interrupted: back to the old data where nothing had changed yet, on to the new ones where they were
 * whole. Undefined when there is nothing to settle. Throws a Failure while the process that began it is still at work.
 */
export function recover(
	engine: Engine,
	stack: Stack,
	journal: Journal,
	signal: AbortSignal,
): AsyncGenerator<Progress, Recovery | undefined> {
	return reporting(async (reporter) => {
		const entry = await journal.read();
		if (entry === undefined) {
			return undefined;
		}

		if (isAtWork(entry)) {
			await refuseUnfinished(journal);
		}

		if (entry.project !== stack.project) {
			throw new Failure(`the journal is of the project ${entry.project}`, {code: 'journal-unreadable'});
		}

		if (entry.operation === 'upgrade') {
			return settleUpgrade(engine, stack, journal, entry, reporter);
		}

		return settle(engine, stack, journal, entry, reporter, signal);
	});
}

/** Until it was finished the old server's files were the ones that hold, and they are untouched. */
async function settleUpgrade(
	engine: Engine,
	stack: Stack,
	journal: Journal,
	entry: JournalEntry,
	reporter: Reporter,
): Promise<Recovery> {
	if (entry.phase === 'finish') {
		await startAgain({engine, stack, reporter}, entry.services);
		await journal.remove();
		return {entry, holds: 'new'};
	}

	await undoUpgrade({engine, stack, reporter, journal}, entry);
	return {entry, holds: 'old'};
}

async function settle(
	engine: Engine,
	stack: Stack,
	journal: Journal,
	entry: JournalEntry,
	reporter: Reporter,
	signal: AbortSignal,
): Promise<Recovery> {
	const database = await openDatabase(engine, stack, reporter, signal);
	try {
		const end = {engine, stack, container: database.container, journal, reporter};
		const holds = entry.phase === 'prepare' ? 'old' : 'new';
		await (holds === 'old' ? undoRestore(end, entry) : completeRestore(end, entry));
		await startAgain(end, entry.services);
		return {entry, holds};
	} finally {
		if (!entry.services.includes(database.service)) {
			await database.close();
		}
	}
}
