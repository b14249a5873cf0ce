import {Failure} from '../../failure.ts';
import {nextFreePort} from '../environment/listening.ts';

/**
 * The wanted port, or the next that is free on 127.0.0.1 and not in `reserved`. Throws a Failure when none of a hundred
 * is free.
 */
export async function freePort(wanted: number, reserved: ReadonlySet<number>): Promise<number> {
	const port = await nextFreePort(wanted, reserved);
	if (port === undefined) {
		throw new Failure(`none of the ports from ${wanted} on is free`, {
			code: 'native-no-port',
			next: ['choose others: MLFLOW_PORT and MLSTACK_PG_PORT'],
		});
	}

	return port;
}

/** What the supervisor writes into the log of a service whose port it did not get. */
export function portTaken(port: number): string {
	return `port ${port} is taken on this machine`;
}

/** The same as PostgreSQL and as MLflow's uvicorn say it, on Linux (98) and on macOS (48). */
const takenWords = [
	/^mlstack: port \d+ is taken on this machine/,
	/could not bind IPv4 address "127\.0\.0\.1": Address already in use/,
	/\[Errno (?:98|48)\] error while attempting to bind on address/,
];

/** Whether a service that ended said that its port is taken. */
export function saysPortTaken(lines: readonly string[]): boolean {
	return lines.some((line) => takenWords.some((words) => words.test(line)));
}
