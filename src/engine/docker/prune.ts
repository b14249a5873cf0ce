import {Failure} from '../../failure.ts';
import type {Progress} from '../../stack/model.ts';
import {pruneKinds, type PruneChoice, type PruneItem, type PrunePlan} from '../../stack/prune.ts';
import {chosenItems} from '../../stack/prune/choose.ts';
import {objection} from '../../stack/prune/objection.ts';
import {outcomeText} from '../../stack/prune/outcome.ts';
import {pruneTotal} from '../../stack/prune/total.ts';
import {lookAgain, removals} from './prune-removal.ts';
import type {Requests} from './requests.ts';

/** What became of an item. */
type Outcome =
	| {readonly type: 'removed' | 'gone'}
	| {readonly type: 'kept'; readonly why: string}
	/** The build cache gives a record up only after those that were made on top of it. */
	| {readonly type: 'again'};

/**
 * Removes exactly what was chosen, one object after another: what uses comes before what is used. Each one is looked at
 * once more before it goes; one that is not as the plan shows it stays, and its step fails with the reason. A step's
 * `current` is the bytes that were freed by it. Cancelled, it ends after the object at work.
 *
 * The engine's prune endpoints are not used: they choose by a rule at the moment when they run, and by another one in
 * each version of the API.
 */
export async function* prune(
	requests: Requests,
	plan: PrunePlan,
	chosen: PruneChoice,
	signal: AbortSignal,
): AsyncGenerator<Progress> {
	const gone = new Set<string>();
	const count = {removed: 0, kept: 0};
	let items = inOrder(chosenItems(plan, chosen));
	try {
		for (let waiting: PruneItem[] = []; items.length > 0; items = waiting, waiting = []) {
			const before = gone.size;
			for (const item of items) {
				if (signal.aborted) {
					return;
				}

				yield step(item, 'working', 'Removing');
				const freed = pruneTotal(plan, gone).bytes;
				const outcome = await removeItem(requests, item, signal);
				if (outcome.type === 'again') {
					waiting.push(item);
				} else if (outcome.type === 'kept') {
					count.kept++;
					yield step(item, 'failed', outcome.why);
				} else {
					gone.add(item.key);
					count.removed += outcome.type === 'removed' ? 1 : 0;
					const bytes = pruneTotal(plan, gone).bytes - freed;
					yield step(item, 'done', outcome.type === 'removed' ? 'Removed' : 'It was gone already', bytes);
				}
			}

			if (gone.size === before) {
				for (const item of waiting) {
					count.kept++;
					yield step(item, 'failed', 'a build uses it, or records that stay are built on it');
				}

				waiting = [];
			}
		}
	} catch (error) {
		if (!signal.aborted) {
			throw await requests.explain(error);
		}

		return;
	}

	yield {
		type: 'output',
		at: Date.now(),
		level: 'info',
		text: outcomeText(count.removed, count.kept, pruneTotal(plan, gone).bytes),
	};
}

function inOrder(items: readonly PruneItem[]): PruneItem[] {
	return items.toSorted((a, b) => pruneKinds.indexOf(a.kind) - pruneKinds.indexOf(b.kind));
}

async function removeItem(requests: Requests, item: PruneItem, signal: AbortSignal): Promise<Outcome> {
	const why = objection(item, await lookAgain(requests, item, signal));
	if (why !== undefined) {
		return why === 'gone' ? {type: 'gone'} : {type: 'kept', why};
	}

	try {
		return (await removals[item.kind].remove(requests, item, signal)) ? {type: 'removed'} : {type: 'again'};
	} catch (error) {
		if (!(error instanceof Failure) || error.reason === 'noEngine') {
			throw error;
		}

		return error.code === 'not-found' ? {type: 'gone'} : {type: 'kept', why: error.message};
	}
}

function step(
	{key, kind, name}: PruneItem,
	state: 'working' | 'done' | 'failed',
	status: string,
	bytes?: number,
): Progress {
	return {
		type: 'step',
		at: Date.now(),
		id: key,
		kind: kind === 'image' || kind === 'buildCache' ? 'other' : kind,
		name,
		state,
		status,
		...(bytes !== undefined && {current: bytes}),
	};
}
