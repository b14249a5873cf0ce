import {newBackupFile} from '../engine/backup/backup-files.ts';
import {storageOf} from '../engine/backup/storage-of.ts';
import {Failure} from '../failure.ts';
import type {PrunePlan, PruneScope} from '../stack/prune.ts';
import {offersBackup, typingText, type PruneConfirmation} from '../stack/prune/confirmation.ts';
import {lossText, lossTitle} from '../stack/prune/text.ts';
import {backUp} from './backup.ts';
import type {CommandContext} from './context.ts';
import type {OpenStack} from './stack.ts';

/** The last plan: the sum that is agreed to is the one that is freed. */
export async function completePlan(
	{engine, stack}: OpenStack,
	scope: PruneScope,
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

/**
 * Whether volumes may go. They go by their names alone: spelled out in the call, or by a word that is typed after it was
 * said what is lost, and after a backup was offered. Throws a Failure where nobody can be asked.
 */
export async function mayLose(
	context: CommandContext,
	opened: OpenStack,
	plan: Pick<PrunePlan, 'at' | 'project'>,
	{word, lost}: Extract<PruneConfirmation, {kind: 'type'}>,
): Promise<boolean> {
	const {values, isTTY, read, request, stderr} = context;
	if (values.yes && typeof values.volumes === 'object') {
		return true;
	}

	if (!isTTY || values.json) {
		throw notAsked(`--yes --volumes=${lost.map(({name}) => name).join(',')}`);
	}

	await stderr.write(`\n${lossTitle}\n${lost.map((item) => `  ${lossText(item, plan)}\n`).join('')}`);
	if (offersBackup(lost, plan) && !/^n/i.test((await read('Back the stack up first? [Y/n]')).trim())) {
		const file = newBackupFile(plan.project, request.environment, new Date(), '-before-prune');
		await backUp(context, opened, file);
		await stderr.write(`Backed up to ${file}\n`);
	}

	return (await read(typingText(word, lost))).trim() === word;
}

/** Nobody sits at a terminal; `options` say it in the call. */
export function notAsked(options: string): Failure {
	return new Failure('nobody can be asked here, so nothing was removed', {
		code: 'confirmation-needed',
		reason: 'wrongCall',
		why: 'there is no terminal, or --json was given',
		next: ['mlstack prune --volumes --dry-run', `then say it in the call: add ${options}`],
	});
}
