import {interruptionText} from '../engine/backup/interruption.ts';
import {Journal} from '../engine/backup/journal.ts';
import {asFailure} from '../failure.ts';
import type {CommandContext} from './context.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a restore or an upgrade of a project was interrupted and which data hold, in words; undefined without one. */
export async function readInterruption(
	project: string,
	environment: Environment,
): Promise<string | undefined> {
	try {
		const entry = await new Journal(project, environment).read();
		return entry && interruptionText(entry);
	} catch (error) {
		const {message, why} = asFailure(error);
		return `${message}: ${why}`;
	}
}

/** Says it at the start of any command. */
export async function tellInterruption(
	{request, stderr}: Pick<CommandContext, 'request' | 'stderr'>,
	project: string,
): Promise<void> {
	const text = await readInterruption(project, request.environment);
	if (text !== undefined) {
		await stderr.write(`mlstack: ${text}\n`);
	}
}
