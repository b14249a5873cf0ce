import type {Stack} from '../model.ts';
import {pruneKey, type ContainerFacts, type PruneFacts, type PruneItem, type PruneScope} from '../prune.ts';
import {familiarReference} from './reference.ts';

/** The engine's container states in which nothing runs; such a container can be removed without force. */
export const stoppedStatuses: ReadonlySet<string> = new Set(['created', 'exited', 'dead']);

/** Who uses what, looked up by the rules below. */
export class PlanContext {
	readonly scope: PruneScope;
	readonly stack: Stack;
	/** As the services name them. */
	readonly references: ReadonlySet<string>;
	readonly #byImage: ReadonlyMap<string, readonly ContainerFacts[]>;
	readonly #byVolume: ReadonlyMap<string, readonly ContainerFacts[]>;
	readonly #byNetwork: ReadonlyMap<string, readonly ContainerFacts[]>;

	constructor(facts: PruneFacts, scope: PruneScope, stack: Stack) {
		this.scope = scope;
		this.stack = stack;
		this.references = new Set(
			stack.services.flatMap(({image}) => (image === undefined ? [] : [familiarReference(image)])),
		);
		this.#byImage = index(facts.containers, (container) => [container.imageId]);
		this.#byVolume = index(facts.containers, (container) => container.volumes);
		this.#byNetwork = index(facts.containers, (container) => container.networks);
	}

	ofImage(id: string): readonly ContainerFacts[] {
		return this.#byImage.get(id) ?? [];
	}

	ofVolume(name: string): readonly ContainerFacts[] {
		return this.#byVolume.get(name) ?? [];
	}

	ofNetwork(id: string): readonly ContainerFacts[] {
		return this.#byNetwork.get(id) ?? [];
	}

	isOwn(project: string | undefined): boolean {
		return project === this.stack.project;
	}

	/** A stopped container that is an item of this plan: it can go together with what it uses. */
	canGo(container: ContainerFacts): boolean {
		return (
			stoppedStatuses.has(container.status) && (this.scope === 'engine' || this.isOwn(container.project))
		);
	}
}

function index(
	containers: readonly ContainerFacts[],
	keys: (container: ContainerFacts) => readonly string[],
): ReadonlyMap<string, readonly ContainerFacts[]> {
	const found = new Map<string, ContainerFacts[]>();
	for (const container of containers) {
		for (const key of keys(container)) {
			const list = found.get(key);
			if (list) {
				list.push(container);
			} else {
				found.set(key, [container]);
			}
		}
	}

	return found;
}

/** What the containers of an object mean for it: blocked by those that stay, bound to those that can go. */
export function usage(
	users: readonly ContainerFacts[],
	context: PlanContext,
): Pick<PruneItem, 'usedBy' | 'requires' | 'blocked'> {
	const staying = users.filter((container) => !context.canGo(container));
	const going = users.filter((container) => context.canGo(container));
	const [first] = staying;
	return {
		usedBy: [...staying, ...going].map(({name}) => name),
		requires: going.map(({id}) => pruneKey('container', id)),
		...(first && {blocked: inUse(first, context)}),
	};
}

function inUse(container: ContainerFacts, context: PlanContext): string {
	const whose =
		container.project === undefined || context.isOwn(container.project)
			? ''
			: ` of project ${container.project}`;
	const state = stoppedStatuses.has(container.status) ? '' : `, which is ${container.status}`;
	return `used by ${container.name}${whose}${state}`;
}
