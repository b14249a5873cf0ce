import type {Stack} from '../model.ts';
import type {Holding, PruneFacts, PruneItem, PrunePlan, PruneScope} from '../prune.ts';
import {candidatesOf} from './candidates.ts';
import {pruneGroups} from './groups.ts';
import {heldBytes, holdings} from './holdings.ts';
import {PlanContext} from './usage.ts';

/** What could go, by the facts: which objects, in which groups, what stands against it and what is chosen at first. */
export function makePlan(facts: PruneFacts, scope: PruneScope, stack: Stack): PrunePlan {
	const candidates = candidatesOf(facts, new PlanContext(facts, scope, stack));
	const listed = candidates.filter(({own, item}) => own || item.blocked === undefined);
	const held = holdings(facts);
	const groups = pruneGroups.flatMap(({name, title, note}) => {
		const items = listed
			.filter((candidate) => candidate.group === name)
			.map(({item, size}) => withSize(item, size, held))
			.sort(blockedLastLargestFirst);
		return items.length === 0 ? [] : [{name, title, note, items}];
	});
	return {
		version: 1,
		scope,
		project: stack.project,
		at: facts.at,
		complete: facts.complete,
		groups,
		holdings: held,
		kept: candidates.length - listed.length,
		notes: facts.notes,
	};
}

/** What images and build cache hold alone and with others; of the rest the engine says what they take. */
function withSize(
	item: Omit<PruneItem, 'size'>,
	size: number | undefined,
	held: readonly Holding[],
): PruneItem {
	const own = held.filter(({holders}) => holders.includes(item.key));
	if (own.length === 0) {
		return size === undefined ? item : {...item, size};
	}

	const alone = heldBytes(own, new Set([item.key]));
	const shared = own.reduce((sum, part) => sum + part.size, -alone);
	return {...item, size: alone, ...(shared > 0 && {shared})};
}

function blockedLastLargestFirst(a: PruneItem, b: PruneItem): number {
	return (
		Number(a.blocked !== undefined) - Number(b.blocked !== undefined) ||
		(b.size ?? 0) - (a.size ?? 0) ||
		a.name.localeCompare(b.name)
	);
}
