import {setTimeout as sleep} from 'node:timers/promises';
import {Failure} from '../../failure.ts';
import {formatDuration} from '../../stack/format.ts';
import type {Container, Stack} from '../../stack/model.ts';
import type {Engine} from '../engine.ts';
import {currentContainers, operate} from './containers.ts';
import {clientCommand, databasesAndOwnTables, databasesOf, query} from './psql.ts';
import type {Reporter} from './reporting.ts';
import {runText, type Executor} from './run.ts';

/** How long a server may take until it accepts connections, in ms: after a crash it reads its log first. */
const startTimeout = 300_000;

/** How long the engine may take to start one again that stopped by itself, in ms. */
const restartTimeout = 30_000;

/** Milliseconds between asking a starting server. */
const askInterval = 300;

/** How long taking down what was started may take, in ms; it is done even when the work was cancelled. */
const stopTimeout = 120_000;

/** A database server that accepts connections. */
export interface RunningDatabase {
	readonly container: string;
	readonly service: string;
	/** The superuser. */
	readonly user: string;
	/** `18.4` */
	readonly version: string;
	readonly major: number;
	/** Those that hold somebody's data, when it was opened. */
	readonly databases: readonly string[];
	/** As they were before it was started. */
	readonly containers: readonly Container[];
	/** Its service, when it ran before; else nothing. */
	readonly ran: readonly string[];
	/** Puts the stack back as it was found. */
	close(): Promise<void>;
}

/**
 * The stack's database server; started, and nothing else with it, when it does not run. Throws a Failure when the stack
 * has none or several, or when it does not come up.
 */
export async function openDatabase(
	engine: Engine,
	stack: Stack,
	reporter: Reporter,
	signal: AbortSignal,
): Promise<RunningDatabase> {
	const containers = await currentContainers(engine, stack, signal);
	const service = databaseService(stack, containers);
	const running = containers.find((one) => one.service === service && isUp(one));
	const close = async (): Promise<void> => {
		if (running === undefined) {
			const kind = containers.length === 0 ? 'down' : 'stop';
			const services = containers.length === 0 ? [] : [service];
			await operate(engine, kind, stack, services, reporter, AbortSignal.timeout(stopTimeout));
		}
	};
	try {
		const container = running ?? (await start(engine, stack, service, containers, reporter, signal));
		// Asked at once, as a server that runs nearly always answers; and again where it did not.
		const early = identity(engine, container, signal);
		early.catch(() => {});
		await accepting(engine, stack, container, reporter, signal);
		return {
			container: container.id,
			service,
			containers,
			ran: running === undefined ? [] : [service],
			close,
			...(await early.catch(async () => identity(engine, container, signal))),
		};
	} catch (error) {
		await close().catch(() => {});
		throw error;
	}
}

/** It runs, or the engine is about to start it again. */
function isUp({status}: Container): boolean {
	return status === 'running' || status === 'restarting';
}

/** The service whose role is the database's. Throws a Failure when there is none, or more than one. */
export function databaseService(stack: Stack, containers: readonly Container[]): string {
	const names = new Set([
		...containers.filter(({role}) => role === 'database').map(({service}) => service),
		...stack.services.filter(({role}) => role === 'database').map(({name}) => name),
	]);
	const [first, ...others] = names;
	if (first === undefined) {
		throw new Failure(`the project ${stack.project} has no PostgreSQL`, {
			code: 'no-database',
			why: 'no service of it is recognised as a database',
			next: ['label the service in the compose file: mlstack.role: database'],
		});
	}

	if (others.length > 0) {
		throw new Failure(`the project ${stack.project} has several databases: ${[...names].join(', ')}`, {
			code: 'several-databases',
			why: 'a backup is of one database server',
			next: ['label the others in the compose file: mlstack.role: other'],
		});
	}

	return first;
}

