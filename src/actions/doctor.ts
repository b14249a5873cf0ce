import {asFailure} from '../failure.ts';
import {mendingRules} from '../stack/diagnosis/mends.ts';
import {selectCard} from '../store.ts';
import type {Correction} from '../engine/doctor/check.ts';
import type {DoctorDialog} from '../screen/mend-dialogs.ts';
import {askedAt} from '../screen/question.ts';
import type {Desk} from './desk.ts';
import {tellFailure} from './work.ts';

/** Opens the doctor's dialog; what it finds comes when it has looked. */
export async function doctor({store, show, ...desk}: Desk): Promise<void> {
	show({...store.getState().view, dialog: {kind: 'doctor', scroll: 0, isChecking: true}});
	await look({store, show, ...desk});
}

/** Looks again; what was found last stays on the screen meanwhile. */
export async function checkAgain(desk: Desk): Promise<void> {
	const {view} = desk.store.getState();
	if (view.dialog?.kind === 'doctor' && !view.dialog.isChecking) {
		desk.show({...view, dialog: {...view.dialog, isChecking: true}});
		await look(desk);
	}
}

async function look(desk: Desk): Promise<void> {
	const {store, show, options, signal} = desk;
	const tell = (found: Pick<DoctorDialog, 'examination' | 'failure'>): void => {
		const {view} = store.getState();
		if (view.dialog?.kind === 'doctor') {
			const {kind, scroll} = view.dialog;
			show({...view, dialog: {kind, scroll, isChecking: false, ...found}});
		}
	};
	try {
		const {examineAll} = await import('../engine/doctor/examination.ts');
		tell({examination: await examineAll(await options.engine, options.request, signal)});
	} catch (error) {
		if (!signal.aborted) {
			tell({failure: asFailure(error)});
		}
	}
}

/** Shows what would be changed in the files, and asks: all that the doctor mends, or what mends the card. */
export async function showFix(desk: Desk): Promise<void> {
	const {store, say, show} = desk;
	const {dialog} = store.getState().view;
	if (dialog?.kind !== 'explain' && dialog?.kind !== 'doctor') {
		return;
	}

	try {
		const corrections =
			dialog.kind === 'doctor' ? dialog.examination?.corrections : await correctionsOfCard(desk);
		const {view} = store.getState();
		if (corrections && corrections.length > 0 && view.dialog?.kind === dialog.kind) {
			show({
				...view,
				dialog: {kind: 'fix', corrections, scroll: 0, question: askedAt(Date.now()), back: dialog},
			});
		} else {
			say('warning', 'there is nothing in the compose file that mlstack can mend');
		}
	} catch (error) {
		tellUnlessLeft(desk, error);
	}
}

/** Only what the card is about, so that nothing else is changed on the way. */
async function correctionsOfCard({store, options, signal}: Desk): Promise<readonly Correction[]> {
	const state = store.getState();
	const rules = mendingRules[selectCard(state)?.rule ?? ''] ?? [];
	const {checkFiles, correctionsOf} = await import('../engine/doctor/check.ts');
	const engine = await options.engine;
	const stack = await engine.resolve(options.request, signal);
	const checked = await checkFiles(engine, stack, checkOptions(state.engine?.version, options), signal);
	return correctionsOf(checked, ({rule}) => rules.includes(rule));
}

const checkOptions = (engineVersion: string | undefined, {request}: Desk['options']) => ({
	directory: request.directory,
	engineVersion: engineVersion || undefined,
	now: Date.now(),
});

/** Writes the files as `mlstack doctor --fix` does, and says what to do next. */
export async function writeFix(desk: Desk): Promise<void> {
	const {store, options, signal, say, show} = desk;
	const {view, engine: info} = store.getState();
	const {dialog, ...rest} = view;
	if (dialog?.kind !== 'fix') {
		return;
	}

	try {
		const {checkWritten, writeCorrections} = await import('../engine/doctor/correct.ts');
		const engine = await options.engine;
		const known = await engine.resolve(options.request, signal);
		const written = await writeCorrections(dialog.corrections, Date.now());
		await checkWritten(engine, known, checkOptions(info?.version, options), written, signal);
		// Ports and services may be others by now.
		store.dispatch({type: 'stack', stack: await engine.resolve(options.request, signal)});
		show(rest);
		say(
			'info',
			'the compose file is corrected; u applies it',
			written.map(({correction, backup}) => `${correction.file.input.file}, as it was: ${backup}`),
		);
	} catch (error) {
		show({...store.getState().view, dialog: dialog.back});
		tellUnlessLeft(desk, error);
	}
}

/** Back to what was shown before the question. */
export function keepFiles({store, show}: Desk): void {
	const {view} = store.getState();
	if (view.dialog?.kind === 'fix') {
		show({...view, dialog: view.dialog.back});
	}
}

function tellUnlessLeft(desk: Desk, error: unknown): void {
	if (!desk.signal.aborted) {
		tellFailure(desk, error);
	}
}
