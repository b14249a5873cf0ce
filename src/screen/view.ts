import type {Action} from '../keys.ts';
import type {LogJump, LogPlace} from '../logs/place.ts';
import {timestampModes, type TimestampMode} from '../logs/format.ts';
import type {Phrase} from '../logs/shown-log.ts';
import type {Verification} from '../stack/verify/verification.ts';
import {paneAfter, splitToggled, withSelected, type BesideReading, type LogReading} from './log-readings.ts';
import type {MendDialog} from './mend-dialogs.ts';
import {isAnswerable, tooEarly, type Question} from './question.ts';
import type {PruneDialog} from './prune-dialog.ts';
import type {WorkDialog} from './work-dialog.ts';
import {cleared, emptied, erased, kept, opened, regexToggled, type LogInput} from './log-input.ts';

export type Pane = 'services' | 'logs';

/** What a question asks about. */
export type ConfirmAction = 'down' | 'quit' | 'switch-engine' | 'migrate';

export type Dialog =
	| MendDialog
	| PruneDialog
	| WorkDialog
	| {readonly kind: 'help'; readonly scroll: number}
	| {
			readonly kind: 'confirm';
			/** What `y` does. */
			readonly action: ConfirmAction;
			readonly title: string;
			readonly lines: readonly string[];
			readonly question: Question;
	  }
	| {
			readonly kind: 'verify';
			readonly verification: Verification;
			readonly scroll: number;
			/** It was asked to stop, and removes what it made. */
			readonly isStopping?: true;
	  };

/** What the user did to the screen: nothing of it is the engine's business. */
export interface View extends LogReading {
	readonly columns: number;
	readonly rows: number;
	readonly pane: Pane;
	/** Which log is shown: all services merged, or the selected one's. */
	readonly allLogs: boolean;
	/** A second log beside the selected service's. */
	readonly beside?: BesideReading;
	readonly wrap: boolean;
	/** The line in the log pane's title that is typed now. */
	readonly input?: LogInput;
	readonly search?: Phrase;
	readonly filter?: Phrase;
	/** Only records of this level and above are shown. */
	readonly minimum?: 'warning' | 'error';
	/** How the lines' times are shown. */
	readonly timestamps: TimestampMode;
	/** Health checks and the like are left out. */
	readonly foldNoise: boolean;
	readonly stats: boolean;
	/** The mouse is asked for; otherwise it is the terminal's. */
	readonly mouse: boolean;
	readonly dialog?: Dialog;
}

export const initialView: View = {
	columns: 80,
	rows: 24,
	pane: 'services',
	allLogs: true,
	position: {follow: true},
	wrap: false,
	shift: 0,
	timestamps: 'local',
	foldNoise: false,
	stats: true,
	mouse: false,
};

/** How many columns a sideways step moves. */
const sideways = 16;

/** What the reducer must know of the world for the keys that only move about. */
export interface ViewFacts {
	/** The names in the service table, in order. */
	readonly services: readonly string[];
	/** Moves a log position by rows; the log book knows how lines wrap. */
	readonly scrolled: (view: View, by: 'start' | number) => LogPlace;
	/** Where the marked line is after it moved by rows; undefined when there is no line. */
	readonly moved: (view: View, by: 'start' | 'end' | number) => Pick<View, 'position' | 'mark'> | undefined;
	/** Where a jump leads; undefined when it leads nowhere. */
	readonly jumped: (view: View, to: LogJump) => Pick<View, 'position' | 'mark'> | undefined;
	/** The rows of the log pane. */
	readonly page: number;
	/** The rows of the page that a dialog shows, and the furthest that it is scrolled to. */
	readonly dialog?: {readonly rows: number; readonly last: number} | undefined;
}

