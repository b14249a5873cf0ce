import {dashboardLayout} from '../screen/dashboard.ts';
import {firstService, hitAt, type Hit} from '../screen/hit.ts';
import {activeLog, atLog, withSelected} from '../screen/log-readings.ts';
import type {MouseReport} from '../screen/mouse-reports.ts';
import {viewAfter, type View, type ViewFacts} from '../screen/view.ts';
import type {Desk} from './desk.ts';

/** Rows that one step of the wheel scrolls. */
const wheelRows = 3;

/** Switches the mouse on or off, and says what that means. */
export function toggleMouse({store, show, say}: Desk): void {
	const {view} = store.getState();
	const mouse = !view.mouse;
	show({...view, mouse});
	say(
		'info',
		mouse
			? 'the mouse is on: the wheel scrolls, a click selects a service or marks a line; m gives it back to the terminal'
			: "the mouse is the terminal's again: it selects text",
	);
}

/** What the mouse did: the wheel scrolls what it is over, a click selects or marks what it is on. */
export function pointed(desk: Desk, {kind, column, row}: MouseReport, facts: ViewFacts): void {
	const state = desk.store.getState();
	const {view} = state;
	if (view.dialog) {
		if (kind !== 'press' && view.dialog.kind === 'help') {
			desk.show(scrolled(view, kind, facts));
		}

		return;
	}

	const hit = state.noEngine || view.input ? undefined : hitAt(view, dashboardLayout(state), column, row);
	if (!hit) {
		return;
	}

	if (kind === 'press') {
		desk.show(hit.what === 'service' ? onService(view, hit.row, facts, desk) : onLog(view, hit, desk, facts));
	} else if (hit.what === 'service') {
		desk.show(viewAfter(view, kind === 'wheel-up' ? 'select-previous' : 'select-next', facts));
	} else {
		desk.show(atLog(scrolled(atLog(view, hit.log), kind, facts), activeLog(view)));
	}
}

function scrolled(view: View, kind: 'wheel-up' | 'wheel-down', facts: ViewFacts): View {
	const action = kind === 'wheel-up' ? 'scroll-up' : 'scroll-down';
	let after = view;
	for (let step = 0; step < wheelRows; step++) {
		after = viewAfter(after, action, facts);
	}

	return after;
}

function onService(view: View, row: number, {services}: ViewFacts, {store}: Desk): View {
	const rows = dashboardLayout(store.getState()).services;
	const first = firstService(services.indexOf(view.selected ?? ''), services.length, rows);
	const name = services[first + row];
	return name === undefined ? view : {...withSelected(view, name), pane: 'services'};
}

/** A click on a line marks it, one in the scroll bar goes there; both move the keys to that log. */
function onLog(
	view: View,
	{log, row, isBar}: Hit & {what: 'log'},
	{store, logPane}: Desk,
	facts: ViewFacts,
): View {
	const there: View = {...atLog(view, log), pane: 'logs'};
	if (row === undefined) {
		return there;
	}

	const pane = logPane().pane(there);
	if (isBar) {
		const {mark, range, ...rest} = there;
		return {...rest, position: store.book.atBar(there, pane, row)};
	}

	const mark = store.book.lineAt(there, pane, row);
	return mark ? {...there, mark, position: facts.scrolled(there, 0)} : there;
}
