import type {VolumePlace} from './prune/volume-place.ts';

/**
 * What could be removed from an engine, and what that would free and lose. Plain data: an engine collects the facts,
 * `makePlan` turns them into a plan, the screen or the command chooses from it, and the engine removes what was chosen
 * and nothing else.
 */

/** `stack`: what belongs to one compose project. `engine`: everything on the engine that nothing uses. */
export type PruneScope = 'stack' | 'engine';

/** Docker's kinds of objects, in the order in which they are removed: what uses comes before what is used. */
export const pruneKinds = ['container', 'network', 'image', 'volume', 'buildCache'] as const;
export type PruneKind = (typeof pruneKinds)[number];

export interface ContainerFacts {
	readonly id: string;
	readonly name: string;
	readonly project?: string;
	readonly service?: string;
	/** Made by `compose run`. */
	readonly oneOff: boolean;
	/** The engine's `State`: `running`, `exited`, ... */
	readonly status: string;
	/** Milliseconds since 1970. */
	readonly createdAt: number;
	/** The image's id, which stays right when a tag moves on. */
	readonly imageId: string;
	/** Names of the volumes it mounts. */
	readonly volumes: readonly string[];
	/** Ids of the networks it is attached to. */
	readonly networks: readonly string[];
	/** Bytes of its writable layer. */
	readonly size?: number;
}

export interface ImageFacts {
	readonly id: string;
	/** `name:tag`, as the engine writes it. An image without tags and digests is dangling. */
	readonly tags: readonly string[];
	/** `name@sha256:...` */
	readonly digests: readonly string[];
	/** `com.docker.compose.project`, which compose sets on the images that it builds. */
	readonly project?: string;
	readonly createdAt: number;
	/** Bytes of all its layers. */
	readonly total: number;
	/** Bytes that no other image shares. */
	readonly unique?: number;
	/** Its layers from the bottom up, each with what it takes on disk. The id covers the layers below it too. */
	readonly layers?: readonly LayerFacts[];
}

export interface LayerFacts {
	readonly id: string;
	readonly size: number;
}

export interface VolumeFacts {
	readonly name: string;
	readonly driver: string;
	readonly project?: string;
	/** The volume's name in the compose file. */
	readonly key?: string;
	/** Made for a container that named none; nothing but that container knows its name. */
	readonly anonymous: boolean;
	/** Absent for a plain one, whose contents are in a folder of the engine's own. */
	readonly place?: VolumePlace;
	/** The engine's own stamp, as it writes it; a volume made anew under the name has another one. */
	readonly createdAt: string;
	/** Bytes. */
	readonly size?: number;
	/** What it holds, for people: `PostgreSQL 18 data, database mlflow: 12 experiments, 340 runs`. */
	readonly holds?: string;
}

export interface NetworkFacts {
	readonly id: string;
	readonly name: string;
	readonly project?: string;
	readonly createdAt: number;
}

/** A record of BuildKit's cache. */
export interface CacheFacts {
	readonly id: string;
	readonly type: string;
	/** The build step that made it. */
	readonly description: string;
	readonly size: number;
	/** A build uses it now. */
	readonly inUse: boolean;
	/** An image holds the same layer. */
	readonly shared: boolean;
	readonly createdAt: number;
	readonly lastUsedAt?: number;
}

/** What an engine knows. What is slow to compute is absent at first. */
export interface PruneFacts {
	/** When it was read, milliseconds since 1970. */
	readonly at: number;
	readonly containers: readonly ContainerFacts[];
	readonly images: readonly ImageFacts[];
	readonly volumes: readonly VolumeFacts[];
	readonly networks: readonly NetworkFacts[];
	readonly buildCache?: readonly CacheFacts[];
	/** What could not be found out, a sentence each. */
	readonly notes: readonly string[];
	/** Nothing slow is outstanding. */
	readonly complete: boolean;
}

/** One object that could go. */
export interface PruneItem {
	/** Kind and id, unique within the plan. */
	readonly key: string;
	readonly kind: PruneKind;
	/** What the engine removes it by: an id, or a volume's name. */
	readonly id: string;
	readonly name: string;
	/** The compose project that it belongs to. */
	readonly project?: string;
	/** Bytes freed when this alone goes; absent while unknown. */
	readonly size?: number;
	/** Bytes that it holds together with others, which stay until the last of them goes. */
	readonly shared?: number;
	/** Milliseconds since 1970; of a cache record, when it was last used. */
	readonly createdAt: number;
	/** Names of the containers that use it, running ones first. */
	readonly usedBy: readonly string[];
	/** What would be lost with it. */
	readonly holds?: string;
	/** Why it cannot be chosen. */
	readonly blocked?: string;
	/** Keys of items that have to go with it: the stopped containers of an image. */
	readonly requires: readonly string[];
	/** Chosen unless somebody says otherwise. Never a volume. */
	readonly preselected: boolean;
	/** How it was when the plan was made; it is removed only if it still is so. */
	readonly mark: string;
}

export interface PruneGroup {
	readonly name: PruneGroupName;
	readonly title: string;
	/** What the group is, and what removing it costs. */
	readonly note: string;
	readonly items: readonly PruneItem[];
}

export type PruneGroupName =
	| 'stopped-containers'
	| 'stack-images'
	| 'dangling-images'
	| 'unused-images'
	| 'build-cache'
	| 'stack-volumes'
	| 'anonymous-volumes'
	| 'unused-volumes'
	| 'networks';

/** Bytes that go when the last of their holders goes: layers that images, or images and the build cache, share. */
export interface Holding {
	readonly size: number;
	/** Keys; one that is not an item of the plan stays, and so do these bytes. */
	readonly holders: readonly string[];
}

export interface PrunePlan {
	/** Of this shape; rises when a field changes its meaning or goes. */
	readonly version: 1;
	readonly scope: PruneScope;
	/** The stack's project. */
	readonly project: string;
	readonly at: number;
	/** All sizes and contents are there. */
	readonly complete: boolean;
	/** In the order of the screen, none of them empty. */
	readonly groups: readonly PruneGroup[];
	/** What the images and the build cache take, by who holds it; empty while unknown. */
	readonly holdings: readonly Holding[];
	/** How many objects of the engine are in use and therefore not listed. */
	readonly kept: number;
	readonly notes: readonly string[];
}

/** Keys of the chosen items. */
export type PruneChoice = ReadonlySet<string>;

export function pruneKey(kind: PruneKind, id: string): string {
	return `${kind} ${id}`;
}

/** Every item of a plan, in the order of the screen. */
export function planItems(plan: PrunePlan): readonly PruneItem[] {
	return plan.groups.flatMap((group) => group.items);
}
