import type {Correction} from '../engine/doctor/check.ts';
import type {Consultation} from './doctor-page.ts';
import type {Question} from './question.ts';

/** A card is explained. */
export interface ExplainDialog {
	readonly kind: 'explain';
	/** Its id. */
	readonly card: string;
	readonly scroll: number;
	/** Which of its commands and changes was copied last, from 0. */
	readonly copied?: number;
}

/** What the doctor finds. */
export interface DoctorDialog extends Consultation {
	readonly kind: 'doctor';
	readonly scroll: number;
}

/** Whether corrected files are written. */
export interface FixDialog {
	readonly kind: 'fix';
	readonly corrections: readonly Correction[];
	readonly scroll: number;
	readonly question: Question;
	/** What is shown again after a no. */
	readonly back: ExplainDialog | DoctorDialog;
}

export type MendDialog = ExplainDialog | DoctorDialog | FixDialog;

/** What the keys of these dialogs do, and those that open them. */
export type MendAction =
	| 'explain'
	| 'next-card'
	| 'previous-card'
	| 'copy-mend'
	| 'show-line'
	| 'show-fix'
	| 'write-fix'
	| 'keep-files'
	| 'migrate'
	| 'doctor'
	| 'check-again';
