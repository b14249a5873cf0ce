import {Failure} from '../../failure.ts';
import {portState} from '../environment/listening.ts';

/** So many ports are tried from the wanted one on. */
const attempts = 100;

/**
 * The wanted port, or the next that is free on 127.0.0.1 and not in `reserved`. Throws a Failure when none of a hundred
 * is free.
 */
export async function freePort(wanted: number, reserved: ReadonlySet<number>): Promise<number> {
	for (let port = wanted; port < wanted + attempts && port <= 65_535; port++) {
		if (!reserved.has(port) && (await portState(port)) === 'free') {
			return port;
		}
	}

	throw new Failure(`None of the ports ${wanted} to ${wanted + attempts - 1} is free.`, {
		code: 'native-no-port',
		next: ['choose others: MLFLOW_PORT and MLSTACK_PG_PORT'],
	});
}