async function start(
	engine: Engine,
	stack: Stack,
	service: string,
	containers: readonly Container[],
	reporter: Reporter,
	signal: AbortSignal,
): Promise<Container> {
	const exists = containers.some((one) => one.service === service);
	if (!exists && stack.files.length === 0) {
		throw new Failure(`${service} has no container, and no compose file is known to make one`, {
			code: 'no-compose-file',
			next: ['name the file: mlstack -f compose.yaml'],
		});
	}

	await operate(engine, exists ? 'start' : 'up', stack, [service], reporter, signal);
	const now = await currentContainers(engine, stack, signal);
	const started = now.find((one) => one.service === service && one.status === 'running');
	if (started === undefined) {
		throw notUp(stack, service, 'its container has stopped again');
	}

	return started;
}

/**
 * Waits until a server takes connections over TCP: on its socket it does so for a moment while it is initialised. Throws a
 * Failure when it does not in time, or when its container has stopped.
 */
export async function accepting(
	engine: Engine,
	stack: Stack,
	{id, service}: Pick<Container, 'id' | 'service'>,
	reporter: Reporter,
	signal: AbortSignal,
): Promise<void> {
	const what = `database ${service}`;
	const since = Date.now();
	let stoppedAt: number | undefined;
	for (;;) {
		try {
			await runText(
				engine,
				id,
				clientCommand('pg_isready', '-q', '-h', '127.0.0.1', '-d', 'template1'),
				{what: 'pg_isready'},
				signal,
			);
			break;
		} catch (error) {
			if (!(error instanceof Failure) || !['command-failed', 'conflict'].includes(error.code)) {
				throw error;
			}

			if (error.code === 'conflict') {
				stoppedAt ??= Date.now();
				const isLong = Date.now() - stoppedAt > restartTimeout;
				const containers = await currentContainers(engine, stack, signal);
				if (isLong || !containers.some((one) => one.id === id && isUp(one))) {
					throw notUp(stack, service, 'its container has stopped');
				}
			}
		}

		if (Date.now() - since > startTimeout) {
			throw notUp(stack, service, `it accepts no connections after ${formatDuration(startTimeout)}`);
		}

		reporter.step(what, service, 'working', 'Waiting for connections');
		await sleep(askInterval, undefined, {signal});
	}

	reporter.step(what, service, 'done', 'Accepts connections');
}

/**
 * Who the server is and what it holds, in one question: each takes a tenth of a second. Throws a Failure for one that
 * listens to nobody: the image runs such a one to make the databases, some of which are not there yet
 * (https://github.com/docker-library/postgres/blob/master/docker-entrypoint.sh, docker_temp_server_start).
 */
export async function identity(
	executor: Executor,
	{id, service}: Pick<Container, 'id' | 'service'>,
	signal: AbortSignal,
): Promise<Pick<RunningDatabase, 'user' | 'version' | 'major' | 'databases'>> {
	const sql = `
select current_user, split_part(current_setting('server_version'), ' ', 1), current_setting('server_version_num'),
	current_setting('listen_addresses');
${databasesAndOwnTables}`;
	const [row = [], ...rows] = await query(executor, id, 'template1', sql, signal);
	const [, , , listensAt] = row;
	if (listensAt === '') {
		throw new Failure(`${service} accepts no connections yet`, {code: 'database-not-up'});
	}

	return {...serverOf(row), databases: databasesOf(rows)};
}

/** PostgreSQL 9.6, the oldest whose psql can count the rows of every table (`\gexec`). */
const oldestServer = 90_600;

/** Who a server said it is: user, version, and its number. Throws a Failure for one that is too old. */
export function serverOf(row: readonly string[]): Pick<RunningDatabase, 'user' | 'version' | 'major'> {
	const [user = '', version = '', number = '0'] = row;
	if (Number(number) < oldestServer) {
		throw new Failure(`PostgreSQL ${version} is too old`, {
			code: 'postgres-too-old',
			why: 'a backup is read from PostgreSQL 9.6 or newer',
			next: ['dump it with pg_dump of its own version, and restore that into a newer server'],
		});
	}

	return {user, version, major: Math.floor(Number(number) / 10_000)};
}

function notUp({project}: Stack, service: string, why: string): Failure {
	return new Failure(`${service} does not come up`, {
		code: 'database-not-up',
		why,
		next: [`mlstack -p ${project} logs ${service}`],
	});
}
