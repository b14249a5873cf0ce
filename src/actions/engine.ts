import {asFailure} from '../failure.ts';
import type {Desk} from './desk.ts';

/** How long, in ms, the other engine may take to say who it is. */
const patience = 5000;

/** Tells why this engine runs the stack, and what else there is; asks whether to switch to what answers. */
export async function showEngine({store, options, signal, say, ask}: Desk): Promise<void> {
	const {choice, stack} = store.getState();
	if (!choice) {
		say('info', 'no engine has been chosen yet');
		return;
	}

	const {kind, why, other} = choice;
	const reason = `${kind} runs this stack: ${why}`;
	if (other === undefined) {
		say('info', `${reason}; nothing else could run it`);
		return;
	}

	try {
		const engine = await options.openOther(other);
		try {
			await engine.describe(AbortSignal.any([signal, AbortSignal.timeout(patience)]));
		} finally {
			engine.close();
		}
	} catch (error) {
		const failure = asFailure(error);
		say('info', `${reason}; ${other} does not answer`, [failure.message, failure.why]);
		return;
	}

	ask('switch-engine', `Switch from ${kind} to ${other}?`, [
		`${reason}. ${other} is there, too.`,
		`What runs on ${kind} goes on running, and keeps its ports: d first takes it down.`,
		`Runs stay where they were logged. To take them along: \`mlstack backup\` here, \`mlstack restore\` on ${other}.`,
		`The next \`up\` of ${stack?.project ?? 'the project'} is remembered: it stays on the engine that it ran on.`,
	]);
}

/** Goes to the other engine. */
export function switchEngine({store, switchEngine: switchTo}: Desk): void {
	const {choice} = store.getState();
	if (choice?.other) {
		switchTo(choice.other);
	}
}
