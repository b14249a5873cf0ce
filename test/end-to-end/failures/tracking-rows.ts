import type {FailureRow, Place, Service} from './row.ts';
import {database, sql, stack, tracking, trackingEnvironment, types, withEnvironment} from './stacks.ts';

/** MLflow with these variables besides, or instead. */
const mlflowWith = (
	place: Place,
	environment: Readonly<Record<string, string>>,
	more: Service = {},
): Service => ({
	...withEnvironment(tracking(place), environment),
	...more,
});

const uriOf = (where: string): string => `postgresql+psycopg2://${where}`;

/** The command of a card, typed in the project's folder; then what failed is started again. */
const doesWhatStepSays =
	(step: number): NonNullable<FailureRow['mend']> =>
	async (scene, [card]) => {
		await types(scene, card?.mend[step]?.command ?? 'false');
		await scene.project.compose('restart', 'mlflow');
		await scene.witness.works();
	};

/** The last MLflow that needs SQLAlchemy 2.0, and what pip installed with it from 2026 on. */
const withOlderMlflow = (image: string): string => {
	const older = ['mlflow', 'mlflow-skinny', 'mlflow-tracing'].map((name) => `${name}==3.5.1`).join(' ');
	const pip =
		'/usr/local/bin/pip --python /opt/mlflow/bin/python install --quiet --no-cache-dir --no-compile';
	return `FROM ${image}\nUSER root\nRUN ${pip} --no-deps ${older} 'sqlalchemy==2.1.*'\nUSER mlflow\n`;
};

/** What a data scientist's script does, once the server is there. */
const train = `
import time, urllib.request
while True:
    try:
        urllib.request.urlopen('http://mlflow:5000/health')
        break
    except OSError:
        time.sleep(0.5)

import mlflow
mlflow.set_tracking_uri('http://mlflow:5000')
mlflow.log_text('hello', 'hello.txt')
`;

