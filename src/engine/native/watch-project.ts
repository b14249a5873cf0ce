import type {StackEvent} from '../../stack/model.ts';
import {connectSupervisor, ensureSupervisor, type SupervisorConnection} from './client.ts';
import {makeBell, makeChannel, watchFolder} from './events.ts';
import type {ProjectPaths} from './paths.ts';
import {readState} from './state-file.ts';
import {hasOrphans, trueContainers} from './truth.ts';

/** How often, in ms, the truth is looked up while processes run without a supervisor: a second, until its guard acts. */
const orphanInterval = 300;

/** After so long, in ms, without one, a new supervisor is started: its guard is dead, too. */
const orphanPatience = 1500;

/**
 * What happens to a project: from the supervisor while there is one; else what is true without one, looked up when a
 * file changes. Ends with the signal.
 */
export async function* watchProject(
	paths: ProjectPaths,
	program: string,
	signal: AbortSignal,
): AsyncGenerator<StackEvent> {
	const bell = makeBell();
	signal.addEventListener('abort', () => bell.ring(), {once: true});
	watchFolder(paths.folder, bell, signal);
	watchFolder(paths.run, bell, signal);
	let last = '';
	let orphanedSince: number | undefined;
	while (!signal.aborted) {
		const change = bell.next();
		const connection = await connectSupervisor(paths).catch(() => undefined);
		if (connection) {
			orphanedSince = undefined;
			last = '';
			yield* eventsOver(connection, signal);
			continue;
		}

		const state = readState(paths.state);
		const containers = trueContainers(state);
		const text = JSON.stringify(containers);
		if (text !== last) {
			last = text;
			yield {type: 'snapshot', at: Date.now(), containers};
		}

		if (!hasOrphans(state)) {
			orphanedSince = undefined;
			await change;
			continue;
		}

		orphanedSince ??= Date.now();
		if (Date.now() - orphanedSince > orphanPatience) {
			orphanedSince = Date.now();
			const revived = await ensureSupervisor(paths, program, signal).catch(() => undefined);
			revived?.close();
		}

		await Promise.race([change, pause(orphanInterval)]);
	}
}

async function* eventsOver(
	connection: SupervisorConnection,
	signal: AbortSignal,
): AsyncGenerator<StackEvent> {
	const events = makeChannel<StackEvent>();
	const abort = (): void => {
		connection.close();
	};

	signal.addEventListener('abort', abort, {once: true});
	void connection.closed.then(() => {
		events.end();
	});
	connection.watch((event) => {
		events.push(event);
	});
	try {
		yield* events;
	} finally {
		signal.removeEventListener('abort', abort);
		connection.close();
	}
}

async function pause(milliseconds: number): Promise<void> {
	return new Promise((resolve) => {
		setTimeout(resolve, milliseconds);
	});
}
