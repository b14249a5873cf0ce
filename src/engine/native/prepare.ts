import {databaseAccount} from './account.ts';
import {findCluster, makeCluster, makeSocketFolder} from './cluster.ts';
import {mlflowEnvironment, type MlflowEnvironment} from './mlflow-environment.ts';
import type {NativePaths, ProjectPaths} from './paths.ts';
import {findServer, noPostgres, wheelMayFit, type PostgresPrograms} from './postgres-programs.ts';
import {output, step, type Report} from './progress.ts';
import {mlflowSpec, postgresSpec, usualPorts} from './services.ts';
import type {Settings} from './settings.ts';
import type {ServiceSpec} from './state-file.ts';

export interface PrepareOptions {
	readonly native: NativePaths;
	readonly paths: ProjectPaths;
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly report: Report;
	readonly signal: AbortSignal;
}

/**
 * PostgreSQL's programs and data, found or made: how it is run with the ports that the settings will say. `environmentMade`
 * is asked for its programs only when there are none elsewhere. Throws a Failure.
 */
export async function preparePostgres(
	options: PrepareOptions,
	settings: Settings,
	environmentMade: () => Promise<string | undefined>,
): Promise<(settings: Settings) => ServiceSpec> {
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
	return (settings) =>
		postgresSpec(
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
