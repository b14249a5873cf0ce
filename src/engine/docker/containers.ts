import type {Container, ContainerStatus, Health, PublishedPort} from '../../stack/model.ts';
import {recogniseRole, type ServiceDescription} from '../../stack/roles.ts';
import {unexpectedAnswer} from './unexpected-answer.ts';
import {arrayIn, isRecord, numberIn, recordIn, stringIn, stringsOf} from '../json.ts';

/**
 * compose's labels on its containers (docker/compose, pkg/api/labels.go). A one-off container is one of
 * `docker compose run`: it is no part of the service.
 */
export const labels = {
	project: 'com.docker.compose.project',
	service: 'com.docker.compose.service',
	number: 'com.docker.compose.container-number',
	oneOff: 'com.docker.compose.oneoff',
} as const;

/** A container, and what only the watch needs to know of it. */
export interface InspectedContainer {
	readonly container: Container;
	/** It is asked how it is, so that its health is `starting` again after each start. */
	readonly hasHealthcheck: boolean;
}

/**
 * The containers in an answer of `GET /containers/json`, without one-off ones (Engine API, "List containers"). Throws a
 * Failure for what is no list.
 */
export function parseContainerList(answer: unknown): readonly Container[] {
	if (!Array.isArray(answer)) {
		throw unexpectedAnswer('/containers/json');
	}

	const containers: Container[] = [];
	for (const item of answer) {
		const container = parseListedContainer(item);
		if (container !== undefined) {
			containers.push(container);
		}
	}

	return containers;
}

function parseListedContainer(item: unknown): Container | undefined {
	const id = stringIn(item, 'Id');
	const status = parseStatus(stringIn(item, 'State'));
	const itsLabels = stringsOf(recordIn(item, 'Labels'));
	if (id === undefined || status === undefined || isOneOff(itsLabels)) {
		return undefined;
	}

	const text = stringIn(item, 'Status') ?? '';
	const exitCode = status === 'exited' ? /^Exited \((\d+)\)/.exec(text)?.[1] : undefined;
	return {
		...identity(id, arrayIn(item, 'Names').find((name) => typeof name === 'string') ?? '', itsLabels, {
			image: stringIn(item, 'Image') ?? '',
			command: stringIn(item, 'Command') ?? '',
			mounts: arrayIn(item, 'Mounts').map((mount) => stringIn(mount, 'Destination') ?? ''),
		}),
		status,
		health: healthInStatus(text),
		...(exitCode === undefined ? {} : {exitCode: Number(exitCode)}),
		ports: sorted(arrayIn(item, 'Ports').map((port) => parseListedPort(port))),
	};
}

/** The container in an answer of `GET /containers/{id}/json`; undefined for a one-off one, and for anything else. */
export function parseInspect(answer: unknown): InspectedContainer | undefined {
	const id = stringIn(answer, 'Id');
	const state = recordIn(answer, 'State');
	const config = recordIn(answer, 'Config');
	const status = parseStatus(stringIn(state, 'Status'));
	const itsLabels = stringsOf(config['Labels']);
	if (id === undefined || status === undefined || isOneOff(itsLabels)) {
		return undefined;
	}

	const alive = isAlive(status);
	const health = parseHealth(stringIn(recordIn(state, 'Health'), 'Status'));
	const startedAt = parseTime(stringIn(state, 'StartedAt'));
	const finishedAt = parseTime(stringIn(state, 'FinishedAt'));
	const ended = !alive && finishedAt !== undefined;
	const exitCode = ended ? numberIn(state, 'ExitCode') : undefined;
	const restartCount = numberIn(answer, 'RestartCount');
	return {
		container: {
			...identity(id, stringIn(answer, 'Name') ?? '', itsLabels, {
				image: stringIn(config, 'Image') ?? '',
				command: [...arrayIn(config, 'Entrypoint'), ...arrayIn(config, 'Cmd')].map(String),
				environment: parseEnvironment(config),
				mounts: arrayIn(answer, 'Mounts').map((mount) => stringIn(mount, 'Destination') ?? ''),
			}),
			status,
			health: alive ? (health ?? 'none') : 'none',
			...(exitCode === undefined ? {} : {exitCode}),
			...(ended && state['OOMKilled'] === true ? {oomKilled: true} : {}),
			...(startedAt === undefined ? {} : {startedAt}),
			...(ended ? {finishedAt} : {}),
			...(restartCount === undefined ? {} : {restartCount}),
			ports: inspectedPorts(recordIn(recordIn(answer, 'NetworkSettings'), 'Ports')),
			tty: config['Tty'] === true,
		},
		hasHealthcheck: hasHealthcheck(config),
	};
}

/**
 * A container as an event tells of it: its labels, name and image are the event's attributes. Undefined for a one-off
 * one. What is missing comes with the inspection.
 */
export function containerOfEvent(
	id: string,
	attributes: Readonly<Record<string, string>>,
): Container | undefined {
	if (isOneOff(attributes)) {
		return undefined;
	}

	return {
		...identity(id, attributes['name'] ?? '', attributes, {image: attributes['image'] ?? ''}),
		status: 'created',
		health: 'none',
		ports: [],
	};
}

