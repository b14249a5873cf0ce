import type {CardOffers} from './stack/diagnosis/mends.ts';
import {dialogBindings} from './screen/dialog-bindings.ts';
import {atWork, engineBindings} from './screen/engine-bindings.ts';
import {logBindings} from './screen/log-bindings.ts';
import {mendBindings} from './screen/mend-bindings.ts';
import type {MendAction} from './screen/mend-dialogs.ts';
import {pruneBindings} from './screen/prune-bindings.ts';
import type {PruneAction} from './screen/prune-dialog.ts';

/**
 * Every key of the screen. The footer, the help and the README are made from this table (those of
 * the log are in screen/log-bindings.ts), and it is the only place where a key gets its meaning: a newcomer adds a key by
 * one row.
 */

/** Where a key means something: `dashboard` in every pane; a pane's own keys win over it; dialogs have only their own. */
export type KeyScope =
	| 'dashboard'
	| 'services'
	| 'logs'
	| 'input'
	| 'confirm'
	| 'help'
	| 'verify'
	| 'explain'
	| 'doctor'
	| 'fix'
	| 'prune'
	| 'prune-confirm'
	| 'prune-type'
	| 'prune-done'
	| 'work'
	| 'no-engine';

export type Action =
	| MendAction
	| PruneAction
	| 'prune'
	| 'backup'
	| 'cancel-work'
	| 'up'
	| 'down'
	| 'restart'
	| 'stop-or-start'
	| 'open'
	| 'verify'
	| 'cancel'
	| 'quit'
	| 'help'
	| 'close'
	| 'confirm'
	| 'retry'
	| 'next-pane'
	| 'previous-pane'
	| 'split'
	| 'select-range'
	| 'toggle-stats'
	| 'redraw'
	| 'show-engine'
	| 'switch-engine'
	| 'select-previous'
	| 'select-next'
	| 'select-first'
	| 'select-last'
	| 'show-service-log'
	| 'all-logs'
	| 'scroll-up'
	| 'scroll-down'
	| 'page-up'
	| 'page-down'
	| 'scroll-to-start'
	| 'scroll-to-end'
	| 'scroll-left'
	| 'scroll-right'
	| 'toggle-wrap'
	| 'toggle-follow'
	| 'search'
	| 'filter'
	| 'keep'
	| 'clear'
	| 'erase'
	| 'empty'
	| 'toggle-regex'
	| 'next-match'
	| 'previous-match'
	| 'next-level'
	| 'toggle-noise'
	| 'next-timestamps'
	| 'copy-line'
	| 'save-log'
	| 'page-log'
	| 'toggle-mouse'
	| 'next-error'
	| 'previous-error';

/** What a key's availability depends on. */
export interface KeyFacts {
	/** The engine answers, or has not been heard yet. */
	readonly connected: boolean;
	/** A compose file or mlstack's own stack is known; `false` for `-p NAME` alone. */
	readonly hasFiles: boolean;
	/** How many containers of the project exist, and how many of them run. */
	readonly containers: number;
	readonly running: number;
	/** How many services there are, and how wide the terminal is. */
	readonly services: number;
	readonly columns: number;
	/** Two logs are shown side by side. */
	readonly isSplit: boolean;
	/** The operation under way, such as `up`. */
	readonly operation?: string;
	/** The selected service, and whether it has a container that runs. */
	readonly selected?: {readonly name: string; readonly exists: boolean; readonly running: boolean};
	/** The card that is explained, or the first one on the screen. */
	readonly card?: CardOffers;
	/** A container of the tracking server runs. */
	readonly tracks: boolean;
	/** Where the tracking server can be opened. */
	readonly address?: string;
	/** What else could run the stack. */
	readonly otherEngine?: string;
}

export interface KeyBinding {
	/** Names as the keyboard module gives them: `u`, `up`, `ctrl+c`, `pageup`. */
	readonly keys: readonly string[];
	/** How the keys are written for people. */
	readonly shown: string;
	readonly scope: KeyScope;
	readonly action: Action;
	/** One word for the footer. */
	readonly label: string;
	/** One sentence for the help and the README. */
	readonly help: string;
	/** Shown in the footer, the lowest first; absent: only in the help. */
	readonly footer?: number;
	/** Asks before it does anything. */
	readonly dangerous?: true;
	/** Why the key does nothing now, as a sentence; `undefined` when it works. */
	readonly blocked?: (facts: KeyFacts) => string | undefined;
}

