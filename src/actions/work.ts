import {Batch} from '../batch.ts';
import {asFailure, failureLines} from '../failure.ts';
import {beginWork, cancelled, reported, type Task} from '../screen/work-dialog.ts';
import type {Progress} from '../stack/model.ts';
import type {Desk} from './desk.ts';

/** The shortest time between two frames that progress causes, in ms. */
const progressInterval = 100;

/** How work ended. */
export interface WorkEnd {
	/** The user cancelled it. */
	readonly cancelled: boolean;
	/** What broke it off, and why, a line each. */
	readonly failure: readonly string[];
}

/**
 * Carries work out under its dialog: shows what it reports, and cancels it when the dialog says so. It throws nothing.
 * The dialog is left open. Undefined: the user has left the program.
 */
export async function carryOut(
	desk: Desk,
	job: Task,
	work: (report: (progress: Progress) => void, signal: AbortSignal) => Promise<void>,
): Promise<WorkEnd | undefined> {
	const {store, show} = desk;
	const abort = new AbortController();
	const signal = AbortSignal.any([desk.signal, abort.signal]);
	show({...store.getState().view, dialog: beginWork(job, Date.now())});
	const stop = store.subscribe(() => {
		const {dialog} = store.getState().view;
		if (dialog?.kind !== 'work' || dialog.cancelling) {
			abort.abort();
		}
	});
	const batch = new Batch<Progress>(progressInterval, (progress) => {
		const {view} = store.getState();
		if (view.dialog?.kind === 'work') {
			show({...view, dialog: reported(view.dialog, progress)});
		}
	});
	let failure: readonly string[] = [];
	const working = work((progress) => batch.add(progress), signal);
	desk.hold(working);
	try {
		await working;
	} catch (error) {
		failure = signal.aborted ? [] : failureLines(asFailure(error));
	}

	stop();
	batch.flush();
	return desk.signal.aborted ? undefined : {cancelled: signal.aborted, failure};
}

/** Tells why something failed, and what to do. */
export function tellFailure({say}: Pick<Desk, 'say'>, error: unknown): void {
	const [what = '', ...more] = failureLines(asFailure(error));
	say('error', what, more);
}

/** Ends what is at work, as soon as that can be. */
export function cancelWork({store, show}: Desk): void {
	const {view} = store.getState();
	if (view.dialog?.kind === 'work') {
		show({...view, dialog: cancelled(view.dialog)});
	}
}
