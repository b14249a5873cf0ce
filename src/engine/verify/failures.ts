import {Failure} from '../../failure.ts';
import type {Stack, TrackingHealth} from '../../stack/model.ts';
import type {Backend} from './rows.ts';
import {backendWords, isPostgres, type ServerSettings} from './server-settings.ts';

/** What to do about a server that keeps metadata elsewhere than in PostgreSQL. */
const giveDatabase = [
	'mlstack doctor (--fix mends what it finds)',
	'or give the server its database: --backend-store-uri postgresql+psycopg2://USER:PASSWORD@postgres/DATABASE',
];

const lostOptions =
	'the options in the compose file do not reach it, as when a folded command keeps its line breaks, or none names a database';

export function noServer({project}: Stack): Failure {
	return new Failure(`${project} has no MLflow server`, {
		code: 'no-tracking-server',
		why: 'none of its services is recognised as one',
		next: ['say which one is with a label: `mlstack.role: tracking`'],
	});
}

export function notRunning(service: string): Failure {
	return new Failure(`${service} does not run, so nothing can be logged`, {
		code: 'not-running',
		reason: 'notHealthy',
		next: ['mlstack up --wait'],
	});
}

/** It answers nothing, or not as it should; what it was started with may say why. */
export function notAnswering(
	{url, answers, word, why}: TrackingHealth,
	service: string,
	settings: ServerSettings | undefined,
): Failure {
	const isElsewhere = settings !== undefined && !isPostgres(settings);
	const kept = isElsewhere ? ` And it keeps metadata in ${backendWords(settings)}: ${lostOptions}.` : '';
	return new Failure(`MLflow ${answers ? 'does not work' : 'does not answer'} at ${url}: ${word}`, {
		code: 'mlflow-not-ready',
		reason: 'notHealthy',
		why: `${why}${kept}`,
		next: [...(isElsewhere ? giveDatabase : ['mlstack status']), `mlstack logs --tail 50 ${service}`],
	});
}

export function noDatabase({project}: Stack, settings: ServerSettings | undefined): Failure {
	return new Failure(`${project} has no PostgreSQL that runs, so its rows cannot be looked at`, {
		code: 'no-database',
		reason: 'notHealthy',
		why: settings === undefined ? '' : `MLflow keeps metadata in ${backendWords(settings)}`,
		next: [
			'mlstack up --wait',
			'or, where the database is named otherwise, label its service: `mlstack.role: database`',
		],
	});
}

export function notInPostgres(settings: ServerSettings | undefined): Failure {
	if (settings && isPostgres(settings)) {
		return new Failure('the run is in another PostgreSQL than that of this stack', {
			code: 'other-postgres',
			why: `MLflow keeps metadata in ${backendWords(settings)}`,
			next: [
				'name this stack’s database in --backend-store-uri, or MLFLOW_BACKEND_STORE_URI',
				'mlstack doctor',
			],
		});
	}

	const where = settings
		? `MLflow keeps metadata in ${backendWords(settings)}`
		: 'MLflow keeps metadata elsewhere';
	return new Failure(`the run is not in PostgreSQL: ${where}`, {
		code: 'backend-not-postgres',
		why: lostOptions,
		next: giveDatabase,
	});
}

export function rowsMissing({container, database}: Backend, missing: readonly string[]): Failure {
	return new Failure(
		`the database ${database} of ${container.service} does not hold the ${missing.join(', ')}`,
		{
			code: 'rows-missing',
			why: 'MLflow has read it back, so it keeps it elsewhere or answers from memory',
			next: ['mlstack doctor', `mlstack logs --tail 50 ${container.service}`],
		},
	);
}

export function artifactDiffers(): Failure {
	return new Failure('the artifact that the server gives back is not the one that was sent', {
		code: 'artifact-differs',
		why: 'a proxy in between, or two servers that share the port, would explain it',
		next: ['mlstack status'],
	});
}

export function artifactsInContainer(settings: ServerSettings | undefined): Failure {
	const place = settings?.destination ? ` at ${settings.destination}` : '';
	return new Failure(`artifacts are kept in the container itself${place}, in no volume`, {
		code: 'artifacts-in-container',
		why: 'they go when the container is made anew: after a change of the compose file, or `down`',
		next: [
			`mount a volume at ${settings?.destination || '/mlartifacts'} and name it in --artifacts-destination`,
			'mlstack doctor',
		],
	});
}

export function artifactElsewhere(stores: string, settings: ServerSettings | undefined): Failure {
	return new Failure(`the artifact is served, but is not in ${stores}`, {
		code: 'artifact-elsewhere',
		why: settings?.destination
			? `the server keeps artifacts at ${settings.destination}, which is another place`
			: 'the server keeps artifacts at another place',
		next: ['let --artifacts-destination name the path at which the volume is mounted', 'mlstack doctor'],
	});
}