const away = 'the engine does not answer';

function busy(facts: KeyFacts): string | undefined {
	if (!facts.connected) {
		return away;
	}

	return atWork(facts);
}

export const keyBindings: readonly KeyBinding[] = [
	{
		keys: ['u'],
		shown: 'u',
		scope: 'dashboard',
		action: 'up',
		label: 'up',
		help: 'Start the stack: pulls and builds what is missing, creates what changed.',
		footer: 1,
		blocked: (facts) =>
			busy(facts) ??
			(facts.hasFiles ? undefined : 'no compose file is known for this project: call mlstack with -f FILE'),
	},
	{
		keys: ['d'],
		shown: 'd',
		scope: 'dashboard',
		action: 'down',
		label: 'down',
		help: 'Stop and remove the containers, after a question. Volumes, and so every run, are kept.',
		footer: 2,
		dangerous: true,
		blocked: (facts) =>
			busy(facts) ?? (facts.containers > 0 ? undefined : 'there is no container to take down'),
	},
	{
		keys: ['r'],
		shown: 'r',
		scope: 'dashboard',
		action: 'restart',
		label: 'restart',
		help: 'Restart the selected service.',
		footer: 3,
		blocked: (facts) =>
			busy(facts) ?? (facts.selected?.exists ? undefined : 'the selected service has no container'),
	},
	{
		keys: ['s'],
		shown: 's',
		scope: 'dashboard',
		action: 'stop-or-start',
		label: 'stop/start',
		help: 'Stop the selected service when it runs, start it when it does not.',
		footer: 4,
		blocked: (facts) =>
			busy(facts) ?? (facts.selected?.exists ? undefined : 'the selected service has no container'),
	},
	{
		keys: ['p'],
		shown: 'p',
		scope: 'dashboard',
		action: 'prune',
		label: 'prune',
		help: 'Show what could be removed, how big it is and what would be lost; nothing goes before a question.',
		footer: 6,
		dangerous: true,
		blocked: busy,
	},
	{
		keys: ['b'],
		shown: 'b',
		scope: 'dashboard',
		action: 'backup',
		label: 'backup',
		help: 'Back the stack up into one file in the folder of `mlstack backups`.',
		footer: 9,
		blocked: busy,
	},
	{
		keys: ['o'],
		shown: 'o',
		scope: 'dashboard',
		action: 'open',
		label: 'open',
		help: 'Open MLflow in the browser; the address is shown too, for when no browser is near.',
		footer: 5,
		blocked: (facts) => (facts.address ? undefined : 'no MLflow server with a published port is known here'),
	},
	{
		keys: ['v'],
		shown: 'v',
		scope: 'dashboard',
		action: 'verify',
		label: 'verify',
		help: 'Prove that runs are kept in PostgreSQL and artifacts on the server: one is logged, looked for and removed again.',
		footer: 7,
		blocked: (facts) =>
			busy(facts) ??
			(facts.address ? undefined : 'no MLflow server with a published port is known here') ??
			(facts.tracks ? undefined : 'no MLflow server runs; u starts the stack'),
	},
	{
		keys: ['x'],
		shown: 'x',
		scope: 'dashboard',
		action: 'cancel',
		label: 'cancel',
		help: 'Cancel the operation at work; what it made so far stays.',
		blocked: (facts) => (facts.operation === undefined ? 'nothing is at work' : undefined),
	},
	{
		keys: ['tab'],
		shown: 'tab',
		scope: 'dashboard',
		action: 'next-pane',
		label: 'pane',
		help: 'Move between the services and the logs.',
		footer: 10,
	},
	{
		keys: ['shift+tab'],
		shown: 'shift-tab',
		scope: 'dashboard',
		action: 'previous-pane',
		label: 'pane before',
		help: 'Move back between them.',
	},
	{
		keys: ['t'],
		shown: 't',
		scope: 'dashboard',
		action: 'toggle-stats',
		label: 'stats',
		help: 'Show or hide the use of cpu, memory and network; hidden it costs nothing.',
	},
	{
		keys: ['?', 'h'],
		shown: '?',
		scope: 'dashboard',
		action: 'help',
		label: 'help',
		help: 'Show every key.',
		footer: 11,
	},
	{
		keys: ['q', 'ctrl+c'],
		shown: 'q',
		scope: 'dashboard',
		action: 'quit',
		label: 'quit',
		help: 'Leave. What runs in the engine goes on running.',
		footer: 12,
	},
	{
		keys: ['ctrl+l'],
		shown: 'ctrl-l',
		scope: 'dashboard',
		action: 'redraw',
		label: 'redraw',
		help: 'Draw the whole screen again.',
	},
	{
		keys: ['up', 'k'],
		shown: '↑ k',
		scope: 'services',
		action: 'select-previous',
		label: 'previous',
		help: 'Select the service above.',
	},
	{
		keys: ['down', 'j'],
		shown: '↓ j',
		scope: 'services',
		action: 'select-next',
		label: 'next',
		help: 'Select the service below.',
	},
	{
		keys: ['home', 'g'],
		shown: 'home g',
		scope: 'services',
		action: 'select-first',
		label: 'first',
		help: 'Select the first service.',
	},
	{
		keys: ['end', 'G'],
		shown: 'end G',
		scope: 'services',
		action: 'select-last',
		label: 'last',
		help: 'Select the last service.',
	},
	{
		keys: ['enter'],
		shown: 'enter',
		scope: 'services',
		action: 'show-service-log',
		label: 'log',
		help: 'Show the log of the selected service and move there.',
	},
	...dialogBindings,
	...engineBindings,
	...logBindings,
	...mendBindings,
	...pruneBindings,
];

