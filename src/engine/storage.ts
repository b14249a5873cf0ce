import type {Progress, Stack} from '../stack/model.ts';
import type {PruneChoice, PrunePlan, PruneScope} from '../stack/prune.ts';

/**
 * What an engine keeps beyond its containers: looking at it, copying it, removing it. As with the rest of an engine, an
 * aborted iteration ends quietly, an aborted promise rejects with the signal's reason, and what fails throws a Failure.
 */
export interface Storage {
	/**
	 * What could be removed. The first plan comes at once, from what the engine lists; later ones are the same plan with
	 * sizes and contents, as they come. The last one is complete.
	 */
	planPrune(stack: Stack, scope: PruneScope, signal: AbortSignal): AsyncIterable<PrunePlan>;

	/**
	 * Removes what was chosen from a plan and nothing else. A step for each object; it fails with the reason for one that
	 * stays, because it changed or is used by now. `current` of a step that is done is the bytes it freed.
	 */
	prune(plan: PrunePlan, chosen: PruneChoice, signal: AbortSignal): AsyncIterable<Progress>;

	/** Where the stack's services keep data: whatever is known now, without starting anything. */
	stores(stack: Stack, signal: AbortSignal): Promise<StackStores>;

	/**
	 * Makes stores reachable for `Engine.execute`, in something that runs beside the stack's own containers and ends with
	 * this process. There are a POSIX shell, tar and find.
	 */
	openStores(
		stack: Stack,
		stores: readonly DataStore[],
		access: 'read' | 'write',
		signal: AbortSignal,
	): Promise<OpenStores>;
}

/** A volume, or a folder of the engine's host, in which services keep data. */
export interface DataStore {
	readonly kind: 'volume' | 'folder';
	/** The volume's name, or the folder's path. */
	readonly name: string;
	/** The volume's name in the compose file; for a folder, where the container has it. The same in every project. */
	readonly key: string;
	readonly role: 'database' | 'artifacts' | 'other';
}

export interface StackStores {
	readonly stores: readonly DataStore[];
	/** What the tracking server keeps elsewhere, a sentence each: in an object store, in the container itself. */
	readonly notes: readonly string[];
}

/** Stores that commands can reach. */
export interface OpenStores {
	/** Where `Engine.execute` runs the commands. */
	readonly container: string;
	/** Where each store is for such a command, in the order in which they were asked for. */
	readonly paths: readonly string[];
	close(): Promise<void>;
}
