import {setTimeout as delay} from 'node:timers/promises';
import {runCommand} from '../../support/project.ts';
import type {Compose, Place, Scene, Service} from './row.ts';

/** PostgreSQL as people write it, but quicker to start: nothing here must survive a power cut. */
export const database: Service = {
	image: 'postgres:18-trixie',
	environment: {
		POSTGRES_USER: 'mlflow',
		POSTGRES_PASSWORD: 'correct-horse',
		POSTGRES_DB: 'mlflow',
		POSTGRES_INITDB_ARGS: '--no-sync',
	},
	command: ['postgres', '-c', 'fsync=off'],
	healthcheck: {
		test: ['CMD-SHELL', 'pg_isready -q -h 127.0.0.1 -U mlflow'],
		interval: '1s',
		timeout: '5s',
		retries: 60,
	},
	volumes: ['data:/var/lib/postgresql'],
	stop_grace_period: '5s',
};

/** MLflow on that database, in its smallest form. */
export const tracking = ({mlflow, port}: Place): Service => ({
	image: mlflow,
	pull_policy: 'never',
	command: ['mlflow', 'server'],
	environment: trackingEnvironment,
	depends_on: {postgres: {condition: 'service_healthy'}},
	ports: [`127.0.0.1:${port}:5000`],
	init: true,
	stop_grace_period: '5s',
});

export const uri = 'postgresql+psycopg2://mlflow:correct-horse@postgres:5432/mlflow';

export const trackingEnvironment = {
	MLFLOW_HOST: '0.0.0.0',
	MLFLOW_WORKERS: '1',
	MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
	MLFLOW_DISABLE_TELEMETRY: 'true',
	MLFLOW_BACKEND_STORE_URI: uri,
};

export const withEnvironment = (
	service: Service,
	environment: Readonly<Record<string, string | number>>,
): Service => ({
	...service,
	environment: {...Object(service['environment']), ...environment},
});

/** A whole stack; a part that is named replaces what it is otherwise. */
export const stack = (
	place: Place,
	parts: {readonly postgres?: Service; readonly mlflow?: Service} = {},
): Compose => ({
	services: {
		postgres: {...database, ...parts.postgres},
		mlflow: {...tracking(place), ...parts.mlflow},
	},
	volumes: {data: {}},
});

/** A command in the project's folder, as a user types it. */
export async function types({project}: Pick<Scene, 'project'>, command: string): Promise<string> {
	const {exitCode, stdout, stderr} = await runCommand('sh', ['-c', command], project.folder);
	if (exitCode !== 0) {
		throw new Error(`${command}: ${stdout}${stderr}`);
	}

	return stdout.trim();
}

/** A statement for the stack's PostgreSQL. */
export async function sql(
	{project}: Pick<Scene, 'project'>,
	statement: string,
	name = 'mlflow',
): Promise<string> {
	return project.compose(
		'exec',
		'-T',
		'postgres',
		'psql',
		'-U',
		'mlflow',
		'-d',
		name,
		'-At',
		'-c',
		statement,
	);
}

/** The status with which MLflow answers a request. */
export async function ask({port}: Place, path: string, request: RequestInit = {}): Promise<number> {
	const {status} = await fetch(`http://127.0.0.1:${port}${path}`, request);
	return status;
}

/** Waits for something that pushes nothing. */
export async function eventually(holds: () => Promise<boolean>, patience = 60_000): Promise<void> {
	for (const deadline = Date.now() + patience; !(await holds().catch(() => false)); await delay(200)) {
		if (Date.now() > deadline) {
			throw new Error(`waited ${patience / 1000} s for ${String(holds)}`);
		}
	}
}
