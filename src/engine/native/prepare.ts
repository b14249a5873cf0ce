import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import type {Container} from '../../stack/model.ts';
import {databaseAccount} from './account.ts';
import {findCluster, makeCluster, makeSocketFolder} from './cluster.ts';
import {mlflowEnvironment, type MlflowEnvironment} from './mlflow-environment.ts';
import {folderFailure, makeProjectFolders, type NativePaths, type ProjectPaths} from './paths.ts';
import {freePort} from './ports.ts';
import {findServer, noPostgres, wheelMayFit, type PostgresPrograms} from './postgres-programs.ts';
import {output, step, type Report} from './progress.ts';
import {mlflowSpec, postgresSpec, usualPorts, type ServiceName} from './services.ts';
import {newSettings, readSettings, writeSettings, type Settings} from './settings.ts';
import type {ServiceSpec} from './state-file.ts';

export interface PrepareOptions {
	readonly native: NativePaths;
	readonly paths: ProjectPaths;
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** The project's containers that run now: their ports stay. */
	readonly running: readonly Container[];
	readonly report: Report;
	readonly signal: AbortSignal;
}

/** The project's folders, password and ports; made when they are missing. Throws a Failure. */
export async function prepareProject(
	options: PrepareOptions,
	services: readonly ServiceName[],
): Promise<Settings> {
	const {native, paths, environment, running, report} = options;
	makeProjectFolders(native, paths);
	const before = readSettings(paths.settings) ?? newSettings();
	const reserved = new Set(otherPorts(native, paths));
	const ports: Record<ServiceName, number | undefined> = {...before.ports};
	for (const service of services) {
		const open = running.find((container) => container.service === service)?.ports[0]?.published;
		if (open !== undefined) {
			ports[service] = open;
			continue;
		}

		const named = Number(
			environment[service === 'postgres' ? 'MLSTACK_PG_PORT' : 'MLFLOW_PORT'] || Number.NaN,
		);
		const wanted = Number.isInteger(named) ? named : (before.ports[service] ?? usualPorts[service]);
		const port = await freePort(wanted, reserved);
		ports[service] = port;
		reserved.add(port);
		if (port !== wanted) {
			const program = service === 'postgres' ? 'PostgreSQL' : 'MLflow';
			report(output(`Port ${wanted} is taken: ${program} listens on ${port} instead.`, 'warning'));
		}
	}

	const settings = {...before, ports};
	try {
		writeSettings(paths.settings, settings);
	} catch (error) {
		throw folderFailure(error, native.root);
	}

	return settings;
}

/** The ports that other projects used last: they stay theirs, so that an address that was noted down stays right. */
function otherPorts(native: NativePaths, paths: ProjectPaths): readonly number[] {
	return readdirSync(native.projects)
		.filter((project) => project !== paths.project)
		.flatMap((project) => {
			const ports = readSettings(join(native.projects, project, 'project.json'))?.ports;
			return [ports?.postgres, ports?.mlflow].filter((port) => port !== undefined);
		});
}

/**
 * PostgreSQL's programs and data, found or made. `environmentMade` is asked for its programs only when there are none
 * elsewhere. Throws a Failure.
 */
export async function preparePostgres(
	options: PrepareOptions,
	settings: Settings,
	environmentMade: () => Promise<string | undefined>,
): Promise<ServiceSpec> {
	const {native, paths, environment, signal} = options;
	const known = findCluster(paths);
	const account = await databaseAccount(known?.folder, signal);
	const search = {environment, copies: native.postgres, account, major: known?.major, signal};
	let programs = await findServer(search);
	if (!programs && wheelMayFit(search)) {
		programs = await findServer({...search, pythonEnvironment: await environmentMade()});
	}

	if (!programs) {
		throw noPostgres(known?.major);
	}

	makeSocketFolder(paths, account);
	const cluster = known ?? (await makeReportedCluster(options, settings, programs, account));
	return postgresSpec(
		{paths, settings, environment},
		{programs, cluster, account, port: settings.ports.postgres ?? usualPorts.postgres},
	);
}

async function makeReportedCluster(
	{paths, report, signal}: PrepareOptions,
	settings: Settings,
	programs: PostgresPrograms,
	account: Awaited<ReturnType<typeof databaseAccount>>,
) {
	const name = `${paths.project}_pgdata`;
	report(step('volume', name, 'working', 'Creating'));
	if (account) {
		report(output(`PostgreSQL refuses to run as root: it runs as ${account.name}.`));
	}

	const onLine = (line: string): void => {
		// Its steps alone: what it says of syncing is not true, as that follows.
		if (line.endsWith(' ... ok')) {
			report(output(line, 'info', `volume ${name}`));
		}
	};
	const cluster = await makeCluster({paths, programs, settings, account, onLine, signal});
	report(step('volume', name, 'done', 'Created'));
	return cluster;
}

/** MLflow's Python environment, found or made as an image is built. Throws a Failure. */
export async function prepareMlflow({
	native,
	environment,
	report,
	signal,
}: PrepareOptions): Promise<MlflowEnvironment> {
	const made = await mlflowEnvironment({
		environments: native.environments,
		environment,
		signal,
		onBuild() {
			report(step('build', 'mlflow', 'working', 'Building'));
		},
		onLine(line) {
			report(output(line, 'info', 'build'));
		},
	});
	if (made.made) {
		report(step('build', 'mlflow', 'done', 'Built'));
	}

	return made;
}

export function mlflowSpecOf(
	{paths, environment}: PrepareOptions,
	settings: Settings,
	{python, image}: MlflowEnvironment,
): ServiceSpec {
	return mlflowSpec(
		{paths, settings, environment},
		{
			python,
			image,
			port: settings.ports.mlflow ?? usualPorts.mlflow,
			databasePort: settings.ports.postgres ?? usualPorts.postgres,
		},
	);
}
