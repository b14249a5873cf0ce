import {initialVerification, verdict, type Verification} from '../stack/verify/verification.ts';
import type {Desk} from './desk.ts';
import {tellFailure} from './work.ts';

/** Verifies the stack in a dialog that shows each step. It ends when the dialog is told to stop, or the user leaves. */
export function verify(desk: Desk): void {
	desk.hold(verifyInDialog(desk));
}

async function verifyInDialog({store, options, engine, signal, say, show}: Desk): Promise<void> {
	const opened = engine();
	const {stack, engine: info, view} = store.getState();
	if (!opened || !stack || !info) {
		return;
	}

	const stop = new AbortController();
	const tell = (verification: Verification): void => {
		const {view: now} = store.getState();
		if (now.dialog?.kind === 'verify') {
			show({...now, dialog: {...now.dialog, verification}});
		}
	};
	show({...view, dialog: {kind: 'verify', verification: initialVerification, scroll: 0}});
	const unsubscribe = store.subscribe(() => {
		const {dialog} = store.getState().view;
		if (dialog?.kind !== 'verify' || dialog.isStopping) {
			stop.abort();
		}
	});
	try {
		const {verify: prove} = await import('../engine/verify/verify.ts');
		const {environment} = options.request;
		const either = AbortSignal.any([signal, stop.signal]);
		const verification = await prove({engine: opened, info, stack, environment}, tell, either);
		if (verification.isCancelled) {
			close(store, show);
			say('warning', `the verification was ${verdict(verification)}; what it had made is removed`);
		}
	} catch (error) {
		close(store, show);
		tellFailure({say}, error);
	} finally {
		unsubscribe();
	}
}

function close(store: Desk['store'], show: Desk['show']): void {
	const {dialog, ...view} = store.getState().view;
	if (dialog?.kind === 'verify') {
		show(view);
	}
}
