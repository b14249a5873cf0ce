import {interruptionText} from '../engine/backup/interruption.ts';
import {Journal} from '../engine/backup/journal.ts';
import {asFailure} from '../failure.ts';
import type {CommandContext} from './context.ts';

/** Says, at the start of any command, whether a restore or an upgrade was interrupted and which data hold. */
export async function tellInterruption(
	{request, stderr}: Pick<CommandContext, 'request' | 'stderr'>,
	project: string,
): Promise<void> {
	try {
		const entry = await new Journal(project, request.environment).read();
		if (entry !== undefined) {
			await stderr.write(`mlstack: ${interruptionText(entry)}\n`);
		}
	} catch (error) {
		const {message, why} = asFailure(error);
		await stderr.write(`mlstack: ${message}: ${why}\n`);
	}
}
