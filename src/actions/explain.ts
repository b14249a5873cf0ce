import {mask} from '../stack/mask.ts';
import type {LineReference} from '../stack/diagnosis/card.ts';
import type {LogEntry} from '../logs/entry.ts';
import {readBackTo} from '../logs/history.ts';
import {codesOf} from '../screen/explain-page.ts';
import type {View} from '../screen/view.ts';
import {selectCard, selectCards, selectServices} from '../store.ts';
import type {Desk} from './desk.ts';

/** Opens the card that is on the screen. */
export function explain({store, show}: Desk): void {
	const state = store.getState();
	const card = selectCard(state);
	if (card) {
		show({...state.view, dialog: {kind: 'explain', card: card.id, scroll: 0}});
	}
}

export function nextCard(desk: Desk): void {
	turn(desk, 1);
}

export function previousCard(desk: Desk): void {
	turn(desk, -1);
}

/** After the last card comes the first. A card that is over is left for the first one. */
function turn({store, show}: Desk, by: 1 | -1): void {
	const state = store.getState();
	const all = selectCards(state);
	const place = all.findIndex(({id}) => id === selectCard(state)?.id);
	const next = all[(Math.max(place, 0) + by + all.length) % all.length];
	if (next) {
		show({...state.view, dialog: {kind: 'explain', card: next.id, scroll: 0}});
	}
}

/** Puts the card's command, or its change of a file, into the clipboard; called again, the next one. */
export async function copyMend({store, options, show, say}: Desk): Promise<void> {
	const state = store.getState();
	const {dialog} = state.view;
	const card = selectCard(state);
	const codes = card ? codesOf(card) : [];
	if (dialog?.kind !== 'explain' || codes.length === 0) {
		return;
	}

	const copied = ((dialog.copied ?? -1) + 1) % codes.length;
	await options.copy(codes[copied] ?? '');
	show({...state.view, dialog: {...dialog, copied}});
	say(
		'info',
		`sent to the clipboard${codes.length > 1 ? `; c again copies the next of ${codes.length}` : ''}`,
	);
}

/**
 * Goes to the line that the card was read from, and marks it. What would hide it (a filter, another service's log) is
 * taken off; a line that is no longer in memory is read from the engine again.
 */
export async function showLine(desk: Desk): Promise<void> {
	const {store, say} = desk;
	const line = selectCard(store.getState())?.line;
	if (!line) {
		return;
	}

	prepare(desk, line);
	const found = find(desk, line) ?? (await findOlder(desk, line));
	if (!found) {
		say('warning', `that line is no longer in the log of ${line.service}: ${line.text.trim()}`);
		return;
	}

	const {view} = store.getState();
	const place = store.book.placeOf(view, desk.logPane().pane(view), found);
	if (place) {
		desk.show({...view, ...place});
	}
}

/** Closes the dialog, and shows the log that the line is in, whole. */
function prepare({store, show}: Desk, {service}: LineReference): void {
	const {dialog, filter, minimum, input, range, beside, ...rest} = store.getState().view;
	const view: View = {
		...rest,
		foldNoise: false,
		pane: 'logs',
		allLogs: rest.allLogs || rest.selected !== service,
	};
	show(view);
}

function find({store}: Desk, {service, at, text}: LineReference): LogEntry | undefined {
	return store.book.find(service, at * 1000, (plain) => mask(plain) === text);
}

/** The place is held meanwhile, so that older lines find room. */
async function findOlder(desk: Desk, line: LineReference): Promise<LogEntry | undefined> {
	const {store, signal} = desk;
	const engine = desk.engine();
	const {view, ...state} = store.getState();
	desk.show({...view, position: store.book.scrolled(view, desk.logPane().pane(view), 'start')});
	const containers =
		selectServices({...state, view}).find(({name}) => name === line.service)?.containers ?? [];
	for (const {number, id} of containers) {
		const buffer = store.book.buffer(line.service, number);
		if (engine && buffer) {
			await readBackTo(engine, id, buffer, {time: line.at * 1000, signal}).catch(() => {});
		}
	}

	return find(desk, line);
}
