import {homedir} from 'node:os';
import {join} from 'node:path';
import type {PublishedPort, Stack} from '../../stack/model.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that changes mlstack's own stack, from the shell or from the .env beside its compose file. */
export interface OwnStackSetting {
	readonly variable: string;
	/** What holds without it. */
	readonly fallback: string;
	readonly meaning: string;
}

/** What can be set without editing the compose file: the same as its own comment lists. */
export const ownStackSettings: readonly OwnStackSetting[] = [
	{variable: 'MLFLOW_PORT', fallback: '5000', meaning: 'MLflow’s port on this machine'},
	{variable: 'MLSTACK_PG_PORT', fallback: '5432', meaning: 'PostgreSQL’s port on this machine'},
	{
		variable: 'MLSTACK_BIND',
		fallback: '127.0.0.1',
		meaning: 'address that both are published on; `0.0.0.0` opens them to the network',
	},
	{variable: 'MLFLOW_VERSION', fallback: '3.17.2', meaning: 'version of MLflow; the image is built with it'},
	{variable: 'MLFLOW_WORKERS', fallback: '1', meaning: 'server processes, some 400 MB each'},
	{
		variable: 'POSTGRES_IMAGE',
		fallback: 'postgres:18-trixie',
		meaning: 'image of PostgreSQL, 18 or newer',
	},
	{
		variable: 'MLFLOW_ALLOWED_HOSTS',
		fallback: '',
		meaning: 'more names that the server may be called by: `gpu-box,gpu-box:*`',
	},
	{
		variable: 'MLFLOW_ARTIFACTS_DESTINATION',
		fallback: '/mlartifacts',
		meaning: 'where artifacts are kept; `s3://bucket` works too',
	},
	{
		variable: 'MLFLOW_SERVER_ENABLE_JOB_EXECUTION',
		fallback: 'false',
		meaning: 'jobs of the GenAI features; they take 1.3 GB more',
	},
	{
		variable: 'MLFLOW_DISABLE_TELEMETRY',
		fallback: 'true',
		meaning: 'no usage data to MLflow’s makers',
	},
	{
		variable: 'MLSTACK_PROJECT',
		fallback: 'mlstack',
		meaning: 'name of the project; containers and volumes are called after it',
	},
];

/**
 * Where mlstack's own stack lives: `$MLSTACK_HOME/stack`, else `mlstack/stack` in the user's configuration folder (XDG
 * Base Directory Specification; APPDATA on Windows).
 */
export function ownStackFolder(environment: Environment): string {
	const home = environment['MLSTACK_HOME'];
	if (home) {
		return join(home, 'stack');
	}

	const user = environment['HOME'] || homedir();
	const configuration =
		process.platform === 'win32'
			? environment['APPDATA'] || join(user, 'AppData', 'Roaming')
			: environment['XDG_CONFIG_HOME'] || join(user, '.config');
	return join(configuration, 'mlstack', 'stack');
}

/**
 * mlstack's own stack as its template describes it, for as long as its files are not written: nothing is asked and
 * nothing read. A test holds it against what compose makes of the template.
 */
export function ownStackDefinition(environment: Environment): Stack {
	const directory = ownStackFolder(environment);
	const setting = (variable: string): string =>
		environment[variable] ||
		(ownStackSettings.find((setting) => setting.variable === variable)?.fallback ?? '');
	const published = (variable: string, target: number): PublishedPort => ({
		address: setting('MLSTACK_BIND'),
		published: Number(setting(variable)) || target,
		target,
		protocol: 'tcp',
	});
	return {
		project: setting('MLSTACK_PROJECT'),
		origin: 'own',
		files: [join(directory, 'compose.yaml')],
		directory,
		services: [
			{
				name: 'postgres',
				role: 'database',
				image: setting('POSTGRES_IMAGE'),
				build: false,
				ports: [published('MLSTACK_PG_PORT', 5432)],
				dependsOn: [],
				hasHealthcheck: true,
			},
			{
				name: 'mlflow',
				role: 'tracking',
				image: `mlstack/mlflow:${setting('MLFLOW_VERSION')}-py3.13-1`,
				build: true,
				ports: [published('MLFLOW_PORT', 5000)],
				dependsOn: ['postgres'],
				hasHealthcheck: true,
			},
		],
	};
}
