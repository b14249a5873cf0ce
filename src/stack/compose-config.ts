import {Failure} from '../failure.ts';
import {maskCommand, maskEnvironment} from './mask.ts';
import type {PublishedPort, Role, ServiceDefinition} from './model.ts';
import {recogniseRole} from './roles.ts';

/** A compose project as compose itself resolves it: `docker compose config --format json`. */
export interface ComposeConfig {
	readonly project: string;
	/** In start order: a service comes after those it depends on; where nothing depends, databases come first. */
	readonly services: readonly ComposeService[];
	readonly volumes: readonly ComposeVolume[];
}

/**
 * A service with more than a stack keeps of it. What can hold passwords is masked; `raw()` has it as it is, as a
 * function, so that no log and no JSON gets it by accident.
 */
export interface ComposeService {
	readonly definition: ServiceDefinition;
	/** Entry point and command, as far as the compose file gives them. */
	readonly command: readonly string[];
	readonly environment: Readonly<Record<string, string>>;
	readonly labels: Readonly<Record<string, string>>;
	readonly mounts: readonly ComposeMount[];
	readonly dependencies: readonly ComposeDependency[];
	/** The healthcheck's test, `['CMD', ...]` or `['CMD-SHELL', line]`; empty when there is none. */
	readonly healthcheck: readonly string[];
	/** A fixed name, which keeps two projects from running side by side. */
	readonly containerName?: string;
	readonly raw: () => {
		readonly command: readonly string[];
		readonly environment: Readonly<Record<string, string>>;
	};
}

export interface ComposeMount {
	/** `volume`, `bind`, `tmpfs` ... */
	readonly type: string;
	/** The volume's key in the file, or the path on the host; empty for an anonymous volume. */
	readonly source: string;
	/** The path in the container. */
	readonly target: string;
	readonly readOnly: boolean;
}

export interface ComposeDependency {
	readonly service: string;
	/** `service_started`, `service_healthy`, `service_completed_successfully`. */
	readonly condition: string;
}

export interface ComposeVolume {
	/** Its name in the file. */
	readonly key: string;
	/** Its name in the engine: `kws_pgdata`. */
	readonly name: string;
	/** Made and removed by somebody else. */
	readonly external: boolean;
}

/** Reads what `docker compose config --format json` printed. Throws a Failure when it is no such thing. */
export function parseComposeConfig(config: unknown): ComposeConfig {
	const {name, services, volumes} = record(config);
	if (typeof name !== 'string' || name === '') {
		throw new Failure('Compose described the project in a way that mlstack does not know', {
			code: 'compose-config',
			why: '`docker compose config --format json` names no project.',
			next: ['docker compose version', 'Update the Compose plugin to 2.20 or newer.'],
		});
	}

	return {
		project: name,
		services: startOrder(Object.entries(record(services)).map(([key, value]) => parseService(key, value))),
		volumes: Object.entries(record(volumes)).map(([key, value]) => {
			const volume = record(value);
			return {key, name: text(volume['name']) ?? `${name}_${key}`, external: volume['external'] === true};
		}),
	};
}

function parseService(name: string, value: unknown): ComposeService {
	const service = record(value);
	const command = [...texts(service['entrypoint']), ...texts(service['command'])].map(unescape);
	const environment = textRecord(service['environment']);
	const labels = textRecord(service['labels']);
	const mounts = list(service['volumes']).map(parseMount);
	const healthcheck = parseHealthcheck(service['healthcheck']);
	const dependencies = Object.entries(record(service['depends_on'])).map(([service, value]) => ({
		service,
		condition: text(record(value)['condition']) ?? 'service_started',
	}));
	const image = text(service['image']);
	const containerName = text(service['container_name']);
	const build = service['build'] !== undefined && service['build'] !== null;
	return {
		definition: {
			name,
			role: recogniseRole({
				...(image !== undefined && {image}),
				command,
				environment,
				labels,
				build,
				mounts: mounts.map(({target}) => target),
			}),
			...(image !== undefined && {image}),
			build,
			ports: list(service['ports']).flatMap(parsePort),
			dependsOn: dependencies.map(({service}) => service),
			hasHealthcheck: healthcheck.length > 0,
		},
		command: maskCommand(command),
		environment: maskEnvironment(environment),
		labels,
		mounts,
		dependencies,
		healthcheck,
		...(containerName !== undefined && {containerName}),
		raw: () => ({command, environment}),
	};
}

/** None for a port that the engine chooses itself: which one is known only when the container runs. */
function parsePort(value: unknown): PublishedPort[] {
	const port = record(value);
	const published = Number(port['published'] || Number.NaN);
	const target = Number(port['target']);
	return Number.isInteger(published) && Number.isInteger(target)
		? [
				{
					address: text(port['host_ip']) ?? '0.0.0.0',
					published,
					target,
					protocol: text(port['protocol']) ?? 'tcp',
				},
			]
		: [];
}

function parseMount(value: unknown): ComposeMount {
	const mount = record(value);
	return {
		type: text(mount['type']) ?? 'volume',
		source: text(mount['source']) ?? '',
		target: text(mount['target']) ?? '',
		readOnly: mount['read_only'] === true,
	};
}

function parseHealthcheck(value: unknown): readonly string[] {
	const healthcheck = record(value);
	const test = texts(healthcheck['test']).map(unescape);
	return healthcheck['disable'] === true || test[0] === 'NONE' ? [] : maskCommand(test);
}

/** Depth first along the dependencies. Compose refuses a cycle; should one come, it is cut where it closes. */
function startOrder(services: readonly ComposeService[]): ComposeService[] {
	const byName = new Map(services.map((service) => [service.definition.name, service]));
	const ordered = new Set<ComposeService>();
	const entered = new Set<ComposeService>();
	const visit = (service: ComposeService): void => {
		if (entered.has(service)) {
			return;
		}

		entered.add(service);
		for (const name of service.definition.dependsOn) {
			const dependency = byName.get(name);
			if (dependency) {
				visit(dependency);
			}
		}

		ordered.add(service);
	};

	for (const service of services.toSorted(
		(a, b) => roleRank[a.definition.role] - roleRank[b.definition.role],
	)) {
		visit(service);
	}

	return [...ordered];
}

const roleRank: Readonly<Record<Role, number>> = {database: 0, tracking: 1, other: 2};

/** Compose prints its output so that it can be read again as a compose file: a `$` is doubled. */
const unescape = (value: string): string => value.replaceAll('$$', '$');

function record(value: unknown): Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? {...value} : {};
}

function list(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | undefined {
	return typeof value === 'string' && value !== '' ? value : undefined;
}

function texts(value: unknown): readonly string[] {
	return typeof value === 'string' ? [value] : list(value).filter((item) => typeof item === 'string');
}

/** A variable without a value (null) is taken from the caller's environment by compose; here it is left out. */
function textRecord(value: unknown): Record<string, string> {
	return Object.fromEntries(
		Object.entries(record(value)).flatMap(([name, item]) =>
			typeof item === 'string' ? [[name, unescape(item)] as const] : [],
		),
	);
}
