import {fit, width} from '../../text.ts';
import {formatCount} from '../format.ts';
import type {PruneChoice, PruneGroup, PruneItem, PrunePlan} from '../prune.ts';
import {chosenItems} from './choose.ts';
import {confirmation, type PruneConfirmation} from './confirmation.ts';
import {pruneTotal, type PruneTotal} from './total.ts';
import {formatAge, formatDiskSize} from './units.ts';

/** The plan for a terminal or a file: what would go, what stays and why, and what it frees. No colours. */
export function planText(plan: PrunePlan, chosen: PruneChoice): string {
	const whose =
		plan.scope === 'stack'
			? `of the project ${plan.project}`
			: `that nothing uses on this engine (the stack's project is ${plan.project})`;
	const lines = [`What could go ${whose}:`];
	for (const group of plan.groups) {
		lines.push('', `${group.title} (${group.note})`, ...groupLines(group, chosen, plan));
	}

	if (plan.groups.length === 0) {
		lines.push('', 'Nothing.');
	}

	lines.push('', totalText(pruneTotal(plan, chosen)));
	if (plan.kept > 0) {
		lines.push(`In use and not listed: ${formatCount(plan.kept, 'object')}.`);
	}

	return [...lines, ...plan.notes].join('\n');
}

function groupLines(group: PruneGroup, chosen: PruneChoice, plan: PrunePlan): readonly string[] {
	if (group.name === 'build-cache') {
		return cacheLines(group, chosen, plan);
	}

	const column = Math.min(60, Math.max(...group.items.map(({name}) => width(name))));
	return group.items.map((item) => {
		const box = item.blocked === undefined ? (chosen.has(item.key) ? '[x]' : '[ ]') : ' - ';
		const size = item.size === undefined ? '?' : formatDiskSize(item.size);
		const facts = itemFacts(item, plan).join('; ');
		return `  ${box} ${fit(item.name, column)}  ${size.padStart(8)}  ${facts}`.trimEnd();
	});
}

/** A build leaves dozens of records whose names say little: they are counted. */
function cacheLines(group: PruneGroup, chosen: PruneChoice, plan: PrunePlan): readonly string[] {
	return ['[x]', '[ ]'].flatMap((box) => {
		const keys = group.items.flatMap(({key}) => (chosen.has(key) === (box === '[x]') ? [key] : []));
		const {bytes} = pruneTotal(plan, new Set(keys));
		return keys.length === 0
			? []
			: [`  ${box} ${formatCount(keys.length, 'record')}, ${formatDiskSize(bytes)} of their own`];
	});
}

/** What is said of an item besides its name and size: age, whose it is, what it holds, who uses it, why it stays. */
export function itemFacts(item: PruneItem, plan: Pick<PrunePlan, 'at' | 'project'>): readonly string[] {
	const age = ageText(item, plan);
	return [...(age === '' ? [] : [`${age} old`]), ...otherFacts(item, plan)];
}

/** How old an item is, `3 weeks`; empty where the engine does not say. */
export function ageText({createdAt}: PruneItem, {at}: Pick<PrunePlan, 'at'>): string {
	return createdAt > 0 ? formatAge(at - createdAt) : '';
}

/** What is said of an item besides name, size and age. */
export function otherFacts(item: PruneItem, plan: Pick<PrunePlan, 'project'>): readonly string[] {
	const facts: string[] = [];
	if (item.project !== undefined && item.project !== plan.project) {
		facts.push(`of project ${item.project}`);
	}

	if (item.shared !== undefined) {
		facts.push(`shares ${formatDiskSize(item.shared)}`);
	}

	if (item.holds !== undefined) {
		facts.push(item.holds);
	}

	if (item.blocked !== undefined) {
		facts.push(item.blocked);
	} else if (item.usedBy.length > 0) {
		facts.push(`with ${item.usedBy.join(', ')}`);
	}

	return facts;
}

/** What is lost with volumes, before one agrees to it. */
export const lossTitle = 'This is lost, and nothing makes it again:';

/** A volume that would be lost: `kws_pgdata; 47 MB; 3 weeks old; PostgreSQL 18 data, database mlflow: ...` */
export function lossText(item: PruneItem, plan: Pick<PrunePlan, 'at' | 'project'>): string {
	const size = item.size === undefined ? [] : [formatDiskSize(item.size)];
	return [item.name, ...size, ...itemFacts(item, plan)].join('; ');
}

export function totalText({count, bytes, exact}: PruneTotal): string {
	if (count === 0) {
		return 'Nothing is chosen.';
	}

	const frees = exact ? formatDiskSize(bytes) : `at least ${formatDiskSize(bytes)}`;
	return `${count} chosen, which frees ${frees}.`;
}

/** A plan and a choice for scripts; `version` rises when a field changes its meaning or goes. */
export interface PlanDocument extends Omit<PrunePlan, 'holdings'> {
	/** Keys of the chosen items. */
	readonly chosen: readonly string[];
	readonly total: PruneTotal;
	/** What would have to be answered. */
	readonly confirmation: PruneConfirmation['kind'];
}

export function planDocument(plan: PrunePlan, chosen: PruneChoice): PlanDocument {
	const {holdings, ...rest} = plan;
	return {
		...rest,
		chosen: chosenItems(plan, chosen).map(({key}) => key),
		total: pruneTotal(plan, chosen),
		confirmation: confirmation(plan, chosen).kind,
	};
}
