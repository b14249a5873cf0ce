import type {Desk} from './desk.ts';
import {asFailure} from '../failure.ts';
import type {LogEntry} from '../logs/entry.ts';
import {selectStarts} from '../screen/dashboard.ts';
import {pagedLine, textOf} from '../screen/log-text.ts';
import {tellFailure} from './work.ts';
import {formatCount, formatNumber} from '../stack/format.ts';

/** Puts the range, or the line that is marked, or the first one shown, into the clipboard. */
export async function copyLine(desk: Desk): Promise<void> {
	const {store, say, options, logPane} = desk;
	const {view} = store.getState();
	if (view.range) {
		await copyRange(desk, store.book.entries(view));
		return;
	}

	const {services, pane} = logPane();
	const line = store.book.current(view, pane(view));
	if (!line) {
		say('warning', 'there is no line to copy');
		return;
	}

	const copied = await options.copy(line.plain);
	const from = services.length > 1 ? ` of ${line.service}` : '';
	const what = copied === line.plain ? 'a line' : 'the beginning of a line';
	say('info', `sent ${what}${from} to the clipboard: ${line.plain}`);
}

async function copyRange({options, say}: Desk, entries: readonly LogEntry[]): Promise<void> {
	const isOne = isOfOneLog(entries);
	const text = entries.map(({log, plain}) => (isOne ? plain : `${log} | ${plain}`)).join('\n');
	const copied = await options.copy(text);
	const all = formatCount(entries.length, 'line');
	if (copied === text) {
		say('info', `sent ${all} to the clipboard`);
	} else {
		const sent = formatNumber(copied.split('\n').length);
		say('warning', `sent the first ${sent} of ${all} to the clipboard: terminals take no more; S saves all`);
	}
}

function isOfOneLog(entries: readonly LogEntry[]): boolean {
	return entries.every(({log}) => log === entries[0]?.log);
}

/** Writes the range, or the log as it is filtered now, into a file of the folder. */
export async function saveLog({store, options: {folder}, say}: Desk): Promise<void> {
	const {view, stack} = store.getState();
	try {
		const {saveLog: save} = await import('../screen/save-log.ts');
		const name = await save(store.book, view, {
			folder,
			project: stack?.project ?? 'mlstack',
			at: new Date(),
		});
		say('info', `saved the ${view.range ? 'range' : 'log'} as ${name}, in ${folder}`);
	} catch (error) {
		say('error', `the log could not be saved in ${folder}: ${asFailure(error).message}`);
	}
}

/** Shows the range, or the log as it is filtered now, in the user's pager. */
export async function pageLog({store, options, signal, say}: Desk): Promise<void> {
	const state = store.getState();
	const {view, now} = state;
	const entries = store.book.entries(view);
	const starts = selectStarts(state);
	const isOne = isOfOneLog(entries);
	const frame = (service: string) => ({now, startedAt: starts.get(service)});
	try {
		const text = textOf(entries, (entry) => pagedLine(entry, view.timestamps, frame, isOne));
		await options.page(text, signal);
	} catch (error) {
		tellFailure({say}, error);
	}
}
