import type {PruneChoice, PruneItem, PrunePlan, PruneScope} from '../stack/prune.ts';
import {carryOver, chosenItems, deselect, preselected, select, selectWhere} from '../stack/prune/choose.ts';
import {confirmation, offersBackup} from '../stack/prune/confirmation.ts';
import type {PruneOutcome} from '../stack/prune/outcome.ts';
import {characterOf} from './log-input.ts';
import {boxOf, pruneRows, type PruneRow} from './prune-rows.ts';
import {askedAt, isAnswerable, tooEarly, type Question} from './question.ts';
import {beginWork, type WorkDialog} from './work-dialog.ts';

/** What is chosen from which plan. */
export interface PruneSelection {
	readonly project: string;
	readonly scope: PruneScope;
	/** Absent until the engine has answered. */
	readonly plan?: PrunePlan;
	/** Why there is no plan, or no better one. */
	readonly failure?: string;
	readonly chosen: PruneChoice;
	/** The user chose something: what comes later is no longer chosen by itself. */
	readonly touched: boolean;
	/** Id of the row that the cursor is on; the first one until it moves. */
	readonly cursor?: string;
}

/** The prune dialog, step by step. Nothing is removed before the last one; see actions/prune.ts. */
export type PruneDialog =
	| {readonly kind: 'prune'; readonly selection: PruneSelection; readonly hint?: string}
	/** Yes or no, where everything can be made again. */
	| {readonly kind: 'prune-confirm'; readonly selection: PruneSelection; readonly question: Question}
	| PruneTyping
	| {
			readonly kind: 'prune-done';
			readonly result: PruneResult;
			readonly scroll: number;
			readonly question: Question;
	  };

/** Data would be lost: the project's name is typed. */
export interface PruneTyping {
	readonly kind: 'prune-type';
	readonly selection: PruneSelection;
	readonly question: Question;
	readonly word: string;
	readonly lost: readonly PruneItem[];
	/** Back up first; absent where that would not help. */
	readonly backup?: boolean;
	readonly text: string;
	/** When the last character came, milliseconds since 1970. */
	readonly typedAt: number;
	/** Characters that came faster than anybody types. */
	readonly pasted: number;
	readonly scroll: number;
	readonly hint?: string;
}

/** Whether a dialog is a step of a prune. */
export function isPruneDialog(dialog: {readonly kind: string} | undefined): dialog is PruneDialog {
	return dialog?.kind.startsWith('prune') === true;
}

/** How it ended. */
export interface PruneResult {
	readonly outcome: PruneOutcome;
	/** How many objects were chosen. */
	readonly count: number;
	readonly cancelled: boolean;
	/** What broke it off, and why, a line each. */
	readonly failure: readonly string[];
	/** The backup that was made first. */
	readonly backup?: string;
}

/** What the keys of the dialog do. */
export const pruneActionNames = [
	'prune-previous',
	'prune-next',
	'prune-first',
	'prune-last',
	'prune-page-up',
	'prune-page-down',
	'prune-toggle',
	'prune-all',
	'prune-none',
	'prune-scope',
	'prune-accept',
	'prune-back',
	'prune-yes',
	'prune-backup',
	'prune-erase',
	'prune-empty',
] as const;

export type PruneAction = (typeof pruneActionNames)[number];

/** Characters that come within so many ms of each other were not typed. */
const fasterThanHands = 8;

export function openedPrune(project: string, scope: PruneScope = 'stack'): PruneDialog {
	return {kind: 'prune', selection: {project, scope, chosen: new Set(), touched: false}};
}

/** The dialog after an action; undefined when it closes. `page` is how many rows a page has. */
export function pruneAfter(
	dialog: PruneDialog,
	action: PruneAction,
	{now, page}: {readonly now: number; readonly page: number},
): PruneDialog | WorkDialog | undefined {
	switch (dialog.kind) {
		case 'prune': {
			return choosingAfter(dialog.selection, action, now, page);
		}

		case 'prune-confirm': {
			return confirmingAfter(dialog, action, now);
		}

		case 'prune-type': {
			return typingAfter(dialog, action, now, page);
		}

		case 'prune-done': {
			if (action === 'prune-back') {
				return isAnswerable(dialog.question, now) ? undefined : {...dialog, question: tooEarly(now)};
			}

			return {...dialog, scroll: within(scrolled(dialog.scroll, action, page), dialog.result.outcome.kept)};
		}
	}
}

