import {storageOf} from '../engine/backup/storage-of.ts';
import {Failure, type ExitReason} from '../failure.ts';
import {planItems, type PruneItem, type PrunePlan} from '../stack/prune.ts';
import {selectWhere} from '../stack/prune/choose.ts';
import type {CommandContext} from './context.ts';
import {operate, printStatusJson} from './operate.ts';
import {carryOut} from './prune-report.ts';
import type {OpenStack} from './stack.ts';
import {completePlan, mayLose} from './volume-loss.ts';

/**
 * `mlstack down --volumes`: the same plan and the same question as `mlstack prune --volumes`, asked before anything is
 * stopped. Compose's own `down --volumes` would take whatever the file names by then.
 */
export async function downWithVolumes(
	context: CommandContext,
	opened: OpenStack,
	names: 'all' | readonly string[],
): Promise<ExitReason> {
	const {values, stderr, signal} = context;
	const {project} = opened.stack;
	const before = await completePlan(opened, 'stack', signal);
	const lost = wanted(before, names);
	// While the stack is up its own containers use them; that they are about to go is no news.
	const shown = lost.map(({blocked, ...item}): PruneItem => item);
	if (
		shown.length > 0 &&
		!(await mayLose(context, opened, before, {kind: 'type', word: project, lost: shown}))
	) {
		await stderr.write('Nothing was done.\n');
		return 'fine';
	}

	await operate(context, opened, 'down', []);
	const marks = new Map(lost.map(({key, mark}) => [key, mark]));
	const after = await completePlan(opened, 'stack', signal);
	const chosen = selectWhere(after, new Set(), ({key, mark}) => marks.get(key) === mark);
	const outcome = await carryOut(context, storageOf(opened.engine), after, chosen);
	if (values.json) {
		await printStatusJson(context, opened);
	}

	return chosen.size === lost.length ? outcome : 'failed';
}

function wanted(plan: PrunePlan, names: 'all' | readonly string[]): readonly PruneItem[] {
	const volumes = planItems(plan).filter(({kind}) => kind === 'volume');
	if (names === 'all') {
		return volumes;
	}

	return names.map((name) => {
		const found = volumes.find((item) => item.name === name || item.name === `${plan.project}_${name}`);
		if (found === undefined) {
			throw new Failure(`${plan.project} has no volume ${name}`, {
				code: 'unknown-volume',
				reason: 'wrongCall',
				why: `it has ${volumes.map((item) => item.name).join(', ') || 'none'}`,
				next: ['mlstack prune --volumes --dry-run'],
			});
		}

		return found;
	});
}
