import type {KeyBinding, KeyFacts} from '../keys.ts';

/** The keys that concern what runs the stack: the key that tells of it, and those of the card where nothing answers. */
export const engineBindings: readonly KeyBinding[] = [
	{
		keys: ['E'],
		shown: 'E',
		scope: 'dashboard',
		action: 'show-engine',
		label: 'engine',
		help: 'Tell why this engine runs the stack and what else there is; switch to that, after a question.',
		blocked: atWork,
	},
	{
		keys: ['r', 'enter'],
		shown: 'r',
		scope: 'no-engine',
		action: 'retry',
		label: 'try now',
		help: 'Look for the engine again at once; it is tried by itself too.',
		footer: 1,
	},
	{
		keys: ['n'],
		shown: 'n',
		scope: 'no-engine',
		action: 'switch-engine',
		label: 'run natively',
		help: 'Run mlstack’s own stack without Docker, as plain processes of yours; it has data of its own.',
		footer: 2,
		blocked: ({otherEngine}) =>
			otherEngine === undefined ? 'only Docker can run what was asked for' : undefined,
	},
	{
		keys: ['q', 'escape', 'ctrl+c'],
		shown: 'q',
		scope: 'no-engine',
		action: 'quit',
		label: 'quit',
		help: 'Leave.',
		footer: 3,
	},
];

/** Why a key that must not come between an operation and its end does nothing now. */
export function atWork({operation}: KeyFacts): string | undefined {
	return operation === undefined ? undefined : `\`${operation}\` is still at work; x cancels it`;
}