/** A place in a list, not past its end. */
function within(place: number, list: readonly unknown[]): number {
	return Math.max(0, Math.min(place, list.length - 1));
}

function choosingAfter(
	selection: PruneSelection,
	action: PruneAction,
	now: number,
	page: number,
): PruneDialog | undefined {
	const {plan, chosen, scope, project} = selection;
	if (action === 'prune-back') {
		return undefined;
	}

	if (action === 'prune-scope') {
		return openedPrune(project, scope === 'stack' ? 'engine' : 'stack');
	}

	if (!plan) {
		return {kind: 'prune', selection};
	}

	switch (action) {
		case 'prune-toggle': {
			return toggled(selection, plan);
		}

		case 'prune-all': {
			const all = selectWhere(plan, chosen, ({kind}) => kind !== 'volume');
			return {kind: 'prune', selection: {...selection, chosen: all, touched: true}};
		}

		case 'prune-none': {
			return {kind: 'prune', selection: {...selection, chosen: new Set(), touched: true}};
		}

		case 'prune-accept': {
			return accepted(selection, plan, now);
		}

		default: {
			const rows = pruneRows(plan);
			const row = rows[within(scrolled(cursorIndex(selection), action, page), rows)];
			return {kind: 'prune', selection: row ? {...selection, cursor: row.id} : selection};
		}
	}
}

/** A place in a list after an action that moves, perhaps past the list's end. */
function scrolled(place: number, action: PruneAction, page: number): number {
	switch (action) {
		case 'prune-previous': {
			return Math.max(0, place - 1);
		}

		case 'prune-next': {
			return place + 1;
		}

		case 'prune-page-up': {
			return Math.max(0, place - page);
		}

		case 'prune-page-down': {
			return place + page;
		}

		case 'prune-first': {
			return 0;
		}

		case 'prune-last': {
			return Number.MAX_SAFE_INTEGER;
		}

		default: {
			return place;
		}
	}
}

/** Where the cursor is among the rows. */
export function cursorIndex({plan, cursor}: PruneSelection): number {
	return plan
		? Math.max(
				0,
				pruneRows(plan).findIndex(({id}) => id === cursor),
			)
		: 0;
}

function toggled(selection: PruneSelection, plan: PrunePlan): PruneDialog {
	const row = pruneRows(plan)[cursorIndex(selection)];
	if (!row) {
		return {kind: 'prune', selection};
	}

	if (row.keys.length === 0) {
		return {kind: 'prune', selection, hint: blockedText(row)};
	}

	const chosen =
		boxOf(row, selection.chosen) === 'all'
			? deselect(plan, selection.chosen, ...row.keys)
			: withKeys(plan, selection.chosen, row.keys);
	return {kind: 'prune', selection: {...selection, chosen, touched: true}};
}

function withKeys(plan: PrunePlan, chosen: PruneChoice, keys: readonly string[]): PruneChoice {
	const [only] = keys;
	const wanted = new Set(keys);
	return keys.length === 1 && only !== undefined
		? select(plan, chosen, only)
		: selectWhere(plan, chosen, ({key}) => wanted.has(key));
}

function blockedText({item, group}: PruneRow): string {
	return item ? `${item.name} stays: ${item.blocked ?? ''}` : `${group.title}: all of them are in use`;
}

function accepted(selection: PruneSelection, plan: PrunePlan, now: number): PruneDialog {
	const asked = confirmation(plan, selection.chosen);
	const question = askedAt(now);
	switch (asked.kind) {
		case 'none': {
			return {kind: 'prune', selection, hint: 'Nothing is chosen: space chooses what the cursor is on.'};
		}

		case 'confirm': {
			return {kind: 'prune-confirm', selection, question};
		}

		case 'type': {
			const {word, lost} = asked;
			return {
				kind: 'prune-type',
				selection,
				question,
				word,
				lost,
				...(offersBackup(lost, plan) && {backup: true}),
				text: '',
				typedAt: 0,
				pasted: 0,
				scroll: 0,
			};
		}
	}
}