/** `running` and `paused` containers have a process, and so a health. */
export function isAlive(status: ContainerStatus): boolean {
	return status === 'running' || status === 'paused';
}

export function isOneOff(itsLabels: Readonly<Record<string, string>>): boolean {
	return itsLabels[labels.oneOff]?.toLowerCase() === 'true';
}

/** The engine's word for a health (`State.Health.Status`, the event `health_status: X`). */
export function parseHealth(text: string | undefined): Health | undefined {
	return text === 'none' || text === 'starting' || text === 'healthy' || text === 'unhealthy'
		? text
		: undefined;
}

function identity(
	id: string,
	name: string,
	itsLabels: Readonly<Record<string, string>>,
	description: ServiceDescription & {image: string},
): Pick<Container, 'id' | 'name' | 'service' | 'role' | 'number' | 'image'> {
	const number = Number(itsLabels[labels.number]);
	const plainName = name.replace(/^\//, '');
	return {
		id,
		name: plainName,
		service: itsLabels[labels.service] ?? plainName,
		role: recogniseRole({...description, labels: itsLabels}),
		number: Number.isSafeInteger(number) && number > 0 ? number : 1,
		image: description.image,
	};
}

const statuses: ReadonlySet<string> = new Set<ContainerStatus>([
	'created',
	'running',
	'paused',
	'restarting',
	'removing',
	'exited',
	'dead',
]);

function isStatus(text: string): text is ContainerStatus {
	return statuses.has(text);
}

function parseStatus(text: string | undefined): ContainerStatus | undefined {
	return text !== undefined && isStatus(text) ? text : undefined;
}

/**
 * The list names the health only in its text: `Up 3 minutes (healthy)`, `Up 2 seconds (health: starting)` (moby,
 * container/state.go).
 */
function healthInStatus(text: string): Health {
	const [, word] = /^Up .*\((?:health: )?(healthy|unhealthy|starting)\)$/.exec(text) ?? [];
	return parseHealth(word) ?? 'none';
}

function parseListedPort(port: unknown): PublishedPort | undefined {
	const published = numberIn(port, 'PublicPort');
	const target = numberIn(port, 'PrivatePort');
	return published === undefined || target === undefined
		? undefined
		: {
				address: stringIn(port, 'IP') ?? '',
				published,
				target,
				protocol: stringIn(port, 'Type') ?? 'tcp',
			};
}

/** `{"5432/tcp": [{"HostIp": "127.0.0.1", "HostPort": "5432"}], "9000/tcp": null}` */
function inspectedPorts(ports: Readonly<Record<string, unknown>>): readonly PublishedPort[] {
	const published: PublishedPort[] = [];
	for (const [name, bindings] of Object.entries(ports)) {
		const [target, protocol = 'tcp'] = name.split('/');
		for (const binding of Array.isArray(bindings) ? bindings : []) {
			const port = Number(stringIn(binding, 'HostPort'));
			if (port > 0) {
				published.push({
					address: stringIn(binding, 'HostIp') ?? '',
					published: port,
					target: Number(target),
					protocol,
				});
			}
		}
	}

	return sorted(published);
}

/**
 * In one order, whatever order the engine's map had this time, so that an unchanged container stays equal; a port's
 * IPv4 address comes before its IPv6 one, since it is the one that people know.
 */
function sorted(ports: readonly (PublishedPort | undefined)[]): readonly PublishedPort[] {
	return ports
		.filter((port) => port !== undefined)
		.sort((a, b) => a.target - b.target || a.published - b.published || byAddress(a.address, b.address));
}

function byAddress(a: string, b: string): number {
	return Number(a.includes(':')) - Number(b.includes(':')) || a.localeCompare(b);
}

function parseEnvironment(config: unknown): Readonly<Record<string, string>> {
	const environment: Record<string, string> = {};
	for (const entry of arrayIn(config, 'Env')) {
		if (typeof entry === 'string') {
			const at = entry.indexOf('=');
			environment[entry.slice(0, at)] = entry.slice(at + 1);
		}
	}

	return environment;
}

/** Milliseconds since 1970; undefined for Go's zero time, year 1, which stands for "never". */
function parseTime(text: string | undefined): number | undefined {
	const time = text === undefined || text.startsWith('0001-') ? Number.NaN : Date.parse(text);
	return Number.isNaN(time) ? undefined : time;
}

/** `["NONE"]` is how a healthcheck of the image is switched off. */
function hasHealthcheck(config: unknown): boolean {
	const [kind] = arrayIn(recordIn(config, 'Healthcheck'), 'Test');
	return kind !== undefined && kind !== 'NONE';
}

/** Whether `GET /containers/{id}/json` says that the container has a TTY. */
export function hasTty(answer: unknown): boolean {
	return isRecord(answer) && recordIn(answer, 'Config')['Tty'] === true;
}
