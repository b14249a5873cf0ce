import type {Card, LineReference, MendStep, Severity} from './diagnosis/card.ts';
import {mask} from './mask.ts';
import type {Container, EngineInfo, PublishedPort, Stack, StackOrigin, TrackingHealth} from './model.ts';
import {
	overallStates,
	serviceStates,
	type OverallState,
	type ServiceState,
	type ServiceStatus,
	type StackStatus,
} from './status.ts';

/** Moves only when a field is taken away or means something else; new fields do not move it. */
export const jsonVersion = 1;

/** What `mlstack status --json` prints. Times are RFC 3339, in UTC. What is not known is left out. */
export interface StatusJson {
	readonly version: typeof jsonVersion;
	readonly at: string;
	readonly project: string;
	readonly overall: OverallState;
	readonly url?: string;
	readonly origin: StackOrigin;
	readonly files: readonly string[];
	readonly engine: Pick<EngineInfo, 'kind' | 'version' | 'context' | 'endpoint'>;
	readonly services: readonly ServiceJson[];
	readonly cards: readonly CardJson[];
}

/** What is wrong, as an error of `--json` says it, too: `code`, `what`, `why`, `next`. */
export interface CardJson {
	readonly code: string;
	readonly service?: string;
	readonly severity: Severity;
	readonly since: string;
	readonly what: string;
	readonly why: string;
	readonly next: readonly MendStep[];
	readonly line?: LineJson;
	readonly errors?: readonly LineJson[];
}

interface LineJson {
	readonly service?: string;
	readonly at: string;
	readonly text: string;
}

interface ServiceJson extends Pick<ServiceStatus, 'service' | 'role' | 'word' | 'ok' | 'image' | 'url'> {
	readonly state: ServiceState;
	readonly ports: readonly PublishedPort[];
	readonly tracking?: TrackingJson;
	readonly containers: readonly ContainerJson[];
}

type TrackingJson = Omit<TrackingHealth, 'at'> & {readonly at: string};

interface ContainerJson extends Pick<
	Container,
	'id' | 'name' | 'number' | 'status' | 'health' | 'exitCode' | 'oomKilled' | 'restartCount'
> {
	readonly startedAt?: string;
	readonly finishedAt?: string;
}

/** Every field of StatusJson by its path, with what it means: the README's table, in the order in which they are printed. */
export const statusJsonFields: Readonly<Record<string, string>> = {
	version: `${jsonVersion}; moves when a field is taken away or changes its meaning, not when one is added`,
	at: 'when this was true',
	project: 'the compose project',
	overall: oneOf(Object.keys(overallStates)),
	url: 'where MLflow is opened from here; absent when it publishes no port',
	origin: '`files`: compose files; `own`: mlstack’s own stack; `project`: only the name is known',
	files: 'the compose files, as absolute paths',
	'engine.kind': '`docker` or `native`',
	'engine.version': 'its version',
	'engine.context': 'the docker context, or the option or variable that named the engine',
	'engine.endpoint': 'where it was reached',
	services: 'in start order',
	'services[].service': 'its name in the compose file',
	'services[].role': '`database`, `tracking` or `other`',
	'services[].state': oneOf(Object.keys(serviceStates)),
	'services[].word': 'the state as a person reads it: `exited (1)`, `database down`',
	'services[].ok': 'true for `running` and `healthy`',
	'services[].image': 'the image of its container, or that the file names',
	'services[].url': 'as above, for a tracking server',
	'services[].ports': 'what it publishes',
	'services[].ports[].address': 'the address it is bound to on the engine’s host',
	'services[].ports[].published': 'the port there',
	'services[].ports[].target': 'the port in the container',
	'services[].ports[].protocol': '`tcp` or `udp`',
	'services[].tracking': 'what MLflow answered, for a tracking server that runs',
	'services[].tracking.at': 'when',
	'services[].tracking.url': 'where it was asked',
	'services[].tracking.answers':
		'GET /health is answered by an MLflow; it is so even while the database is down',
	'services[].tracking.works': 'a search of the experiments succeeds, so the database does its part',
	'services[].tracking.word': 'one or two words: `works`, `database down`, `no answer`',
	'services[].tracking.why': 'one sentence; empty when all is well',
	'services[].containers': 'none, one, or several for a scaled service',
	'services[].containers[].id': 'the engine’s id',
	'services[].containers[].name': 'its name',
	'services[].containers[].number': 'its number within the service, from 1',
	'services[].containers[].status':
		'the engine’s state: `created`, `running`, `paused`, `restarting`, `exited`, `dead`',
	'services[].containers[].health': '`none` (no healthcheck), `starting`, `healthy` or `unhealthy`',
	'services[].containers[].exitCode': 'once it has exited',
	'services[].containers[].oomKilled': 'true when it was killed for its use of memory',
	'services[].containers[].restartCount': 'how often its restart policy restarted it',
	'services[].containers[].startedAt': 'its last start',
	'services[].containers[].finishedAt': 'its last end',
	cards: 'what is wrong, the most important first; empty when nothing is known to be',
	'cards[].code': 'a stable word for it: `password-refused`',
	'cards[].service': 'the service that it is about; absent where it is about an operation',
	'cards[].severity': '`error`: the stack does not do its work; `warning`: not for everyone, or not for long',
	'cards[].since': 'since when',
	'cards[].what': 'what happened, in a sentence',
	'cards[].why': 'why',
	'cards[].next': 'what to do, in steps',
	'cards[].next[].text': 'the step, in words',
	'cards[].next[].command': 'what to run for it',
	'cards[].next[].change': 'what to write into the compose file, or the file that the text names',
	'cards[].line': 'the line that it was read from',
	'cards[].line.service': 'whose log it is in; absent for the output of an operation',
	'cards[].line.at': 'when it was written',
	'cards[].line.text': 'the line, secrets masked',
	'cards[].errors': 'for a failure that is not known otherwise: the last lines that look like errors',
	'cards[].errors[].service': 'as of `line`, and so the others',
	'cards[].errors[].at': 'when it was written',
	'cards[].errors[].text': 'the line, secrets masked',
};