function confirmingAfter(
	dialog: Extract<PruneDialog, {kind: 'prune-confirm'}>,
	action: PruneAction,
	now: number,
): PruneDialog | WorkDialog {
	if (action === 'prune-back') {
		return {kind: 'prune', selection: dialog.selection};
	}

	if (!isAnswerable(dialog.question, now)) {
		return {...dialog, question: tooEarly(now)};
	}

	return action === 'prune-yes' ? begun(dialog.selection, false, now) : dialog;
}

function typingAfter(
	dialog: PruneTyping,
	action: PruneAction,
	now: number,
	page: number,
): PruneDialog | WorkDialog {
	const {hint, ...rest} = dialog;
	if (action === 'prune-back') {
		return {kind: 'prune', selection: dialog.selection};
	}

	if (!isAnswerable(dialog.question, now)) {
		return {...rest, question: tooEarly(now)};
	}

	switch (action) {
		case 'prune-accept': {
			const objection = objectionTo(dialog);
			return objection === undefined ? begun(dialog.selection, dialog.backup === true, now) : objection;
		}

		case 'prune-backup': {
			return dialog.backup === undefined ? dialog : {...rest, backup: !dialog.backup};
		}

		case 'prune-erase': {
			return {...rest, text: dialog.text.slice(0, -1), pasted: 0};
		}

		case 'prune-empty': {
			return {...rest, text: '', pasted: 0};
		}

		default: {
			return {...rest, scroll: within(scrolled(dialog.scroll, action, page), dialog.lost)};
		}
	}
}

/** The dialog that says why what was typed does not do; undefined when it does. */
function objectionTo(dialog: PruneTyping): PruneTyping | undefined {
	const {text, word, pasted, selection, lost} = dialog;
	if (text !== word) {
		return {...dialog, hint: text === '' ? `Type ${word} first.` : `That is not ${word}; nothing was done.`};
	}

	if (pasted * 2 > word.length - 1) {
		return {...dialog, text: '', pasted: 0, hint: 'A paste does not count: type it.'};
	}

	const isKnown = selection.plan?.complete === true || lost.every(({holds}) => holds !== undefined);
	return isKnown
		? undefined
		: {...dialog, hint: 'What the volumes hold is still being read: press enter again in a moment.'};
}

function begun(selection: PruneSelection, backup: boolean, now: number): PruneDialog | WorkDialog {
	const {plan, chosen, project} = selection;
	return plan ? beginWork({task: 'prune', project, plan, chosen, backup}, now) : {kind: 'prune', selection};
}

/** The dialog after a key that means nothing in it: a character of the word that is typed, or a key that came too early. */
export function unboundInPrune(dialog: PruneDialog, key: string, now: number): PruneDialog {
	if (dialog.kind === 'prune') {
		return dialog;
	}

	if (!isAnswerable(dialog.question, now)) {
		return {...dialog, question: tooEarly(now)};
	}

	const character = characterOf(key);
	if (dialog.kind !== 'prune-type' || character === undefined) {
		return dialog;
	}

	const {hint, ...rest} = dialog;
	const isPasted = dialog.text !== '' && now - dialog.typedAt < fasterThanHands;
	return {
		...rest,
		text: dialog.text + character,
		typedAt: now,
		pasted: dialog.pasted + (isPasted ? 1 : 0),
		question: {...dialog.question, early: false},
	};
}

/** The dialog with a plan that has just come, the first one or a better one. Nothing is chosen once a question is asked. */
export function withPlan(dialog: PruneDialog, plan: PrunePlan): PruneDialog {
	if (dialog.kind === 'prune-done') {
		return dialog;
	}

	const {selection} = dialog;
	const kept = carryOver(selection.chosen, plan);
	const isOpen = dialog.kind === 'prune' && !selection.touched;
	const chosen = isOpen ? new Set([...kept, ...preselected(plan)]) : kept;
	const next = {...dialog, selection: {...selection, plan, chosen}};
	if (next.kind !== 'prune-type') {
		return next;
	}

	const keys = new Set(next.lost.map(({key}) => key));
	return {...next, lost: chosenItems(plan, chosen).filter(({key}) => keys.has(key))};
}

/** The dialog when a plan could not be made. */
export function withoutPlan(dialog: PruneDialog, failure: string): PruneDialog {
	return dialog.kind === 'prune-done' ? dialog : {...dialog, selection: {...dialog.selection, failure}};
}

export function donePrune(result: PruneResult, now: number): PruneDialog {
	return {kind: 'prune-done', result, scroll: 0, question: askedAt(now)};
}
