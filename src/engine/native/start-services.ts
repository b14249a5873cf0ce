import {Failure} from '../../failure.ts';
import type {Container} from '../../stack/model.ts';
import {ensureSupervisor} from './client.ts';
import {makeBell} from './events.ts';
import {readLog} from './log-reader.ts';
import type {ProjectPaths} from './paths.ts';
import {step, type Report} from './progress.ts';
import type {ServiceSpec} from './state-file.ts';

/** So many times the supervisor may die while services start. */
const patience = 5;

/** Lines of a service's log that are looked through for the reason of its end. */
const reasonTail = 40;

/**
 * Starts services and waits as compose does: until each runs, and until those that others depend on are healthy. Throws a
 * Failure when one of them ends meanwhile.
 */
export async function startServices(
	paths: ProjectPaths,
	program: string,
	specs: readonly ServiceSpec[],
	awaitHealth: readonly string[],
	report: Report,
	signal: AbortSignal,
): Promise<void> {
	const reported = new Map<string, string>();
	for (let attempt = 1; ; attempt++) {
		const connection = await ensureSupervisor(paths, program, signal);
		const containers = new Map<string, Container>();
		const bell = makeBell();
		signal.addEventListener('abort', () => bell.ring(), {once: true});
		const over = new AbortController();
		void connection.closed.then(() => {
			over.abort();
			bell.ring();
		});
		try {
			await connection.request({do: 'start', specs});
			connection.watch((event) => {
				const news =
					event.type === 'snapshot' ? event.containers : event.type === 'container' ? [event.container] : [];
				for (const container of news) {
					containers.set(container.service, container);
				}

				bell.ring();
			});
			while (!over.signal.aborted) {
				const change = bell.next();
				const states = specs.map(({name}) => progressOf(containers.get(name), awaitHealth.includes(name)));
				for (const {container, status, done} of states) {
					if (container && reported.get(container.service) !== status) {
						reported.set(container.service, status);
						report(step('container', container.name, done ? 'done' : 'working', status));
					}
				}

				const failed = states.find((state) => state.failed)?.container;
				if (failed) {
					report(step('container', failed.name, 'failed', `exited (${failed.exitCode ?? '?'})`));
					throw await startFailure(paths, failed);
				}

				if (states.every(({done}) => done)) {
					return;
				}

				await change;
				signal.throwIfAborted();
			}
		} catch (error) {
			if (!over.signal.aborted || attempt === patience) {
				throw error;
			}
		} finally {
			connection.close();
		}
	}
}

interface StartState {
	readonly container: Container | undefined;
	/** Compose's word. */
	readonly status: string;
	readonly done: boolean;
	readonly failed: boolean;
}

function progressOf(container: Container | undefined, health: boolean): StartState {
	if (!container || container.status === 'created') {
		return {container, status: 'Created', done: false, failed: false};
	}

	if (container.status !== 'running') {
		return {container, status: 'Exited', done: false, failed: true};
	}

	if (!health) {
		return {container, status: 'Started', done: true, failed: false};
	}

	const done = container.health === 'healthy';
	return {container, status: done ? 'Healthy' : 'Waiting', done, failed: container.health === 'unhealthy'};
}

async function startFailure(paths: ProjectPaths, {service, exitCode}: Container): Promise<Failure> {
	const lines: string[] = [];
	const {signal} = new AbortController();
	for await (const batch of readLog(paths.logs, service, {tail: reasonTail}, undefined, signal)) {
		lines.push(...batch.map(({text}) => text));
	}

	const reason = lines.findLast((line) => /FATAL|PANIC|error/i.test(line)) ?? lines.at(-1) ?? '';
	return new Failure(
		`${service} ended while it started${exitCode === undefined ? '' : ` (exit code ${exitCode})`}.`,
		{
			code: 'native-service-ended',
			why: reason,
			next: [`mlstack logs ${service}`],
		},
	);
}
