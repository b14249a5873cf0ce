import {planItems, type PruneChoice, type PruneItem, type PrunePlan} from '../prune.ts';

/** What is chosen when a plan is first shown. */
export function preselected(plan: PrunePlan): PruneChoice {
	return new Set(planItems(plan).flatMap((item) => (item.preselected ? [item.key] : [])));
}

/** Chooses an item and those that have to go with it. Does nothing for one that is blocked, or not in the plan. */
export function select(plan: PrunePlan, chosen: PruneChoice, key: string): PruneChoice {
	const keys = together(byKey(plan), key);
	return keys.length === 0 ? chosen : new Set([...chosen, ...keys]);
}

/** An item's key and those that have to go with it; none when one of them cannot go. */
function together(items: ReadonlyMap<string, PruneItem>, key: string): readonly string[] {
	const keys = [key, ...(items.get(key)?.requires ?? [])];
	const areFree = keys.every((one) => {
		const item = items.get(one);
		return item !== undefined && item.blocked === undefined;
	});
	return areFree ? keys : [];
}

/** Takes items out of the choice, and those that cannot go without them. */
export function deselect(plan: PrunePlan, chosen: PruneChoice, ...keys: readonly string[]): PruneChoice {
	const out = new Set(keys);
	return new Set(
		planItems(plan).flatMap(({key, requires}) =>
			chosen.has(key) && !out.has(key) && !requires.some((one) => out.has(one)) ? [key] : [],
		),
	);
}

/** Chooses every item that `wanted` accepts and nothing blocks. */
export function selectWhere(
	plan: PrunePlan,
	chosen: PruneChoice,
	wanted: (item: PruneItem) => boolean,
): PruneChoice {
	const items = byKey(plan);
	const wantedKeys = [...items.values()].flatMap((item) => (wanted(item) ? together(items, item.key) : []));
	return new Set([...chosen, ...wantedKeys]);
}

/** A choice for a newer plan of the same things: what is gone or blocked by now is no longer chosen. */
export function carryOver(chosen: PruneChoice, plan: PrunePlan): PruneChoice {
	return selectWhere(
		plan,
		new Set(),
		(item) => chosen.has(item.key) && item.requires.every((key) => chosen.has(key)),
	);
}

/** The chosen items, in the order of the screen. */
export function chosenItems(plan: PrunePlan, chosen: PruneChoice): readonly PruneItem[] {
	return planItems(plan).filter((item) => chosen.has(item.key) && item.blocked === undefined);
}

function byKey(plan: PrunePlan): ReadonlyMap<string, PruneItem> {
	return new Map(planItems(plan).map((item) => [item.key, item]));
}
