import {Failure} from '../../failure.ts';
import type {Progress, Stack} from '../../stack/model.ts';
import type {Engine} from '../engine.ts';
import {openDatabase} from './database.ts';
import {isAtWork, type Journal, type JournalEntry, type Phase} from './journal.ts';
import {reporting, type Reporter} from './reporting.ts';
import {refuseUnfinished, startAgain} from './restore.ts';
import {completeRestore, undoRestore} from './restore-phases.ts';
import {undoUpgrade} from './upgrade.ts';

/** What holds after an interruption was settled. */
export type Recovery = {readonly entry: JournalEntry; readonly holds: 'old' | 'new'};

const asBefore = 'The data are as they were before it';

/** What holds, by how far it had come. */
const states: Readonly<Record<JournalEntry['operation'], Readonly<Record<Phase, string>>>> = {
	restore: {
		prepare: asBefore,
		switch: 'The restored data are whole, but not all of them are in place yet',
		finish: 'The restored data are in place; the old ones are still beside them',
	},
	upgrade: {
		prepare: asBefore,
		switch: asBefore,
		finish: 'The new server holds all data; not every service was started again',
	},
};

/** What an interrupted restore or upgrade means for the data, in one sentence; for the next start of anything. */
export function interruptionText(entry: JournalEntry): string {
	const what = `A${entry.operation === 'upgrade' ? 'n' : ''} ${entry.operation} of ${entry.project}`;
	if (isAtWork(entry)) {
		return `${what} is at work in process ${entry.pid}.`;
	}

	const state = states[entry.operation][entry.phase];
	return `${what} was interrupted (${entry.startedAt}). ${state}; \`mlstack -p ${entry.project} restore\` without a file settles it.`;
}

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
		await database.close();
	}
}
