import {Failure} from '../../failure.ts';
import {planItems, type PruneChoice, type PruneItem, type PrunePlan} from '../prune.ts';
import {preselected, select, selectWhere} from './choose.ts';
import {pruneGroups, type GroupRow} from './groups.ts';

/** What the options of `mlstack prune` ask for. */
export interface PruneRequest {
	readonly images: boolean;
	readonly buildCache: boolean;
	/** Volumes by name, as the engine or the compose file has it; `all` of the plan. */
	readonly volumes: 'none' | 'all' | readonly string[];
	/** Only what was made, or for the build cache last used, before this; milliseconds since 1970. */
	readonly until?: number;
}

/** Without options what nobody will miss; with options also what they name. Throws a Failure for a volume that is not there. */
export function choose(plan: PrunePlan, request: PruneRequest): PruneChoice {
	const {until = Number.POSITIVE_INFINITY, volumes} = request;
	const groups = new Map<string, GroupRow>(pruneGroups.map((group) => [group.name, group]));
	const optionOf = new Map(
		plan.groups.flatMap(({name, items}) => items.map(({key}) => [key, groups.get(name)?.option] as const)),
	);
	const first = preselected(plan);
	const chosen = selectWhere(plan, new Set(), ({key, createdAt}) => {
		const option = optionOf.get(key);
		const isWanted =
			first.has(key) ||
			(option === 'images' && request.images) ||
			(option === 'buildCache' && request.buildCache) ||
			(option === 'volumes' && volumes === 'all');
		return isWanted && createdAt <= until;
	});
	return typeof volumes === 'string'
		? chosen
		: volumes.reduce((choice, name) => select(plan, choice, volumeNamed(plan, name).key), chosen);
}

function volumeNamed(plan: PrunePlan, name: string): PruneItem {
	const volumes = planItems(plan).filter(({kind}) => kind === 'volume');
	const found =
		volumes.find((item) => item.name === name) ??
		volumes.find((item) => item.name === `${plan.project}_${name}`);
	if (found === undefined) {
		throw new Failure(`there is no volume ${name} in the plan`, {
			code: 'unknown-volume',
			reason: 'wrongCall',
			why: `it has ${volumes.map((item) => item.name).join(', ') || 'none'}`,
			next: ['mlstack prune --volumes --dry-run'],
		});
	}

	if (found.blocked !== undefined) {
		throw new Failure(`the volume ${found.name} cannot be removed`, {
			code: 'volume-in-use',
			why: found.blocked,
			next: ['mlstack down'],
		});
	}

	return found;
}
