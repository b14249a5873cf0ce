import {storageOf} from '../engine/backup/storage-of.ts';
import type {ExitReason} from '../failure.ts';
import {formatCount} from '../stack/format.ts';
import type {PruneChoice, PrunePlan} from '../stack/prune.ts';
import {confirmation} from '../stack/prune/confirmation.ts';
import {choose, type PruneRequest} from '../stack/prune/request.ts';
import {planDocument, planText} from '../stack/prune/text.ts';
import type {CommandContext} from './context.ts';
import {readTime} from './logs/time.ts';
import {carryOut} from './prune-report.ts';
import {openStack, type OpenStack} from './stack.ts';
import {completePlan, mayLose, notAsked} from './volume-loss.ts';

/** `mlstack prune`: shows what would go, asks, and removes exactly that. */
export async function run(context: CommandContext): Promise<ExitReason> {
	const {values, stdout, stderr, signal} = context;
	const request = requestOf(context);
	const opened = await openStack(context);
	const plan = await completePlan(opened, values.all ? 'engine' : 'stack', signal);
	const chosen = choose(plan, request);
	if (values['dry-run']) {
		await stdout.write(
			values.json
				? `${JSON.stringify(planDocument(plan, chosen), undefined, '\t')}\n`
				: `${planText(plan, chosen)}\n`,
		);
		return 'fine';
	}

	if (!values.json) {
		await stderr.write(`${planText(plan, chosen)}\n`);
	}

	if (!(await isConfirmed(context, opened, plan, chosen))) {
		await stderr.write('Nothing was removed.\n');
		return 'fine';
	}

	return carryOut(context, storageOf(opened.engine), plan, chosen);
}

function requestOf({values}: CommandContext): PruneRequest {
	return {
		images: values.images === true,
		buildCache: values['build-cache'] === true,
		volumes: values.volumes ?? 'none',
		...(values.until !== undefined && {
			until: Date.parse(readTime('--until', values.until, Date.now())),
		}),
	};
}

async function isConfirmed(
	context: CommandContext,
	opened: OpenStack,
	plan: PrunePlan,
	chosen: PruneChoice,
): Promise<boolean> {
	const {values, isTTY, ask} = context;
	const asked = confirmation(plan, chosen);
	switch (asked.kind) {
		case 'none': {
			return false;
		}

		case 'confirm': {
			if (values.yes) {
				return true;
			}

			if (!isTTY || values.json) {
				throw notAsked('--yes');
			}

			return ask(`Remove ${formatCount(chosen.size, 'object')}?`);
		}

		case 'type': {
			return mayLose(context, opened, plan, asked);
		}
	}
}
