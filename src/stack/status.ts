import type {Container, EngineInfo, PublishedPort, Role, Stack, TrackingHealth} from './model.ts';
import {serviceViews, type ServiceView, type StackState} from './state.ts';

/** `fine`: as it should be. `busy`: on its way. `idle`: not running, and nothing is wrong. `trouble`: needs a look. */
export type Severity = 'fine' | 'busy' | 'idle' | 'trouble';

/** How a state is shown, and what it means for the whole. */
export interface StateRow {
	/** One column wide. Colour is never the only signal. */
	readonly glyph: string;
	readonly ascii: string;
	/** Docker's word where Docker has one. An exit code, or what the tracking server says, may stand in its place. */
	readonly word: string;
	/** What the colour is for, in the theme's terms. */
	readonly tone: 'ok' | 'busy' | 'warning' | 'error' | 'muted';
	readonly severity: Severity;
	/** For the README. */
	readonly meaning: string;
}

/** Every state of a service: the one vocabulary of the screen, the commands and `--json`. */
export const serviceStates = {
	healthy: {
		glyph: '●',
		ascii: '*',
		word: 'healthy',
		tone: 'ok',
		severity: 'fine',
		meaning: 'runs, and its healthcheck passes',
	},
	running: {
		glyph: '●',
		ascii: '*',
		word: 'running',
		tone: 'ok',
		severity: 'fine',
		meaning: 'runs; it has no healthcheck',
	},
	starting: {
		glyph: '◐',
		ascii: 'o',
		word: 'starting',
		tone: 'busy',
		severity: 'busy',
		meaning: 'runs, and has not answered its healthcheck, or mlstack, yet',
	},
	created: {
		glyph: '◌',
		ascii: 'o',
		word: 'created',
		tone: 'busy',
		severity: 'busy',
		meaning: 'has a container that was never started, or waits for another service',
	},
	removing: {
		glyph: '◌',
		ascii: 'o',
		word: 'removing',
		tone: 'busy',
		severity: 'busy',
		meaning: 'its container is being removed',
	},
	silent: {
		glyph: '✗',
		ascii: 'x',
		word: 'no answer',
		tone: 'error',
		severity: 'trouble',
		meaning: 'runs, but MLflow does not answer at its address, though it has had time to start',
	},
	failing: {
		glyph: '✗',
		ascii: 'x',
		word: 'failing',
		tone: 'error',
		severity: 'trouble',
		meaning: 'MLflow answers but does not work; the word says why: `database down`, `host refused`',
	},
	unhealthy: {
		glyph: '✗',
		ascii: 'x',
		word: 'unhealthy',
		tone: 'error',
		severity: 'trouble',
		meaning: 'runs, but its healthcheck fails',
	},
	restarting: {
		glyph: '↻',
		ascii: '~',
		word: 'restarting',
		tone: 'warning',
		severity: 'trouble',
		meaning: 'exited, and waits for the restart that its restart policy asks for',
	},
	paused: {
		glyph: '‖',
		ascii: '=',
		word: 'paused',
		tone: 'warning',
		severity: 'trouble',
		meaning: 'was frozen by `docker pause`',
	},
	exited: {
		glyph: '✗',
		ascii: 'x',
		word: 'exited',
		tone: 'error',
		severity: 'trouble',
		meaning: 'ended with an exit code other than 0, shown in brackets',
	},
	'out of memory': {
		glyph: '✗',
		ascii: 'x',
		word: 'out of memory',
		tone: 'error',
		severity: 'trouble',
		meaning: 'was killed for using more memory than it may',
	},
	dead: {
		glyph: '✗',
		ascii: 'x',
		word: 'dead',
		tone: 'error',
		severity: 'trouble',
		meaning: 'its container could not be removed',
	},
	stopped: {
		glyph: '○',
		ascii: '-',
		word: 'stopped',
		tone: 'muted',
		severity: 'idle',
		meaning: 'ended by itself with 0, or was asked to end',
	},
	absent: {
		glyph: '·',
		ascii: '.',
		word: 'absent',
		tone: 'muted',
		severity: 'idle',
		meaning: 'has no container',
	},
} as const satisfies Record<string, StateRow>;

