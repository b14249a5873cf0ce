import type {ExitReason} from '../failure.ts';
import {formatCount} from '../stack/format.ts';
import type {CommandContext} from './context.ts';
import {operate, printStatusJson} from './operate.ts';
import {currentState, openStack} from './stack.ts';

/** `mlstack down`: asks a person, and does it for a script; volumes are kept, and it says so. With --volumes they go too. */
export async function run(context: CommandContext): Promise<ExitReason> {
	const {values, isTTY, stderr, signal, ask} = context;
	const opened = await openStack(context);
	const {stack, engine} = opened;
	if (values.volumes !== undefined) {
		return (await import('./down-volumes.ts')).downWithVolumes(context, opened, values.volumes);
	}

	if (isTTY && !values.yes && !values.json) {
		const {containers} = await currentState(engine, stack, signal);
		const what = formatCount(containers.size, 'container');
		if (!(await ask(`Take ${stack.project} down? Stops and removes ${what}; volumes are kept.`))) {
			await stderr.write('Nothing was done.\n');
			return 'fine';
		}
	}

	await operate(context, opened, 'down', []);
	if (values.json) {
		await printStatusJson(context, opened);
	} else {
		await stderr.write('Volumes are kept: `mlstack up` goes on where this ended.\n');
	}

	return 'fine';
}
