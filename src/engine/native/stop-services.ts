import {rmSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import {connectSupervisor, ensureSupervisor, runsElsewhere, type SupervisorConnection} from './client.ts';
import {isHolder, takeLock} from './lock.ts';
import {logPaths} from './log-format.ts';
import {folderFailure, type ProjectPaths} from './paths.ts';
import {isAlive} from './process-table.ts';
import {step, type Report} from './progress.ts';
import {readState, writeState, type Entry} from './state-file.ts';
import {hasOrphans} from './truth.ts';

/** How long, in ms, the supervisor and its guard may take to end after the last service has. */
const endTimeout = 5000;
const lookInterval = 20;

/** Stops services, or removes them with their logs; all when `services` is empty. Their data stay. Throws a Failure. */
export async function stopServices(
	paths: ProjectPaths,
	program: string,
	action: 'stop' | 'remove',
	services: readonly string[],
	report: Report,
	signal: AbortSignal,
): Promise<void> {
	const state = readState(paths.state);
	const meant = state.entries.filter(({spec}) => services.length === 0 || services.includes(spec.name));
	const names = meant.map(({spec}) => spec.name);
	const tell = (entries: readonly Entry[], done: boolean): void => {
		const status = action === 'stop' ? (done ? 'Stopped' : 'Stopping') : done ? 'Removed' : 'Removing';
		for (const {container} of entries) {
			report(step('container', container.name, done ? 'done' : 'working', status));
		}
	};

	tell(meant, false);
	const connection = hasOrphans(state)
		? await ensureSupervisor(paths, program, signal)
		: await connectSupervisor(paths);
	if (connection) {
		await throughSupervisor(connection, action, names, signal);
	} else {
		withoutSupervisor(paths, action, names);
	}

	const rest = readState(paths.state).entries;
	if (!rest.some(({wanted}) => wanted)) {
		await endOfSupervision([state.guard, state.supervisor], signal);
	}

	if (rest.length === 0) {
		for (const path of [paths.state, paths.run, paths.logs, paths.supervisorLog]) {
			rmSync(path, {recursive: true, force: true});
		}
	}

	tell(meant, true);
}

async function throughSupervisor(
	connection: SupervisorConnection,
	action: 'stop' | 'remove',
	services: readonly string[],
	signal: AbortSignal,
): Promise<void> {
	const abort = (): void => {
		connection.close();
	};

	signal.addEventListener('abort', abort, {once: true});
	try {
		await connection.request({do: action, services});
	} finally {
		signal.removeEventListener('abort', abort);
		connection.close();
	}

	signal.throwIfAborted();
}

/** Nothing runs, as after a reboot: only the state is to be changed. The lock keeps a supervisor from starting meanwhile. */
function withoutSupervisor(
	paths: ProjectPaths,
	action: 'stop' | 'remove',
	services: readonly string[],
): void {
	const state = readState(paths.state);
	if (state.entries.length === 0) {
		return;
	}

	try {
		const lock = takeLock(paths.lock);
		if (isHolder(lock)) {
			throw runsElsewhere(paths, lock);
		}

		try {
			const isMeant = ({spec}: Entry): boolean => services.includes(spec.name);
			const entries =
				action === 'remove'
					? state.entries.filter((entry) => !isMeant(entry))
					: state.entries.map((entry) => (isMeant(entry) ? stopped(entry) : entry));
			writeState(paths.state, {entries});
			for (const path of action === 'remove' ? services.flatMap((name) => logPaths(paths.logs, name)) : []) {
				rmSync(path, {force: true});
			}
		} finally {
			lock.release();
		}
	} catch (error) {
		throw folderFailure(error, paths.folder);
	}
}

function stopped({process: gone, ...entry}: Entry): Entry {
	return {...entry, wanted: false, container: {...entry.container, status: 'exited', health: 'none'}};
}

/** `down` leaves no process behind: not its own helpers either. */
async function endOfSupervision(
	processes: ReadonlyArray<Parameters<typeof isAlive>[0] | undefined>,
	signal: AbortSignal,
): Promise<void> {
	const deadline = Date.now() + endTimeout;
	const someAlive = (): boolean => processes.some((one) => one !== undefined && isAlive(one));
	while (someAlive() && Date.now() < deadline) {
		await sleep(lookInterval, undefined, {signal});
	}
}
