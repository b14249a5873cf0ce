import type {ExitReason} from '../failure.ts';
import type {CommandContext} from './context.ts';
import {runOperation} from './operate.ts';

/** `mlstack stop [SERVICE...]`. */
export async function run(context: CommandContext): Promise<ExitReason> {
	return runOperation(context, 'stop');
}