function oneOf(words: readonly string[]): string {
	return words.map((word) => `\`${word}\``).join(', ');
}

/** The README's table of the fields. */
export function statusJsonMarkdown(): string {
	const rows = Object.entries(statusJsonFields).map(([path, meaning]) => `| \`${path}\` | ${meaning} |`);
	return ['| field | |', '| --- | --- |', ...rows].join('\n');
}

/** A status as `--json` prints it, secrets masked. `now` is in milliseconds since 1970. */
export function statusJson(
	stack: Stack,
	status: StackStatus,
	engine: EngineInfo,
	cards: readonly Card[],
	now: number,
): StatusJson {
	return {
		version: jsonVersion,
		at: timeText(now),
		project: stack.project,
		overall: status.overall,
		...(status.url !== undefined && {url: status.url}),
		origin: stack.origin,
		files: stack.files,
		engine: {
			kind: engine.kind,
			version: engine.version,
			context: engine.context,
			endpoint: mask(engine.endpoint),
		},
		services: status.services.map((service) => serviceJson(service)),
		cards: cards.map((card) => cardJson(card)),
	};
}

/** A card as `--json` prints it. */
export function cardJson({rule, service, severity, at, title, why, mend, line, errors}: Card): CardJson {
	return {
		code: rule,
		...(service !== '' && {service}),
		severity,
		since: timeText(at),
		what: title,
		why,
		next: mend,
		...(line && {line: lineJson(line)}),
		...(errors && {errors: errors.map((each) => lineJson(each))}),
	};
}

function lineJson({service, at, text}: LineReference): LineJson {
	return {...(service !== '' && {service}), at: timeText(at), text};
}

function serviceJson({service, role, state, word, ok, ...rest}: ServiceStatus): ServiceJson {
	const {image, url, ports, tracking, containers} = rest;
	return {
		service,
		role,
		state,
		word,
		ok,
		...(image !== undefined && {image: mask(image)}),
		...(url !== undefined && {url}),
		ports: ports.map(({address, published, target, protocol}) => ({address, published, target, protocol})),
		...(tracking && {tracking: trackingJson(tracking)}),
		containers: containers.map((container) => containerJson(container)),
	};
}

function trackingJson({at, url, answers, works, word, why}: TrackingHealth): TrackingJson {
	return {at: timeText(at), url, answers, works, word, why: mask(why)};
}

function containerJson({id, name, number, status, health, ...rest}: Container): ContainerJson {
	const {exitCode, oomKilled, restartCount, startedAt, finishedAt} = rest;
	return {
		id,
		name,
		number,
		status,
		health,
		...(exitCode !== undefined && {exitCode}),
		...(oomKilled !== undefined && {oomKilled}),
		...(restartCount !== undefined && {restartCount}),
		...(startedAt !== undefined && {startedAt: timeText(startedAt)}),
		...(finishedAt !== undefined && {finishedAt: timeText(finishedAt)}),
	};
}

function timeText(milliseconds: number): string {
	return new Date(milliseconds).toISOString();
}
