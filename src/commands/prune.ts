import {newBackupFile} from '../engine/backup/backup-files.ts';
import {storageOf} from '../engine/backup/storage-of.ts';
import {Failure, type ExitReason} from '../failure.ts';
import {formatCount} from '../stack/format.ts';
import type {PruneChoice, PrunePlan} from '../stack/prune.ts';
import {confirmation, type PruneConfirmation} from '../stack/prune/confirmation.ts';
import {choose, type PruneRequest} from '../stack/prune/request.ts';
import {itemFacts, planDocument, planText} from '../stack/prune/text.ts';
import {backUp} from './backup.ts';
import type {CommandContext} from './context.ts';
import {readTime} from './logs/time.ts';
import {carryOut} from './prune-report.ts';
import {openStack, type OpenStack} from './stack.ts';

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

/** The last plan: the sum that is agreed to is the one that is freed. */
async function completePlan(
	{engine, stack}: OpenStack,
	scope: PrunePlan['scope'],
	signal: AbortSignal,
): Promise<PrunePlan> {
	let last: PrunePlan | undefined;
	for await (const plan of storageOf(engine).planPrune(stack, scope, signal)) {
		last = plan;
	}

	signal.throwIfAborted();
	if (last === undefined) {
		throw new Failure('the engine listed nothing', {code: 'no-plan', reason: 'noEngine'});
	}

	return last;
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
			return isTyped(context, opened, plan, asked);
		}
	}
}

/** Volumes go by their names alone: spelled out in the call, or by a word that is typed after a backup was offered. */
async function isTyped(
	context: CommandContext,
	opened: OpenStack,
	plan: PrunePlan,
	{word, lost}: Extract<PruneConfirmation, {kind: 'type'}>,
): Promise<boolean> {
	const {values, isTTY, read, request, stderr} = context;
	if (values.yes && typeof values.volumes === 'object') {
		return true;
	}

	if (!isTTY || values.json) {
		throw notAsked(`--yes --volumes=${lost.map(({name}) => name).join(',')}`);
	}

	await stderr.write('\nThis is lost, and nothing makes it again:\n');
	for (const item of lost) {
		await stderr.write(`  ${[item.name, ...itemFacts(item, plan)].join('; ')}\n`);
	}

	const isOwn = lost.some(({project}) => project === plan.project);
	if (isOwn && !/^n/i.test((await read('Back the stack up first? [Y/n]')).trim())) {
		const file = newBackupFile(plan.project, request.environment, new Date(), '-before-prune');
		await backUp(context, opened, file);
		await stderr.write(`Backed up to ${file}\n`);
	}

	return (await read(`Type \`${word}\` to remove ${formatCount(lost.length, 'volume')}:`)).trim() === word;
}

function notAsked(options: string): Failure {
	return new Failure('nobody can be asked here, so nothing was removed', {
		code: 'confirmation-needed',
		reason: 'wrongCall',
		why: 'there is no terminal, or --json was given',
		next: ['look at it first: add --dry-run', `then say it in the call: add ${options}`],
	});
}
