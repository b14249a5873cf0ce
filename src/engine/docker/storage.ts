import type {Storage} from '../storage.ts';
import type {Connection} from './connection.ts';
import {prune} from './prune.ts';
import {planPrune} from './prune-plan.ts';
import {listStores, openStores} from './stores.ts';
import {readContents} from './volume-contents.ts';

/** The Docker Engine's images, volumes, networks and build cache. */
export function dockerStorage(connection: Connection): Storage {
	return {
		planPrune: (stack, scope, signal) =>
			planPrune(
				connection,
				stack,
				scope,
				async (facts, until) => readContents(connection, stack, scope, facts, until),
				signal,
			),
		prune: (plan, chosen, signal) => prune(connection, plan, chosen, signal),
		stores: async (stack, signal) => listStores(connection, stack, signal),
		openStores: async (stack, stores, access, signal) =>
			openStores(connection, stack, stores, access, signal),
	};
}