/** The view after an action that concerns only the screen; the same object when the action is not of that kind. */
export function viewAfter(view: View, action: Action, facts: ViewFacts): View {
	switch (action) {
		case 'next-pane': {
			return paneAfter(view, 1);
		}

		case 'previous-pane': {
			return paneAfter(view, -1);
		}

		case 'select-previous': {
			return selected(view, facts, (index) => index - 1);
		}

		case 'select-next': {
			return selected(view, facts, (index) => index + 1);
		}

		case 'select-first': {
			return selected(view, facts, () => 0);
		}

		case 'select-last': {
			return selected(view, facts, () => facts.services.length - 1);
		}

		case 'show-service-log': {
			return {...view, allLogs: false, pane: 'logs', position: {follow: true}};
		}

		case 'all-logs': {
			const {beside, range, ...rest} = view;
			return {...rest, allLogs: !view.allLogs, position: {follow: true}};
		}

		case 'split': {
			return splitToggled(view, facts.services);
		}

		case 'select-range': {
			return rangeToggled(view, facts);
		}

		case 'toggle-follow': {
			return {...view, position: view.position.follow ? facts.scrolled(view, 0) : {follow: true}};
		}

		case 'toggle-wrap': {
			return {...view, wrap: !view.wrap, shift: 0};
		}

		case 'toggle-stats': {
			return {...view, stats: !view.stats};
		}

		case 'scroll-up':
		case 'scroll-down': {
			const by = action === 'scroll-up' ? -1 : 1;
			return pageScrolled(view, facts, by) ?? scrolledBy(view, facts, by);
		}

		case 'page-up': {
			return (
				pageScrolled(view, facts, 1 - (facts.dialog?.rows ?? 0)) ?? scrolledBy(view, facts, 1 - facts.page)
			);
		}

		case 'page-down': {
			return (
				pageScrolled(view, facts, (facts.dialog?.rows ?? 0) - 1) ?? scrolledBy(view, facts, facts.page - 1)
			);
		}

		case 'scroll-to-start': {
			return view.range ? {...view, ...facts.moved(view, 'start')} : at(view, facts.scrolled(view, 'start'));
		}

		case 'scroll-to-end': {
			return view.range ? {...view, ...facts.moved(view, 'end')} : at(view, {follow: true});
		}

		case 'search':
		case 'filter': {
			return opened(view, action);
		}

		case 'erase': {
			return erased(view);
		}

		case 'empty': {
			return emptied(view);
		}

		case 'toggle-regex': {
			return regexToggled(view);
		}

		case 'keep': {
			const found = view.input === 'search' ? facts.jumped(view, 'found') : undefined;
			return kept({...view, ...found});
		}

		case 'clear': {
			return cleared(view);
		}

		case 'next-match':
		case 'previous-match':
		case 'next-error':
		case 'previous-error': {
			return {...view, ...facts.jumped(view, action)};
		}

		case 'next-level': {
			const {minimum, ...rest} = view;
			const next = minimum === undefined ? 'warning' : minimum === 'warning' ? 'error' : undefined;
			return next === undefined ? rest : {...rest, minimum: next};
		}

		case 'next-timestamps': {
			const next = (timestampModes.indexOf(view.timestamps) + 1) % timestampModes.length;
			return {...view, timestamps: timestampModes[next] ?? 'local'};
		}

		case 'toggle-noise': {
			return {...view, foldNoise: !view.foldNoise};
		}

		case 'scroll-left': {
			return {...view, shift: Math.max(0, view.shift - sideways)};
		}

		case 'scroll-right': {
			return view.wrap ? view : {...view, shift: view.shift + sideways};
		}

		case 'help': {
			return {...view, dialog: {kind: 'help', scroll: 0}};
		}

		case 'close': {
			if (view.dialog?.kind === 'verify' && !view.dialog.verification.isOver) {
				return {...view, dialog: {...view.dialog, isStopping: true}};
			}

			const {dialog, ...rest} = view;
			return dialog ? rest : view;
		}

		default: {
			return view;
		}
	}
}

function selected(view: View, facts: ViewFacts, move: (index: number) => number): View {
	const last = facts.services.length - 1;
	const index = Math.min(last, Math.max(0, move(facts.services.indexOf(view.selected ?? ''))));
	const name = facts.services[index];
	return name === undefined ? view : withSelected(view, name);
}

/** Begins a range at the line that is marked, or at the last one when the end is followed; or leaves it. */
function rangeToggled({range, ...view}: View, facts: ViewFacts): View {
	const start = range ? undefined : facts.moved(view, 0);
	return start?.mark ? {...view, ...start, range: start.mark, pane: 'logs'} : view;
}

function scrolledBy(view: View, facts: ViewFacts, by: number): View {
	if (view.range) {
		return {...view, ...facts.moved(view, by)};
	}

	if (view.position.follow && by > 0) {
		return view;
	}

	return at(view, facts.scrolled(view, by));
}

/** The dialog scrolled by rows; undefined when none is open, or it does not scroll. */
function pageScrolled(view: View, {dialog: shape}: ViewFacts, by: number): View | undefined {
	const {dialog} = view;
	return dialog && 'scroll' in dialog
		? {
				...view,
				dialog: {...dialog, scroll: Math.max(0, Math.min(dialog.scroll + by, shape?.last ?? Infinity))},
			}
		: undefined;
}

/** Whoever scrolls on is no longer at the line that was found. */
function at({mark, ...view}: View, position: LogPlace): View {
	return {...view, position};
}

/** The dialog after an answer that came before its question could be read; undefined when the answer counts. */
export function afterEarlyAnswer(dialog: Dialog, now: number): Dialog | undefined {
	const isEarly = (dialog.kind === 'confirm' || dialog.kind === 'fix') && !isAnswerable(dialog.question, now);
	return isEarly ? {...dialog, question: tooEarly(now)} : undefined;
}