export type ServiceState = keyof typeof serviceStates;

/** Every state of a stack. */
export const overallStates = {
	up: {tone: 'ok', meaning: 'every service runs, is healthy where it has a healthcheck, and MLflow works'},
	starting: {tone: 'busy', meaning: 'nothing is wrong, but something is on its way'},
	degraded: {tone: 'error', meaning: 'a service is in trouble, or only a part of the services runs'},
	down: {tone: 'muted', meaning: 'nothing runs'},
	unknown: {tone: 'warning', meaning: 'the engine went away; what is shown was true before'},
} as const satisfies Record<string, Pick<StateRow, 'tone' | 'meaning'>>;

export type OverallState = keyof typeof overallStates;

/** A service as people ask for it: what the file defines, what the engine runs and what MLflow answers, in one. */
export interface ServiceStatus {
	readonly service: string;
	readonly role: Role;
	readonly state: ServiceState;
	/** The state's word, made exact: `exited (1)`, `database down`. */
	readonly word: string;
	/** As it should be. */
	readonly ok: boolean;
	/** Milliseconds since 1970: when it started, or ended. */
	readonly since?: number;
	readonly image?: string;
	readonly ports: readonly PublishedPort[];
	/** Where a tracking server is published, as a browser here opens it: `http://localhost:5000`. */
	readonly url?: string;
	/** A tracking server's answers, if it was asked since it started. */
	readonly tracking?: TrackingHealth;
	readonly containers: readonly Container[];
}

export interface StackStatus {
	readonly project: string;
	readonly overall: OverallState;
	/** In start order. */
	readonly services: readonly ServiceStatus[];
	/** The first tracking server's. */
	readonly url?: string;
}

/** What the status depends on besides the containers. */
export interface StatusFacts {
	/** The last answers of the tracking server. */
	readonly tracking?: TrackingHealth | undefined;
	/** Where published ports answer (EngineInfo.host); `localhost` when unknown. */
	readonly host?: EngineInfo['host'] | undefined;
	/** Milliseconds since 1970. */
	readonly now: number;
}

/** Merges everything that is known of a stack. */
export function stackStatus(stack: Stack, state: StackState, facts: StatusFacts): StackStatus {
	const services = serviceViews(stack, state).map((view) => serviceStatus(view, facts));
	const url = services.find((service) => service.url !== undefined)?.url;
	return {
		project: stack.project,
		overall: state.away ? 'unknown' : overallState(services),
		services,
		...(url !== undefined && {url}),
	};
}

/** Merges everything that is known of a service. */
export function serviceStatus(view: ServiceView, facts: StatusFacts): ServiceStatus {
	const {name, role, container, definition, containers} = view;
	const url = role === 'tracking' ? trackingUrl(view, facts.host) : undefined;
	const tracking = url === undefined ? undefined : currentAnswer(view, url, facts.tracking);
	const state = serviceState(container, tracking, facts.now);
	const image = container?.image ?? definition?.image;
	const since = container && sinceOf(container);
	return {
		service: name,
		role,
		state,
		word: wordOf(state, container, tracking),
		ok: serviceStates[state].severity === 'fine',
		...(since !== undefined && {since}),
		...(image !== undefined && {image}),
		ports: publishedPorts(view),
		...(url !== undefined && {url}),
		...(tracking && {tracking}),
		containers,
	};
}

/**
 * How long, in ms, a tracking server may be silent before it counts as trouble. A stack that installs MLflow at each
 * start needs most of it: 85 s for pip and up to 46 s for the server were measured on two cores.
 */
const startGrace = 180_000;

