import {storageOf} from '../engine/backup/storage-of.ts';
import type {Engine} from '../engine/engine.ts';
import {asFailure, failureLines} from '../failure.ts';
import {
	donePrune,
	isPruneDialog,
	openedPrune,
	pruneActionNames,
	pruneAfter,
	withoutPlan,
	withPlan,
	type PruneAction,
	type PruneSelection,
} from '../screen/prune-dialog.ts';
import {pruneLayout} from '../screen/prune-lines.ts';
import type {Task} from '../screen/work-dialog.ts';
import type {Stack} from '../stack/model.ts';
import {nothingRemoved, withOutcome} from '../stack/prune/outcome.ts';
import {backUp} from './backup.ts';
import type {Desk} from './desk.ts';
import {carryOut} from './work.ts';

type PruneTask = Extract<Task, {task: 'prune'}>;

/** Opens the prune dialog at once, and fills it as the engine answers. */
export function openPrune(desk: Desk): void {
	const {stack, view} = desk.store.getState();
	const engine = desk.engine();
	if (!stack || !engine) {
		desk.say('warning', 'there is nothing to prune yet: the stack is still being looked for');
		return;
	}

	desk.show({...view, dialog: openedPrune(stack.project)});
	void readPlans(desk, engine, stack);
}

/** What the keys of the dialog do. */
export const pruneActions: Readonly<Partial<Record<PruneAction, (desk: Desk) => void>>> = Object.fromEntries(
	pruneActionNames.map((action) => [action, (desk: Desk) => press(desk, action)]),
);

/** The dialog moves by itself; what follows from where it is then is done here. */
function press(desk: Desk, action: PruneAction): void {
	const {stack, view} = desk.store.getState();
	const {dialog, ...rest} = view;
	const engine = desk.engine();
	if (!isPruneDialog(dialog) || !stack || !engine) {
		return;
	}

	const next = pruneAfter(dialog, action, {now: Date.now(), page: pruneLayout(view).list - 1});
	if (next?.kind === 'work') {
		if (next.job.task === 'prune') {
			void remove(desk, engine, stack, next.job);
		}

		return;
	}

	desk.show(next ? {...rest, dialog: next} : rest);
	if (next && action === 'prune-scope') {
		void readPlans(desk, engine, stack);
	}
}

/** What is chosen in the dialog that is open; undefined when none is. */
function selectionOf(desk: Desk): PruneSelection | undefined {
	const {dialog} = desk.store.getState().view;
	return isPruneDialog(dialog) && dialog.kind !== 'prune-done' ? dialog.selection : undefined;
}

/** Reads plans into the dialog, until it is closed, or shows the other scope. */
async function readPlans(desk: Desk, engine: Engine, stack: Stack): Promise<void> {
	const {store, show} = desk;
	const scope = selectionOf(desk)?.scope;
	if (!scope) {
		return;
	}

	const left = new AbortController();
	const signal = AbortSignal.any([desk.signal, left.signal]);
	const stop = store.subscribe(() => {
		if (selectionOf(desk)?.scope !== scope) {
			left.abort();
		}
	});
	try {
		for await (const plan of storageOf(engine).planPrune(stack, scope, signal)) {
			const {view} = store.getState();
			if (!signal.aborted && isPruneDialog(view.dialog)) {
				show({...view, dialog: withPlan(view.dialog, plan)});
			}
		}
	} catch (error) {
		const {view} = store.getState();
		if (!signal.aborted && isPruneDialog(view.dialog)) {
			show({...view, dialog: withoutPlan(view.dialog, failureLines(asFailure(error)).join(': '))});
		}
	} finally {
		stop();
	}
}

/** Removes exactly what was confirmed, after the backup that was agreed to; without it nothing goes. */
async function remove(desk: Desk, engine: Engine, stack: Stack, job: PruneTask): Promise<void> {
	const {plan, chosen} = job;
	let outcome = nothingRemoved;
	let backup: string | undefined;
	const end = await carryOut(desk, job, async (report, signal) => {
		if (job.backup) {
			({file: backup} = await backUp(desk, {engine, stack, purpose: '-before-prune'}, report, signal));
		}

		for await (const progress of storageOf(engine).prune(plan, chosen, signal)) {
			outcome = withOutcome(outcome, progress);
			report(progress);
		}
	});
	if (!end) {
		return;
	}

	const isUnsaved = job.backup && backup === undefined;
	const result = {
		outcome,
		count: chosen.size,
		cancelled: end.cancelled,
		failure: [...(isUnsaved ? ['There is no backup, so nothing was removed.'] : []), ...end.failure],
		...(backup !== undefined && {backup}),
	};
	desk.show({...desk.store.getState().view, dialog: donePrune(result, Date.now())});
}
