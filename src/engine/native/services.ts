import type {ServiceDefinition} from '../../stack/model.ts';
import type {Cluster} from './cluster.ts';
import type {MlflowEnvironment} from './mlflow-environment.ts';
import type {ProjectPaths} from './paths.ts';
import type {PostgresPrograms} from './postgres-programs.ts';
import type {Account} from './run-program.ts';
import type {Settings} from './settings.ts';
import {longestSocketPath} from './socket-path.ts';
import type {ServiceSpec} from './state-file.ts';

export type ServiceName = 'postgres' | 'mlflow';

/** The ports that are used if they are free: those of mlstack's compose file. */
export const usualPorts: Readonly<Record<ServiceName, number>> = {postgres: 5432, mlflow: 5000};

/** In start order. */
export const serviceNames: readonly ServiceName[] = ['postgres', 'mlflow'];

export function isServiceName(name: string): name is ServiceName {
	return serviceNames.some((known) => known === name);
}

/** The services of mlstack's own stack, in start order. */
export function definitions(ports: Settings['ports'] | undefined): readonly ServiceDefinition[] {
	return [
		{
			name: 'postgres',
			role: 'database',
			image: 'postgres',
			build: false,
			ports: [published(ports?.postgres ?? usualPorts.postgres, 5432)],
			dependsOn: [],
			hasHealthcheck: true,
		},
		{
			name: 'mlflow',
			role: 'tracking',
			image: 'mlflow',
			build: true,
			ports: [published(ports?.mlflow ?? usualPorts.mlflow, 5000)],
			dependsOn: ['postgres'],
			hasHealthcheck: true,
		},
	];
}

/**
 * What a service gets of the environment that mlstack was called in. Little, so that a shell's settings do not change
 * how the stack works; but a server without a container around it needs what the machine is set up with.
 */
const inherited =
	/^(?:PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TZ|TMPDIR|\w+_proxy|\w+_PROXY|SSL_CERT_\w+|REQUESTS_CA_BUNDLE|AWS_\w+|GOOGLE_APPLICATION_CREDENTIALS|AZURE_\w+|MLFLOW_S3_\w+|LD_LIBRARY_PATH)$/;

function environmentOf(
	environment: Readonly<Record<string, string | undefined>>,
	own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
	const taken: Record<string, string> = {};
	for (const [name, value] of Object.entries(environment)) {
		if (value !== undefined && inherited.test(name)) {
			taken[name] = value;
		}
	}

	return {...taken, ...own};
}

export interface SpecOptions {
	readonly paths: ProjectPaths;
	readonly settings: Settings;
	readonly environment: Readonly<Record<string, string | undefined>>;
}

/** PostgreSQL, as the official image runs it: everything to standard error, a fast shutdown on SIGINT. */
export function postgresSpec(
	{paths, settings, environment}: SpecOptions,
	{
		programs,
		cluster,
		account,
		port,
	}: {
		readonly programs: PostgresPrograms;
		readonly cluster: Cluster;
		readonly account: Account | undefined;
		readonly port: number;
	},
): ServiceSpec {
	const {user, password, database} = settings;
	const socketPath = `${paths.postgresSocket}/.s.PGSQL.${port}`;
	const socketFolder = Buffer.byteLength(socketPath) <= longestSocketPath ? paths.postgresSocket : '';
	const options = {
		listen_addresses: '127.0.0.1',
		port: String(port),
		unix_socket_directories: socketFolder,
		logging_collector: 'off',
		log_destination: 'stderr',
	};
	return {
		name: 'postgres',
		role: 'database',
		image: `postgres:${programs.version}`,
		command: [
			`${programs.bin}/postgres`,
			'-D',
			cluster.folder,
			...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
		],
		environment: {
			...environmentOf({PATH: environment['PATH'], TZ: environment['TZ']}, {LC_ALL: 'C'}),
			// The image's names, and libpq's own for psql and pg_dump.
			POSTGRES_USER: user,
			POSTGRES_PASSWORD: password,
			POSTGRES_DB: database,
			PGDATA: cluster.folder,
			PGHOST: '127.0.0.1',
			PGPORT: String(port),
			PGUSER: user,
			PGPASSWORD: password,
			PGDATABASE: database,
		},
		directory: cluster.folder,
		...(account && {account: {uid: account.uid, gid: account.gid}}),
		ports: [published(port, 5432)],
		dependsOn: [],
		stopSignal: 'SIGINT',
		stopGrace: 60_000,
		health: {kind: 'postgres', port, user, database},
		cluster: cluster.folder,
	};
}

/** MLflow with the same options as in mlstack's compose file. It runs as who calls, as does any `mlflow server` typed by hand. */
export function mlflowSpec(
	{paths, settings, environment}: SpecOptions,
	{
		python,
		image,
		port,
		databasePort,
	}: Pick<MlflowEnvironment, 'python' | 'image'> & {
		readonly port: number;
		readonly databasePort: number;
	},
): ServiceSpec {
	const {user, password, database} = settings;
	const binFolder = python.slice(0, python.lastIndexOf('/'));
	return {
		name: 'mlflow',
		role: 'tracking',
		image,
		command: [python, '-m', 'mlflow', 'server'],
		environment: {
			...environmentOf(environment, {
				PYTHONUNBUFFERED: '1',
				GIT_PYTHON_REFRESH: 'quiet',
				MLFLOW_WORKERS: environment['MLFLOW_WORKERS'] || '1',
				MLFLOW_ARTIFACTS_DESTINATION: environment['MLFLOW_ARTIFACTS_DESTINATION'] || paths.artifacts,
				MLFLOW_SERVER_ALLOWED_HOSTS:
					environment['MLFLOW_SERVER_ALLOWED_HOSTS'] ||
					'localhost,localhost:*,127.0.0.1,127.0.0.1:*,[[]::1]:*',
				MLFLOW_SERVER_ENABLE_JOB_EXECUTION: environment['MLFLOW_SERVER_ENABLE_JOB_EXECUTION'] || 'false',
				MLFLOW_DISABLE_TELEMETRY: environment['MLFLOW_DISABLE_TELEMETRY'] || 'true',
			}),
			PATH: `${binFolder}:${environment['PATH'] ?? '/usr/bin:/bin'}`,
			MLFLOW_HOST: '127.0.0.1',
			MLFLOW_PORT: String(port),
			MLFLOW_BACKEND_STORE_URI: `postgresql+psycopg2://${user}:${password}@127.0.0.1:${databasePort}/${database}`,
			MLFLOW_SERVE_ARTIFACTS: 'true',
		},
		directory: paths.folder,
		ports: [published(port, 5000)],
		dependsOn: ['postgres'],
		stopSignal: 'SIGTERM',
		stopGrace: 30_000,
		health: {kind: 'http', port, path: '/health'},
	};
}

function published(port: number, target: number) {
	return {address: '127.0.0.1', published: port, target, protocol: 'tcp'};
}
