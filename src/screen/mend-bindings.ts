import type {KeyBinding, KeyFacts} from '../keys.ts';

function noCard({card}: KeyFacts): string | undefined {
	return card ? undefined : 'no card is on the screen: nothing is known to be wrong';
}

function noLine(facts: KeyFacts): string | undefined {
	return noCard(facts) ?? (facts.card?.hasLine ? undefined : 'this card was not read from a line of a log');
}

/** The keys of the cards, of the doctor, and of the question before files are written. */
export const mendBindings: readonly KeyBinding[] = [
	{
		keys: ['e'],
		shown: 'e',
		scope: 'dashboard',
		action: 'explain',
		label: 'explain',
		help: 'Show the whole card: what happened, why, what to do, and the log line that it was read from.',
		blocked: noCard,
	},
	{
		keys: ['l'],
		shown: 'l',
		scope: 'dashboard',
		action: 'show-line',
		label: 'log line',
		help: 'Go to the log line that the card was read from.',
		blocked: noLine,
	},
	{
		keys: ['D'],
		shown: 'D',
		scope: 'dashboard',
		action: 'doctor',
		label: 'doctor',
		help: 'Look at what the stack runs on and at its compose file: what is wrong, why, and what mends it.',
		footer: 8,
	},
	{
		keys: ['c'],
		shown: 'c',
		scope: 'explain',
		action: 'copy-mend',
		label: 'copy',
		help: 'Copy the command, or the change of the file; again for the next one.',
		footer: 2,
		blocked: (facts) =>
			noCard(facts) ?? (facts.card?.hasCode ? undefined : 'this card holds no command and no change to copy'),
	},
	{
		keys: ['l'],
		shown: 'l',
		scope: 'explain',
		action: 'show-line',
		label: 'log line',
		help: 'Close it and go to the log line that the card was read from.',
		footer: 3,
		blocked: noLine,
	},
	{
		keys: ['f'],
		shown: 'f',
		scope: 'explain',
		action: 'show-fix',
		label: 'mend the file',
		help: 'Show the change of the compose file that mends it, and ask.',
		footer: 4,
		blocked: (facts) =>
			noCard(facts) ??
			(facts.card?.hasMend ? undefined : 'no change that mlstack makes in the file mends this'),
	},
	{
		keys: ['m'],
		shown: 'm',
		scope: 'explain',
		action: 'migrate',
		label: 'migrate',
		help: 'Bring the database’s schema to this MLflow’s version, after a question; the database is saved first.',
		footer: 6,
		dangerous: true,
		blocked: (facts) =>
			noCard(facts) ??
			(facts.card?.canMigrate ? undefined : 'this card is not about a schema that is too old'),
	},
	{
		keys: ['right', 'n', 'tab'],
		shown: '→ n',
		scope: 'explain',
		action: 'next-card',
		label: 'next card',
		help: 'The next card, when there are several.',
		footer: 5,
	},
	{
		keys: ['left', 'p', 'shift+tab'],
		shown: '← p',
		scope: 'explain',
		action: 'previous-card',
		label: 'previous card',
		help: 'The card before it.',
	},
	{
		keys: ['escape', 'e', 'q', 'enter', 'ctrl+c'],
		shown: 'esc',
		scope: 'explain',
		action: 'close',
		label: 'close',
		help: 'Close it.',
		footer: 1,
	},
	{
		keys: ['f'],
		shown: 'f',
		scope: 'doctor',
		action: 'show-fix',
		label: 'mend the file',
		help: 'Show what `mlstack doctor --fix` would change in the compose file, and ask.',
		footer: 2,
	},
	{
		keys: ['r'],
		shown: 'r',
		scope: 'doctor',
		action: 'check-again',
		label: 'look again',
		help: 'Look at everything again.',
		footer: 3,
	},
	{
		keys: ['escape', 'D', 'q', 'enter', 'ctrl+c'],
		shown: 'esc',
		scope: 'doctor',
		action: 'close',
		label: 'close',
		help: 'Close it.',
		footer: 1,
	},
	{
		keys: ['y'],
		shown: 'y',
		scope: 'fix',
		action: 'write-fix',
		label: 'write it',
		help: 'Write the corrected file; a copy of what it was is kept beside it.',
		footer: 1,
	},
	{
		keys: ['n', 'escape', 'enter', 'q', 'ctrl+c'],
		shown: 'n esc',
		scope: 'fix',
		action: 'keep-files',
		label: 'no',
		help: 'Leave the file as it is.',
		footer: 2,
	},
	...(['explain', 'doctor', 'fix'] as const).flatMap((scope): readonly KeyBinding[] => [
		{
			keys: ['up', 'k'],
			shown: '↑ k',
			scope,
			action: 'scroll-up',
			label: 'up',
			help: 'One line back.',
			footer: 7,
		},
		{
			keys: ['down', 'j'],
			shown: '↓ j',
			scope,
			action: 'scroll-down',
			label: 'down',
			help: 'One line on.',
			footer: 8,
		},
		{
			keys: ['pageup', 'ctrl+b'],
			shown: 'pgup',
			scope,
			action: 'page-up',
			label: 'page up',
			help: 'One page back.',
		},
		{
			keys: ['pagedown', 'ctrl+f', 'space'],
			shown: 'pgdn space',
			scope,
			action: 'page-down',
			label: 'page down',
			help: 'One page on.',
		},
	]),
];