function serviceState(
	container: Container | undefined,
	tracking: TrackingHealth | undefined,
	now: number,
): ServiceState {
	if (container === undefined) {
		return 'absent';
	}

	if (container.status === 'running') {
		return runningState(container, tracking, now);
	}

	if (container.status === 'exited') {
		return container.oomKilled ? 'out of memory' : wasAskedToEnd(container) ? 'stopped' : 'exited';
	}

	return container.status;
}

function runningState(container: Container, tracking: TrackingHealth | undefined, now: number): ServiceState {
	if (container.health === 'starting' || container.health === 'unhealthy') {
		return container.health;
	}

	if (tracking && !tracking.answers) {
		const age = now - (container.startedAt ?? 0);
		return age < startGrace ? 'starting' : 'silent';
	}

	if (tracking && !tracking.works) {
		return 'failing';
	}

	return container.health === 'healthy' ? 'healthy' : 'running';
}

/** 0, or the signals that ask: SIGINT (130, PostgreSQL's stop signal) and SIGTERM (143). */
function wasAskedToEnd({exitCode}: Container): boolean {
	return exitCode === undefined || exitCode === 0 || exitCode === 130 || exitCode === 143;
}

function wordOf(
	state: ServiceState,
	container: Container | undefined,
	tracking: TrackingHealth | undefined,
): string {
	const {word} = serviceStates[state];
	if (state === 'silent' || state === 'failing') {
		return tracking?.word ?? word;
	}

	const showsCode = state === 'exited' || state === 'out of memory';
	return showsCode && container?.exitCode !== undefined ? `${word} (${container.exitCode})` : word;
}

function sinceOf({status, startedAt, finishedAt}: Container): number | undefined {
	return status === 'running' || status === 'paused' ? startedAt : finishedAt;
}

/** The ports that are published, or that the file says will be. */
function publishedPorts({container, definition}: ServiceView): readonly PublishedPort[] {
	return container && container.ports.length > 0 ? container.ports : (definition?.ports ?? []);
}

const loopback: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);
const everywhere: ReadonlySet<string> = new Set(['', '0.0.0.0', '::']);

/** Where a service's first published TCP port answers, as a browser here opens it; `undefined` without one. */
export function trackingUrl(view: ServiceView, host = 'localhost'): string | undefined {
	const port = publishedPorts(view).find(({protocol, published}) => protocol === 'tcp' && published > 0);
	if (!port) {
		return undefined;
	}

	// What is bound to the loopback address of another machine does not answer here.
	if (loopback.has(port.address) && !loopback.has(host)) {
		return undefined;
	}

	const name = loopback.has(port.address) || everywhere.has(port.address) ? host : port.address;
	return `http://${name.includes(':') ? `[${name}]` : name}:${port.published}`;
}

/** An answer from before the container's start is another server's. */
function currentAnswer(
	{container}: ServiceView,
	url: string,
	tracking: TrackingHealth | undefined,
): TrackingHealth | undefined {
	if (container?.status !== 'running' || tracking?.url !== url) {
		return undefined;
	}

	return tracking.at >= (container.startedAt ?? 0) ? tracking : undefined;
}

/** The state of the whole. A service that is neither database nor tracking server may end: a job that sets things up. */
export function overallState(services: readonly ServiceStatus[]): OverallState {
	const expected = services.filter(({role, state}) => role !== 'other' || state !== 'stopped');
	const has = (severity: Severity) => expected.some(({state}) => serviceStates[state].severity === severity);
	if (has('trouble')) {
		return 'degraded';
	}

	if (has('busy')) {
		return 'starting';
	}

	if (has('fine')) {
		return has('idle') ? 'degraded' : 'up';
	}

	return 'down';
}

/** A published port as it is written in a table: `127.0.0.1:5432`, `[::]:5000`, `0.0.0.0:53/udp`. */
export function portText({address, published, protocol}: PublishedPort): string {
	const host = address.includes(':') ? `[${address}]` : address;
	return `${host === '' ? '' : `${host}:`}${published}${protocol === 'tcp' ? '' : `/${protocol}`}`;
}
