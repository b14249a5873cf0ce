import type {Container, ContainerChange} from '../../stack/model.ts';
import {numberIn, recordIn, stringIn, stringsOf} from '../json.ts';
import {parseHealth} from './containers.ts';

/** A message of `GET /events` about a container (Engine API, "Monitor events"). */
export interface ContainerEvent {
	readonly id: string;
	/** `start`; what follows a colon (`health_status: healthy`) is in `detail`. */
	readonly action: string;
	readonly detail: string;
	/** Milliseconds since 1970, by the engine's clock. */
	readonly at: number;
	/** The container's labels, its name, its image, and what belongs to the action. */
	readonly attributes: Readonly<Record<string, string>>;
}

/** What is known of a container when an event comes. */
export interface Before {
	readonly container: Container;
	readonly hasHealthcheck: boolean;
}

/**
 * What each event says of itself, before the container is inspected. An action that is not here is not asked for:
 * `stop` comes with a `die`, `restart` with a `start`, and health checks make three `exec_` events each.
 */
const changes: Readonly<Record<string, (event: ContainerEvent, before: Before) => ContainerChange>> = {
	create: () => ({}),
	start: ({at}, {hasHealthcheck}) => ({
		status: 'running',
		startedAt: at,
		...(hasHealthcheck ? {health: 'starting'} : {}),
	}),
	die: ({at, attributes}, {container}) => {
		// An inspection may know of a later start already.
		if (container.startedAt !== undefined && at < container.startedAt) {
			return {};
		}

		const exitCode = Number(attributes['exitCode']);
		return {
			status: 'exited',
			health: 'none',
			finishedAt: at,
			...(Number.isInteger(exitCode) ? {exitCode} : {}),
		};
	},
	oom: () => ({oomKilled: true}),
	// Nothing has changed yet; but what follows was asked for (`isEnding`).
	kill: () => ({}),
	pause: () => ({status: 'paused'}),
	unpause: () => ({status: 'running'}),
	rename: ({attributes}) => (attributes['name'] === undefined ? {} : {name: attributes['name']}),
	health_status: ({detail}) => {
		const health = parseHealth(detail);
		return health === undefined ? {} : {health};
	},
	// The container is gone: there is nothing left to change.
	destroy: () => ({}),
};

/** The actions to ask `/events` for. */
export const actions: readonly string[] = Object.keys(changes);

/**
 * The signals that end a container: those that images name as their STOPSIGNAL (SIGINT for PostgreSQL, SIGQUIT, SIGTERM,
 * systemd's SIGRTMIN+3) and SIGKILL. Others, such as SIGHUP, ask for something else.
 */
const endings: ReadonlySet<string> = new Set(['2', '3', '9', '15', '37']);

/** Whether it tells of a signal that ends the container; one that ends for want of memory gets no such event. */
export function isEnding({action, attributes}: ContainerEvent): boolean {
	return action === 'kill' && endings.has(attributes['signal'] ?? '');
}

/** What the event itself says has changed; empty when it says nothing new. */
export function changeOf(event: ContainerEvent, before: Before): ContainerChange {
	return changes[event.action]?.(event, before) ?? {};
}

/** Undefined for what is no container's event. */
export function parseEvent(message: unknown): ContainerEvent | undefined {
	const actor = recordIn(message, 'Actor');
	const id = stringIn(actor, 'ID');
	const [action = '', detail = ''] = (stringIn(message, 'Action') ?? '').split(': ', 2);
	const nanoseconds = numberIn(message, 'timeNano') ?? (numberIn(message, 'time') ?? 0) * 1e9;
	return id === undefined || stringIn(message, 'Type') !== 'container' || action === ''
		? undefined
		: {id, action, detail, at: Math.floor(nanoseconds / 1e6), attributes: stringsOf(actor['Attributes'])};
}
