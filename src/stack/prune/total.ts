import type {PruneChoice, PrunePlan} from '../prune.ts';
import {chosenItems} from './choose.ts';
import {heldBytes} from './holdings.ts';

export interface PruneTotal {
	/** How many objects are chosen. */
	readonly count: number;
	/** Bytes that they free together, as far as it is known. */
	readonly bytes: number;
	/** `false` while the size of a chosen object is unknown: then it is at least `bytes`. */
	readonly exact: boolean;
}

/**
 * What goes, and what that frees: what the chosen objects hold together and nothing else holds. A layer that two chosen
 * images share counts once; one that an image shares with one that stays does not count.
 */
export function pruneTotal(plan: PrunePlan, chosen: PruneChoice): PruneTotal {
	const items = chosenItems(plan, chosen);
	const known = plan.holdings.length > 0;
	let bytes = known ? heldBytes(plan.holdings, new Set(items.map(({key}) => key))) : 0;
	let exact = true;
	for (const {kind, size} of items) {
		const isCounted = known && (kind === 'image' || kind === 'buildCache');
		bytes += isCounted ? 0 : (size ?? 0);
		exact &&= size !== undefined;
	}

	return {count: items.length, bytes, exact};
}
