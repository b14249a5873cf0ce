import type {Engine} from './engine/engine.ts';
import {portsWithoutOwner} from './stack/diagnosis/inputs.ts';
import type {Store} from './store.ts';

/** Asks who has the ports that an operation was refused, so that its card can say so. */
export async function tellPortOwners(store: Store, engine: Engine, signal: AbortSignal): Promise<void> {
	for (const port of portsWithoutOwner(store.getState().diagnosis)) {
		const owner = await engine.portOwner(port, signal).catch(() => undefined);
		if (owner !== undefined) {
			store.dispatch({type: 'port-owner', port, owner});
		}
	}
}