/** PostgreSQL works, or would; MLflow does not get to it, or not through it. */
export const trackingRows: readonly FailureRow[] = [
	{
		what: 'a password of the compose file that is not the one on the volume',
		before: async ({project}) => {
			await project.compose('up', '--detach', '--wait', 'postgres');
			await project.compose(
				'exec',
				'postgres',
				'psql',
				'-U',
				'mlflow',
				'-c',
				"ALTER ROLE mlflow PASSWORD 'former'",
			);
		},
		stack: (place) => stack(place),
		cards: ['password-refused'],
		title: /^PostgreSQL refuses the password of mlflow$/,
		mend: doesWhatStepSays(1),
	},
	{
		what: 'a password that YAML reads as a number',
		// As the file of a blog post has it: a number in one service, the same digits in the text of a URI.
		stack: (place) =>
			stack(place, {
				postgres: withEnvironment(database, {POSTGRES_PASSWORD: Number('0000')}),
				mlflow: mlflowWith(place, {MLFLOW_BACKEND_STORE_URI: uriOf('mlflow:0000@postgres:5432/mlflow')}),
			}),
		cards: ['password-refused'],
		title: /^PostgreSQL refuses the password of mlflow$/,
	},
	{
		what: 'a database that was never made',
		stack: (place) =>
			stack(place, {
				mlflow: mlflowWith(place, {
					MLFLOW_BACKEND_STORE_URI: uriOf('mlflow:correct-horse@postgres:5432/experiments'),
				}),
			}),
		cards: ['database-missing'],
		title: /^PostgreSQL has no database experiments$/,
		mend: doesWhatStepSays(0),
	},
	{
		what: 'a user that was never made',
		stack: (place) =>
			stack(place, {
				postgres: withEnvironment(database, {POSTGRES_HOST_AUTH_METHOD: 'trust'}),
				mlflow: mlflowWith(place, {MLFLOW_BACKEND_STORE_URI: uriOf('ana@postgres:5432/mlflow')}),
			}),
		cards: ['role-missing'],
		title: /^PostgreSQL has no user ana$/,
	},
	{
		what: 'a password with an @ in a URI',
		stack: (place) =>
			stack(place, {
				mlflow: mlflowWith(place, {MLFLOW_BACKEND_STORE_URI: uriOf('mlflow:pa@ss@postgres-1:5432/mlflow')}),
			}),
		cards: ['host-wrong'],
		title: /^mlflow cannot find the host /,
	},
	{
		what: 'services without a network in common',
		stack: (place) => ({
			...stack(place, {postgres: {networks: ['back']}, mlflow: {networks: ['front']}}),
			networks: {back: {}, front: {}},
		}),
		cards: ['host-unknown'],
		title: /^mlflow cannot find the host postgres$/,
	},
	{
		what: 'a port between containers that PostgreSQL does not listen on',
		stack: (place) =>
			stack(place, {
				mlflow: mlflowWith(place, {
					MLFLOW_BACKEND_STORE_URI: uriOf('mlflow:correct-horse@postgres:15432/mlflow'),
				}),
			}),
		cards: ['database-refuses'],
		title: /^mlflow cannot reach PostgreSQL: the connection is refused$/,
	},
	{
		// As a URI without a driver is read by SQLAlchemy 2.1, which the constraints of this image keep out.
		what: 'a URI that asks for psycopg 3',
		stack: (place) =>
			stack(place, {
				mlflow: mlflowWith(place, {
					MLFLOW_BACKEND_STORE_URI: 'postgresql+psycopg://mlflow:correct-horse@postgres:5432/mlflow',
				}),
			}),
		cards: ['psycopg-missing'],
		title: /^mlflow stopped: the driver that its database URI asks for is not installed$/,
	},
	{
		what: 'an image without a driver for PostgreSQL',
		stack: (place) =>
			stack(place, {
				mlflow: {
					image: `${place.mlflow}-without-driver`,
					build: {
						dockerfile_inline: `FROM ${place.mlflow}\nUSER root\nRUN rm -r /opt/mlflow/lib/python3*/site-packages/psycopg2*\nUSER mlflow\n`,
					},
				},
			}),
		cards: ['psycopg2-missing'],
		title: /^mlflow stopped: its image has no driver for PostgreSQL$/,
	},
	{
		what: 'an MLflow that is older than its SQLAlchemy knows',
		stack: (place) =>
			stack(place, {
				mlflow: {
					image: `${place.mlflow}-sqlalchemy-too-new`,
					build: {dockerfile_inline: withOlderMlflow(place.mlflow)},
				},
			}),
		cards: ['sqlalchemy-too-new'],
		title: /^mlflow stopped: this MLflow does not work with the SQLAlchemy that is installed$/,
	},
	{
		what: 'a URI of which MLflow makes nothing',
		stack: (place) =>
			stack(place, {
				mlflow: mlflowWith(place, {
					MLFLOW_BACKEND_STORE_URI: 'postgres://mlflow:correct-horse@postgres:5432/mlflow',
				}),
			}),
		cards: ['backend-store'],
		title: /^mlflow stopped: it could not open its backend store$/,
	},
	{
		what: 'a folded command of which the shell runs only the first line',
		stack: (place) =>
			stack(place, {
				mlflow: {
					environment: {MLFLOW_WORKERS: '1', MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false'},
					command: [
						'bash',
						'-c',
						`mlflow server\n  --backend-store-uri ${trackingEnvironment.MLFLOW_BACKEND_STORE_URI}\n  --host 0.0.0.0\n`,
					],
				},
			}),
		cards: ['loopback'],
		title: /^mlflow listens on 127\.0\.0\.1 inside its container, where nobody can reach it$/,
	},
	{
		what: 'basic authentication without a secret key',
		stack: (place) => stack(place, {mlflow: {command: ['mlflow', 'server', '--app-name', 'basic-auth']}}),
		cards: ['auth-setup'],
		title: /^mlflow stopped: basic authentication is not set up$/,
	},
	{
		what: 'two servers on one port in a container',
		stack: (place) =>
			stack(place, {
				mlflow: {command: ['sh', '-c', 'python -m http.server 5000 & exec mlflow server']},
			}),
		cards: ['port-taken-inside'],
		// The other server answers, while MLflow still starts.
		passing: ['stranger'],
		title: /^mlflow stopped: its port is taken inside the container$/,
	},
	{
		what: 'a memory limit that MLflow does not fit in',
		stack: (place) => stack(place, {mlflow: {mem_limit: '100m', memswap_limit: '100m'}}),
		cards: ['out-of-memory'],
		passing: ['exited'],
		title: /^mlflow was killed: it ran out of memory$/,
	},
	{
		what: 'a memory limit, and an engine that starts MLflow again and again',
		stack: (place) => stack(place, {mlflow: {mem_limit: '100m', memswap_limit: '100m', restart: 'always'}}),
		cards: ['out-of-memory'],
		title: /^mlflow was killed: it ran out of memory$/,
	},
	{
		what: 'a command that ends at once, again and again',
		stack: (place) =>
			stack(place, {mlflow: {command: ['mlflow', 'server', '--wrokers', '1'], restart: 'always'}}),
		cards: ['restart-loop'],
		passing: ['exited'],
		title: /^mlflow is started again and again, and ends each time \(2\)$/,
	},
	{
		what: 'a list of allowed hosts that lacks the one by which the server is published',
		stack: (place) => stack(place, {mlflow: mlflowWith(place, {MLFLOW_SERVER_ALLOWED_HOSTS: 'mlflow:5000'})}),
		cards: ['host-not-allowed'],
		title: /^mlflow refuses requests for localhost:\d+ \(403\)$/,
	},
	{
		what: 'a failure that no rule knows',
		stack: (place) => stack(place, {mlflow: {command: ['mlflow', 'server', '--wrokers', '1']}}),
		cards: ['exited'],
		title: /^mlflow exited \(2\)$/,
	},
	{
		what: 'packages that are installed at each start, without a network',
		stack: (place) =>
			stack(place, {
				mlflow: {
					image: 'python:3.13-slim-trixie',
					pull_policy: 'missing',
					network_mode: 'none',
					ports: [],
					command: ['bash', '-c', 'pip install mlflow psycopg2-binary && mlflow server --host 0.0.0.0'],
				},
			}),
		cards: ['pip-offline'],
		title: /^pip cannot reach the package index$/,
	},
	{
		what: 'packages that are installed at each start, of which one is not published',
		stack: (place) =>
			stack(place, {
				mlflow: {
					image: 'python:3.13-slim-trixie',
					pull_policy: 'missing',
					command: ['bash', '-c', 'pip install --no-index mlflow-skinny==3.18.0 && mlflow server'],
				},
			}),
		cards: ['package-missing'],
		title: /^pip finds no mlflow-skinny==3\.18\.0$/,
	},
	{
		what: 'a port that is published, and another that MLflow listens on',
		stack: (place) => stack(place, {mlflow: mlflowWith(place, {MLFLOW_PORT: '5001'})}),
		after: async ({witness}) => {
			await witness.until('silence, though it listens', 60_000, () => {
				const {diagnosis, tracking} = witness.store.getState();
				return diagnosis.runs['mlflow']?.listening !== undefined && tracking?.word === 'no answer';
			});
			witness.waits(60_000);
		},
		cards: ['no-answer'],
		title: /^mlflow runs, but does not answer at http:\/\/localhost:\d+$/,
	},
	{
		what: 'a worker of gunicorn that takes too long',
		stack: (place) =>
			stack(place, {mlflow: {command: ['mlflow', 'server', '--gunicorn-opts', '--preload --timeout 3']}}),
		after: async (scene) => {
			await scene.witness.works();
			// As one that waits for a slow disk: it does nothing, and cannot say so.
			const log = await scene.project.compose('logs', 'mlflow');
			const worker = /Booting worker with pid: (\d+)/.exec(log)?.[1] ?? '';
			await scene.project.compose('exec', 'mlflow', 'sh', '-c', `kill -STOP ${worker}`);
		},
		cards: ['worker-killed'],
		title: /^mlflow lost a worker \(process \d+\) in the middle of its work$/,
	},
	{
		what: 'artifacts whose root is a folder, which a training in the stack takes for one of its own',
		stack: (place) => {
			const {services, volumes} = stack(place, {
				mlflow: {
					...mlflowWith(place, {MLFLOW_SERVER_ALLOWED_HOSTS: 'localhost:*,mlflow:5000'}),
					command: ['mlflow', 'server', '--default-artifact-root', './mlruns'],
					working_dir: '/',
				},
			});
			const training = {
				image: place.mlflow,
				pull_policy: 'never',
				init: true,
				command: ['python', '-c', train],
			};
			return {services: {...services, training}, ...(volumes && {volumes})};
		},
		cards: ['artifacts-at-client'],
		title: /^training tries to write artifacts to \/mlruns on its own disk$/,
	},
	{
		what: 'a schema that a newer MLflow made, which this one is told to upgrade first',
		before: async ({project}) => {
			await project.compose('up', '--detach', '--wait', 'postgres');
			await sql({project}, "SELECT 'feedfacecafe'::varchar(32) AS version_num INTO alembic_version");
		},
		stack: (place) =>
			stack(place, {
				mlflow: {command: ['sh', '-c', 'mlflow db upgrade $$MLFLOW_BACKEND_STORE_URI && mlflow server']},
			}),
		cards: ['schema-newer'],
		title: /^The database is newer than this MLflow \(its schema is feedfacecafe\)$/,
	},
	{
		what: 'an object store that has no keys',
		stack: (place) =>
			stack(place, {mlflow: mlflowWith(place, {MLFLOW_ARTIFACTS_DESTINATION: 's3://mlflow'})}),
		after: async (scene) => sendArtifact(scene),
		cards: ['s3-credentials'],
		title: /^mlflow has no keys for the object store$/,
	},
	{
		what: 'an object store that is not there',
		stack: (place) =>
			stack(place, {
				mlflow: mlflowWith(place, {
					MLFLOW_ARTIFACTS_DESTINATION: 's3://mlflow',
					MLFLOW_S3_ENDPOINT_URL: 'http://127.0.0.1:9',
					AWS_ACCESS_KEY_ID: 'key',
					AWS_SECRET_ACCESS_KEY: 'secret',
					AWS_MAX_ATTEMPTS: '1',
				}),
			}),
		after: async (scene) => sendArtifact(scene),
		cards: ['s3-unreachable'],
		title: /^mlflow cannot reach the object store$/,
	},
];

async function sendArtifact({port, witness}: Parameters<NonNullable<FailureRow['after']>>[0]): Promise<void> {
	await witness.works();
	await fetch(`http://127.0.0.1:${port}/api/2.0/mlflow-artifacts/artifacts/hello.txt`, {
		method: 'PUT',
		body: 'hello',
	});
}
