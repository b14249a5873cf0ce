import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {Failure} from '../../failure.ts';
import type {NativePaths, ProjectPaths} from './paths.ts';
import {freePort} from './ports.ts';
import type {PrepareOptions} from './prepare.ts';
import {output} from './progress.ts';
import {usualPorts, type ServiceName} from './services.ts';
import {readSettings, writeSettings, type Settings} from './settings.ts';
import {portTakenCode} from './start-services.ts';
import {readState} from './state-file.ts';
import {trueContainers} from './truth.ts';

/** What a service is called in sentences, and the variable that says its port. */
const facts: Readonly<Record<ServiceName, {readonly program: string; readonly variable: string}>> = {
	postgres: {program: 'PostgreSQL', variable: 'MLSTACK_PG_PORT'},
	mlflow: {program: 'MLflow', variable: 'MLFLOW_PORT'},
};

/**
 * Starts a service on the port that is wanted, or else on the next that it gets. The port is chosen just before, and
 * again for as long as another program is faster, which may be another user's mlstack. Returns the settings, written
 * down, with the port that the service has. Throws what `start` throws otherwise, and what the file system throws.
 */
export async function startOnPort(
	options: Omit<PrepareOptions, 'signal'>,
	service: ServiceName,
	settings: Settings,
	start: (settings: Settings) => Promise<void>,
): Promise<Settings> {
	const {native, paths, environment, report} = options;
	const {program, variable} = facts[service];
	const named = Number(environment[variable] || Number.NaN);
	const wanted = Number.isInteger(named) ? named : (settings.ports[service] ?? usualPorts[service]);
	const reserved = new Set(otherPorts(native, paths, settings, service));
	for (;;) {
		const open = openPort(paths, service);
		const port = open ?? (await freePort(wanted, reserved));
		const chosen = {...settings, ports: {...settings.ports, [service]: port}};
		writeSettings(paths.settings, chosen);
		try {
			await start(chosen);
		} catch (error) {
			if (open === undefined && error instanceof Failure && error.code === portTakenCode) {
				reserved.add(port);
				continue;
			}

			throw error;
		}

		if (open === undefined && port !== wanted) {
			report(output(`Port ${wanted} is taken: ${program} listens on ${port} instead.`, 'warning'));
		}

		return chosen;
	}
}

/** The port of the service that runs already, which it keeps. */
function openPort(paths: ProjectPaths, service: ServiceName): number | undefined {
	const running = trueContainers(readState(paths.state)).find(
		(container) => container.service === service && container.status === 'running',
	);
	return running?.ports[0]?.published;
}

/**
 * The ports that other projects used last, which stay theirs, so that an address that was noted down stays right; and the
 * one of the project's other service.
 */
function otherPorts(
	native: NativePaths,
	paths: ProjectPaths,
	settings: Settings,
	service: ServiceName,
): readonly number[] {
	const others = readdirSync(native.projects)
		.filter((project) => project !== paths.project)
		.flatMap((project) =>
			Object.values(readSettings(join(native.projects, project, 'project.json'))?.ports ?? {}),
		);
	const beside = service === 'postgres' ? settings.ports.mlflow : settings.ports.postgres;
	return [...others, beside].filter((port) => port !== undefined);
}
