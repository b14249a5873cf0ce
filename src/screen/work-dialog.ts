import {initialWork, withReport, type ByteWork} from '../stack/byte-work.ts';
import type {Progress} from '../stack/model.ts';
import type {PruneChoice, PrunePlan} from '../stack/prune.ts';

/** Work that the screen waits for. */
export type Task =
	| {readonly task: 'backup' | 'migrate'; readonly project: string}
	| {
			readonly task: 'prune';
			readonly project: string;
			readonly plan: PrunePlan;
			readonly chosen: PruneChoice;
			/** Back the stack up first. */
			readonly backup: boolean;
	  };

/** Something that takes a while is at work, and can be cancelled. */
export interface WorkDialog {
	readonly kind: 'work';
	readonly job: Task;
	readonly startedAt: number;
	readonly work: ByteWork;
	/** How many of the chosen objects are done with, removed or not. */
	readonly ended: number;
	/** The user wants it to end; it ends when what is at work has ended. */
	readonly cancelling: boolean;
}

/** Milliseconds since 1970. */
export function beginWork(job: Task, now: number): WorkDialog {
	return {kind: 'work', job, startedAt: now, work: initialWork, ended: 0, cancelling: false};
}

/** The dialog after the work told of its progress. */
export function reported(dialog: WorkDialog, progress: readonly Progress[]): WorkDialog {
	const {job} = dialog;
	const ended = progress.filter(
		(one) => one.type === 'step' && one.state !== 'working' && job.task === 'prune' && job.chosen.has(one.id),
	);
	return {
		...dialog,
		work: progress.reduce(withReport, dialog.work),
		ended: dialog.ended + ended.length,
	};
}

/** The dialog when the user wants it to end. */
export function cancelled(dialog: WorkDialog): WorkDialog {
	return {...dialog, cancelling: true};
}
