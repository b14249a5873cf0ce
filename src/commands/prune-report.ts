import type {Storage} from '../engine/storage.ts';
import type {ExitReason} from '../failure.ts';
import type {Progress} from '../stack/model.ts';
import type {PruneChoice, PrunePlan} from '../stack/prune.ts';
import {chosenItems} from '../stack/prune/choose.ts';
import {nothingRemoved, withOutcome} from '../stack/prune/outcome.ts';
import {jsonVersion} from '../stack/status-json.ts';
import type {CommandContext} from './context.ts';
import {paint} from './paint.ts';

/** Removes what was chosen and tells what went and what stayed; `failed` when something stayed. */
export async function carryOut(
	{values, stdout, stderr, signal}: CommandContext,
	storage: Storage,
	plan: PrunePlan,
	chosen: PruneChoice,
): Promise<ExitReason> {
	let outcome = nothingRemoved;
	for await (const progress of storage.prune(plan, chosen, signal)) {
		outcome = withOutcome(outcome, progress);
		if (!values.json) {
			await stderr.write(lineOf(progress, stderr));
		}
	}

	signal.throwIfAborted();
	const {removed, bytes} = outcome;
	if (values.json) {
		const kept = outcome.kept.map(({key, why}) => ({key, why}));
		await stdout.write(`${JSON.stringify({version: jsonVersion, removed, kept, bytes})}\n`);
	}

	return chosenItems(plan, chosen).length === removed.length ? 'fine' : 'failed';
}

/** A record of the build cache says little, and there are many: only those that stay are named. */
function lineOf(progress: Progress, output: CommandContext['stderr']): string {
	if (progress.type === 'output') {
		return `${progress.text}\n`;
	}

	const {state, name, kind, status, id} = progress;
	if (state === 'working' || (state === 'done' && id.startsWith('buildCache '))) {
		return '';
	}

	const what = kind === 'other' ? name : `${kind} ${name}`;
	return state === 'done'
		? `${paint(output, 'ok', '✓')} ${what} ${status.toLowerCase()}\n`
		: `${paint(output, 'warning', '-')} ${what} stays: ${status}\n`;
}
