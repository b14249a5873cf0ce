import {isAtWork, type JournalEntry, type Phase} from './journal.ts';

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
