import {Failure} from '../../failure.ts';
import type {Container} from '../../stack/model.ts';
import {ensureSupervisor} from './client.ts';
import {makeBell} from './events.ts';
import {readLog} from './log-reader.ts';
import type {ProjectPaths} from './paths.ts';
import {saysPortTaken} from './ports.ts';
import {step, type Report} from './progress.ts';
import type {ServiceSpec} from './state-file.ts';

/** So many times the supervisor may die while services start. */
const patience = 5;

/** Lines of a service's log that are looked through for the reason of its end. */
const reasonTail = 40;

/** The code of the Failure of a service whose port another program has. */
export const portTakenCode = 'native-port-taken';

/**
 * Starts services and waits until each runs, and until those of `awaitHealth` are healthy. Throws a Failure when one of
 * them ends meanwhile.
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
		const began = Date.now();
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
					const failure = await startFailure(paths, failed, began);
					if (failure.code !== portTakenCode) {
						report(step('container', failed.name, 'failed', `exited (${failed.exitCode ?? '?'})`));
					}

					throw failure;
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

/** `since`: lines of before (milliseconds since 1970) tell of an earlier start. */
async function startFailure(
	paths: ProjectPaths,
	{service, exitCode, ports, status}: Container,
	since: number,
): Promise<Failure> {
	const lines: string[] = [];
	const {signal} = new AbortController();
	for await (const batch of readLog(paths.logs, service, {tail: reasonTail}, undefined, signal)) {
		lines.push(...batch.filter(({time}) => time >= since * 1000).map(({text}) => text));
	}

	if (saysPortTaken(lines)) {
		return new Failure(`port ${ports[0]?.published} is taken on this machine`, {
			code: portTakenCode,
			why: `${service} cannot listen there.`,
			next: [`mlstack -p ${paths.project} up (which chooses another port)`],
		});
	}

	const reason = lines.findLast((line) => /FATAL|PANIC|error/i.test(line)) ?? lines.at(-1) ?? '';
	const what =
		status === 'running'
			? `${service} runs, but did not become healthy`
			: `${service} ended while it started${exitCode === undefined ? '' : ` (exit code ${exitCode})`}`;
	return new Failure(what, {code: 'native-service-ended', why: reason, next: [`mlstack logs ${service}`]});
}