/** The binding of a key in a scope; the keys of a pane fall back on those of the dashboard. */
export function bindingOf(key: string, scope: KeyScope): KeyBinding | undefined {
	const own = keyBindings.find((binding) => binding.scope === scope && binding.keys.includes(key));
	if (own || (scope !== 'services' && scope !== 'logs')) {
		return own;
	}

	return keyBindings.find((binding) => binding.scope === 'dashboard' && binding.keys.includes(key));
}

/** What the footer shows in a scope, in its order: in the logs their keys come first, elsewhere those of the stack. */
export function footerBindings(scope: KeyScope): readonly KeyBinding[] {
	const shown = scope === 'services' || scope === 'logs' ? 'dashboard' : scope;
	const isLater = (binding: KeyBinding) => logBindings.includes(binding) !== (scope === 'logs');
	return keyBindings
		.filter((binding) => binding.scope === shown && binding.footer !== undefined)
		.toSorted((a, b) => Number(isLater(a)) - Number(isLater(b)) || (a.footer ?? 0) - (b.footer ?? 0));
}

export const scopeTitles: Readonly<Record<KeyScope, string>> = {
	dashboard: 'Anywhere',
	services: 'In the services',
	logs: 'In the logs',
	input: 'While a search or a filter is typed',
	confirm: 'In a question',
	help: 'In this help',
	verify: 'While it is verified',
	explain: 'In an explained card',
	doctor: 'In the doctor’s findings',
	fix: 'Before a corrected file is written',
	'no-engine': 'Without an engine',
	prune: 'In the prune dialog',
	'prune-confirm': 'In its question',
	'prune-type': "While the project's name is typed",
	'prune-done': 'In its result',
	work: 'While a backup or a prune is at work',
};

/** The table of the README. */
export function keysMarkdown(): string {
	const lines: string[] = [];
	for (const [scope, title] of Object.entries(scopeTitles)) {
		const bindings = keyBindings.filter((binding) => binding.scope === scope);
		lines.push(`**${title}**`, '', '| key | |', '| --- | --- |');
		for (const {shown, help} of bindings) {
			// A bar ends a cell, in code too.
			lines.push(`| \`${shown.replaceAll('|', String.raw`\|`)}\` | ${help} |`);
		}

		lines.push('');
	}

	return lines.join('\n').trimEnd();
}
