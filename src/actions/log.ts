import type {Desk} from './desk.ts';
import {asFailure} from '../failure.ts';

/** Puts the line that is marked, or the last one shown, into the clipboard. */
export async function copyLine({store, options, say, logPane}: Desk): Promise<void> {
	const {view} = store.getState();
	const {services, pane} = logPane();
	const line = store.book.current(view, pane(view));
	if (!line) {
		say('warning', 'there is no line to copy');
		return;
	}

	await options.copy(line.plain);
	const from = services.length > 1 ? ` of ${line.service}` : '';
	say('info', `sent a line${from} to the clipboard: ${line.plain}`);
}

/** Writes the log, as it is filtered now, into a file of the folder. */
export async function saveLog({store, options: {folder}, say}: Desk): Promise<void> {
	const {view, stack} = store.getState();
	try {
		const {saveLog: save} = await import('../screen/save-log.ts');
		const name = await save(store.book, view, {
			folder,
			project: stack?.project ?? 'mlstack',
			at: new Date(),
		});
		say('info', `saved the log as ${name}, in ${folder}`);
	} catch (error) {
		say('error', `the log could not be saved in ${folder}: ${asFailure(error).message}`);
	}
}
