import {
	planItems,
	type PruneChoice,
	type PruneGroup,
	type PruneItem,
	type PrunePlan,
} from '../stack/prune.ts';
import {pruneTotal} from '../stack/prune/total.ts';

/** A row of the prune dialog: a group's title, whose box stands for all of its items, or one of them. */
export interface PruneRow {
	/** Unique within the plan, and the same in a later one. */
	readonly id: string;
	readonly group: PruneGroup;
	/** Absent for a title. */
	readonly item?: PruneItem;
	/** What its box stands for, without what cannot be chosen. */
	readonly keys: readonly string[];
	/** Bytes that its keys free together; absent while unknown. */
	readonly size?: number;
}

const rowsOf = new WeakMap<PrunePlan, readonly PruneRow[]>();

/** The rows of a plan, computed once for each. Records of the build cache say little, and there are many: one row. */
export function pruneRows(plan: PrunePlan): readonly PruneRow[] {
	const known = rowsOf.get(plan);
	if (known) {
		return known;
	}

	const rows = plan.groups.flatMap((group) => [
		groupRow(group, plan),
		...(group.name === 'build-cache' ? [] : group.items.map((item) => itemRow(item, group))),
	]);
	rowsOf.set(plan, rows);
	return rows;
}

function groupRow(group: PruneGroup, plan: PrunePlan): PruneRow {
	const keys = group.items.flatMap((item) => (item.blocked === undefined ? [item.key] : []));
	const {bytes, exact} = pruneTotal(plan, new Set(keys));
	return {id: group.name, group, keys, ...((exact || bytes > 0) && {size: bytes})};
}

function itemRow(item: PruneItem, group: PruneGroup): PruneRow {
	return {
		id: item.key,
		group,
		item,
		keys: item.blocked === undefined ? [item.key] : [],
		...(item.size !== undefined && {size: item.size}),
	};
}

/** How much of what a row's box stands for is chosen. */
export function boxOf({keys}: PruneRow, chosen: PruneChoice): 'all' | 'some' | 'none' | 'blocked' {
	if (keys.length === 0) {
		return 'blocked';
	}

	const count = keys.filter((key) => chosen.has(key)).length;
	return count === 0 ? 'none' : count === keys.length ? 'all' : 'some';
}

/** The projects that a plan has something of, the stack's own first. */
export function projectsOf(plan: PrunePlan): readonly string[] {
	const names = new Set(
		planItems(plan).flatMap(({project}) =>
			project === undefined || project === plan.project ? [] : [project],
		),
	);
	return [plan.project, ...[...names].sort()];
}
