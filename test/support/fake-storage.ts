import {setTimeout as delay} from 'node:timers/promises';
import type {Storage} from '../../src/engine/storage.ts';
import type {Progress, Stack} from '../../src/stack/model.ts';
import type {PruneFacts, PruneScope} from '../../src/stack/prune.ts';
import {chosenItems} from '../../src/stack/prune/choose.ts';
import {makePlan} from '../../src/stack/prune/plan.ts';

/** A storage in memory: a test says what it holds and what stays, and sees what was removed. */
export class FakeStorage implements Storage {
	/** Names of what was removed. */
	readonly removed: string[] = [];
	readonly scopes: PruneScope[] = [];
	/** How many plans are being made now. */
	planning = 0;
	/** How long, in ms, the slow parts of a plan take, and the removal of an object. */
	slowness = 0;
	/** Names of what cannot be removed. */
	stubborn: readonly string[] = [];
	/** What a plan fails with. */
	failure: Error | undefined;
	readonly #facts: PruneFacts;

	constructor(facts: PruneFacts) {
		this.#facts = facts;
	}

	/** First without what is slow: sizes of volumes, and the build cache. */
	async *planPrune(stack: Stack, scope: PruneScope, signal: AbortSignal): ReturnType<Storage['planPrune']> {
		this.scopes.push(scope);
		this.planning++;
		try {
			if (this.failure) {
				throw this.failure;
			}

			const {buildCache, ...rest} = this.#facts;
			const volumes = rest.volumes.map(({size, holds, ...volume}) => volume);
			yield makePlan({...rest, volumes, complete: false}, scope, stack);
			await delay(this.slowness, undefined, {signal});
			yield makePlan(this.#facts, scope, stack);
		} catch (error) {
			if (!signal.aborted) {
				throw error;
			}
		} finally {
			this.planning--;
		}
	}

	async *prune(...[plan, chosen, signal]: Parameters<Storage['prune']>): ReturnType<Storage['prune']> {
		for (const {key, name, size = 0} of chosenItems(plan, chosen)) {
			await delay(this.slowness, undefined, {signal}).catch(() => undefined);
			if (signal.aborted) {
				return;
			}

			const stays = this.stubborn.includes(name);
			this.removed.push(...(stays ? [] : [name]));
			const step: Progress = {
				type: 'step',
				at: Date.now(),
				id: key,
				kind: 'other',
				name,
				state: stays ? 'failed' : 'done',
				status: stays ? 'it is in use' : 'Removed',
				current: stays ? 0 : size,
			};
			yield step;
		}
	}

	readonly stores: Storage['stores'] = async () => Promise.resolve({stores: [], notes: []});

	readonly openStores: Storage['openStores'] = async () =>
		Promise.reject(new Error('there are no stores here'));
}
