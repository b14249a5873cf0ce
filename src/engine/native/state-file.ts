import {readFileSync, renameSync, writeFileSync} from 'node:fs';
import type {Container, ContainerStatus, Health, PublishedPort, Role} from '../../stack/model.ts';
import {arrayIn, isRecord, numberIn, recordIn, stringIn, stringsOf} from '../json.ts';
import type {ProcessIdentity} from './process-table.ts';

/** How to tell that a service works. */
export type HealthCheck =
	| {readonly kind: 'postgres'; readonly port: number; readonly user: string; readonly database: string}
	| {readonly kind: 'http'; readonly port: number; readonly path: string};

/** All that the supervisor needs to run a service: what a compose file's entry is to Docker. */
export interface ServiceSpec {
	readonly name: string;
	readonly role: Role;
	/** For people: `postgres:18.4`. */
	readonly image: string;
	readonly command: readonly string[];
	/** The whole environment: nothing is inherited. */
	readonly environment: Readonly<Record<string, string>>;
	readonly directory: string;
	/** The unprivileged account to run it as, when mlstack runs as root. */
	readonly account?: {readonly uid: number; readonly gid: number};
	readonly ports: readonly PublishedPort[];
	/** Must be healthy before this one starts, if they are to run at all. */
	readonly dependsOn: readonly string[];
	readonly stopSignal: 'SIGINT' | 'SIGTERM';
	/** Milliseconds from the stop signal to SIGKILL. */
	readonly stopGrace: number;
	readonly health: HealthCheck;
	/** PostgreSQL's data folder, whose lock file may be stale after a reboot. */
	readonly cluster?: string;
}

/** A service that was started once and not taken down since: what a container is to Docker. */
export interface Entry {
	readonly spec: ServiceSpec;
	readonly container: Container;
	/** To run, and to be started again when it ends. */
	readonly wanted: boolean;
	/** The service's main process, the leader of its group. */
	readonly process?: ProcessIdentity;
}

export interface ProjectState {
	/** The shell that starts the supervisor again when it was killed. */
	readonly guard?: ProcessIdentity;
	readonly supervisor?: ProcessIdentity;
	readonly entries: readonly Entry[];
}

export const noState: ProjectState = {entries: []};

/** What was last written; nothing when there is no such file. Written whole or not at all, so it is never half there. */
export function readState(path: string): ProjectState {
	let text: string;
	try {
		text = readFileSync(path, 'utf8');
	} catch {
		return noState;
	}

	try {
		return parseState(JSON.parse(text));
	} catch {
		return noState;
	}
}

/** Throws what the file system throws. */
export function writeState(path: string, state: ProjectState): void {
	const temporary = `${path}.new`;
	writeFileSync(temporary, JSON.stringify(state, undefined, '\t'), {mode: 0o600});
	renameSync(temporary, path);
}

export function parseState(value: unknown): ProjectState {
	const guard = parseIdentity(recordIn(value, 'guard'));
	const supervisor = parseIdentity(recordIn(value, 'supervisor'));
	return {
		...(guard && {guard}),
		...(supervisor && {supervisor}),
		entries: arrayIn(value, 'entries').flatMap((entry) => parseEntry(entry) ?? []),
	};
}

function parseEntry(value: unknown): Entry | undefined {
	const spec = parseSpec(recordIn(value, 'spec'));
	const container = parseContainer(recordIn(value, 'container'));
	const process = parseIdentity(recordIn(value, 'process'));
	return spec && container
		? {
				spec,
				container,
				wanted: isRecord(value) && value['wanted'] === true,
				...(process && {process}),
			}
		: undefined;
}

function parseIdentity(value: unknown): ProcessIdentity | undefined {
	const pid = numberIn(value, 'pid');
	const started = stringIn(value, 'started');
	return pid === undefined || started === undefined ? undefined : {pid, started};
}

export function parseSpec(value: unknown): ServiceSpec | undefined {
	const name = stringIn(value, 'name');
	const health = parseHealthCheck(recordIn(value, 'health'));
	const command = stringsIn(value, 'command');
	if (name === undefined || !health || command.length === 0) {
		return undefined;
	}

	const uid = numberIn(recordIn(value, 'account'), 'uid');
	const gid = numberIn(recordIn(value, 'account'), 'gid');
	const cluster = stringIn(value, 'cluster');
	return {
		name,
		role: oneOf(roles, stringIn(value, 'role')) ?? 'other',
		image: stringIn(value, 'image') ?? name,
		command,
		environment: stringsOf(recordIn(value, 'environment')),
		directory: stringIn(value, 'directory') ?? '/',
		...(uid !== undefined && gid !== undefined && {account: {uid, gid}}),
		ports: parsePorts(value),
		dependsOn: stringsIn(value, 'dependsOn'),
		stopSignal: stringIn(value, 'stopSignal') === 'SIGINT' ? 'SIGINT' : 'SIGTERM',
		stopGrace: numberIn(value, 'stopGrace') ?? 10_000,
		health,
		...(cluster !== undefined && {cluster}),
	};
}

function parseHealthCheck(value: unknown): HealthCheck | undefined {
	const port = numberIn(value, 'port');
	if (port === undefined) {
		return undefined;
	}

	return stringIn(value, 'kind') === 'postgres'
		? {
				kind: 'postgres',
				port,
				user: stringIn(value, 'user') ?? 'postgres',
				database: stringIn(value, 'database') ?? 'postgres',
			}
		: {kind: 'http', port, path: stringIn(value, 'path') ?? '/'};
}

const roles: readonly Role[] = ['database', 'tracking', 'other'];
const statuses: readonly ContainerStatus[] = [
	'created',
	'running',
	'restarting',
	'removing',
	'exited',
	'dead',
];
const healths: readonly Health[] = ['none', 'starting', 'healthy', 'unhealthy'];

export function parseContainer(value: unknown): Container | undefined {
	const id = stringIn(value, 'id');
	const service = stringIn(value, 'service');
	const status = oneOf(statuses, stringIn(value, 'status'));
	if (id === undefined || service === undefined || status === undefined) {
		return undefined;
	}

	const exitCode = numberIn(value, 'exitCode');
	const startedAt = numberIn(value, 'startedAt');
	const finishedAt = numberIn(value, 'finishedAt');
	return {
		id,
		name: stringIn(value, 'name') ?? id,
		service,
		role: oneOf(roles, stringIn(value, 'role')) ?? 'other',
		number: 1,
		status,
		health: oneOf(healths, stringIn(value, 'health')) ?? 'none',
		...(exitCode !== undefined && {exitCode}),
		...(startedAt !== undefined && {startedAt}),
		...(finishedAt !== undefined && {finishedAt}),
		restartCount: numberIn(value, 'restartCount') ?? 0,
		image: stringIn(value, 'image') ?? '',
		ports: parsePorts(value),
		tty: false,
	};
}

function parsePorts(value: unknown): readonly PublishedPort[] {
	return arrayIn(value, 'ports').flatMap((port) => {
		const published = numberIn(port, 'published');
		return published === undefined
			? []
			: [
					{
						address: stringIn(port, 'address') ?? '127.0.0.1',
						published,
						target: numberIn(port, 'target') ?? published,
						protocol: 'tcp',
					},
				];
	});
}

function stringsIn(value: unknown, key: string): readonly string[] {
	return arrayIn(value, key).filter((item) => typeof item === 'string');
}

function oneOf<T extends string>(values: readonly T[], value: string | undefined): T | undefined {
	return values.find((known) => known === value);
}
