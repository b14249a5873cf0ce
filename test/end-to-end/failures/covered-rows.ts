import type {CoveredRow} from './row.ts';

/** Rules whose failure is not reproduced with an engine here, why, and what tests them instead. */
export const coveredRows: readonly CoveredRow[] = [
	{rule: 'airplay', why: 'Needs macOS.', by: 'stack/diagnosis/state-rules.test.ts'},
];
