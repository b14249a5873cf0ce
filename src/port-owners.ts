import type {Engine} from './engine/engine.ts';
import {askPort} from './engine/port-inquiry.ts';
import {portsWithoutOwner, publishedPorts} from './stack/diagnosis/inputs.ts';
import type {Store} from './store.ts';

/** Asks who has the ports that an operation was refused, and which are free, so that its card can say so. */
export async function tellPortOwners(store: Store, engine: Engine, signal: AbortSignal): Promise<void> {
	for (const port of portsWithoutOwner(store.getState().diagnosis)) {
		const {diagnosis} = store.getState();
		const answer = await askPort(engine, port, publishedPorts(diagnosis), signal).catch(() => undefined);
		if (answer) {
			store.dispatch({type: 'port-owner', port, ...answer});
		}
	}
}
