import type {KeyBinding} from '../keys.ts';

/** The keys of a question, of the help, of a verification, and while no engine answers. */
export const dialogBindings: readonly KeyBinding[] = [
	{
		keys: ['y'],
		shown: 'y',
		scope: 'confirm',
		action: 'confirm',
		label: 'yes',
		help: 'Do it.',
		footer: 1,
	},
	{
		keys: ['n', 'escape', 'enter', 'q', 'ctrl+c'],
		shown: 'n esc',
		scope: 'confirm',
		action: 'close',
		label: 'no',
		help: 'Leave everything as it is.',
		footer: 2,
	},
	{
		keys: ['escape', '?', 'h', 'q', 'enter', 'ctrl+c'],
		shown: 'esc',
		scope: 'help',
		action: 'close',
		label: 'close',
		help: 'Close the help.',
		footer: 1,
	},
	{
		keys: ['escape', 'q', 'enter', 'ctrl+c'],
		shown: 'esc',
		scope: 'verify',
		action: 'close',
		label: 'close',
		help: 'Close it; while it is at work, stop it. What it made is removed first.',
		footer: 1,
	},
	...(['help', 'verify'] as const).flatMap((scope): readonly KeyBinding[] => [
		{
			keys: ['up', 'k'],
			shown: '↑ k',
			scope,
			action: 'scroll-up',
			label: 'up',
			help: 'One line back.',
			footer: 2,
		},
		{
			keys: ['down', 'j', 'space', 'pagedown'],
			shown: '↓ j',
			scope,
			action: 'scroll-down',
			label: 'down',
			help: 'One line on.',
			footer: 3,
		},
	]),
];
