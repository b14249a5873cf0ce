/** A file that a rule finds fault with: at the line that holds the mark. The mark is taken out before it is read. */
export const mark = '#HERE';

export interface LintExample {
	readonly source: string;
	/** The engine's version, where the rule minds it. */
	readonly engineVersion?: string;
	/** What stands in the mended file; nothing for a rule that mends nothing. */
	readonly mended?: readonly string[];
}

const postgres = `
services:
  db:
    image: postgres:18-trixie
    environment:
      POSTGRES_PASSWORD: \${DB_PASSWORD:?}
    volumes: ["pgdata:/var/lib/postgresql"]
volumes:
  pgdata:
`;

const mlflow = (command: string, rest = ''): string => `
services:
  mlflow:
    image: ghcr.io/mlflow/mlflow:v3.17.2
    command: ${command}
    volumes:
      - artifacts:/mlartifacts
${rest}
volumes:
  artifacts:
`;

/** One example for each rule. */
export const examples: Readonly<Record<string, LintExample>> = {
	'version-obsolete': {
		source: `# The stack of the team.\nversion: "3" #HERE\n\nservices:\n  db:\n    image: postgres:18-trixie\n`,
		mended: ['# The stack of the team.\n\nservices:'],
	},
	'open-port': {
		source: postgres.replace('    volumes:', '    ports:\n      - 5432:5432 #HERE\n    volumes:'),
		mended: ['      - "127.0.0.1:5432:5432" # the port'],
	},
	'secret-in-file': {
		source: postgres.replace('POSTGRES_PASSWORD: ${DB_PASSWORD:?}', 'POSTGRES_PASSWORD: "hunter2" #HERE'),
	},
	'uri-mismatch': {
		source: `services:
  db:
    image: postgres:18-trixie
    environment: {POSTGRES_PASSWORD: hunter2}
  mlflow:
    image: ghcr.io/mlflow/mlflow:v3.17.2
    environment:
      MLFLOW_BACKEND_STORE_URI: postgresql+psycopg2://postgres:hunter2@db/kws #HERE
`,
	},
	'container-name': {
		source: postgres.replace(
			'    environment:',
			'    container_name: mlflow-postgres #HERE\n    environment:',
		),
	},
	'image-unpinned': {
		source: 'services:\n  proxy:\n    image: nginx #HERE\n',
	},
	'start-interval': {
		source: postgres.replace(
			'    volumes:',
			'    healthcheck:\n      test: pg_isready -h 127.0.0.1 -U postgres -d postgres\n      interval: 10s\n      start_interval: 1s #HERE\n    volumes:',
		),
		engineVersion: '24.0.7',
		mended: ['      interval: 3s\n    volumes:'],
	},
	'password-number': {
		source: postgres.replace('${DB_PASSWORD:?}', '0000 #HERE'),
		mended: ['      POSTGRES_PASSWORD: "0000" # the port'],
	},
	'mount-path': {
		source: postgres.replace(
			'volumes: ["pgdata:/var/lib/postgresql"]',
			'volumes:\n      - pgdata:/var/lib/postgresql/data:Z #HERE',
		),
		mended: ['      - pgdata:/var/lib/postgresql:Z # the port'],
	},
	'data-not-kept': {
		source: postgres.replace(/ {4}volumes: .*\n/, '').replace('  db:', '  db: #HERE'),
	},
	'database-image-unpinned': {
		source: postgres.replace('postgres:18-trixie', 'postgres:latest #HERE'),
		mended: ['    image: postgres:18-trixie # the port'],
	},
	'database-end-of-life': {
		source: postgres.replace('postgres:18-trixie', 'postgres:13.4-alpine #HERE'),
	},
	'no-database-healthcheck': {
		source: postgres.replace('  db:', '  db: #HERE'),
		mended: ['pg_isready -q -h 127.0.0.1 -U "postgres" -d "postgres"', '      interval: 3s\n'],
	},
	'healthcheck-target': {
		source: postgres.replace(
			'    volumes:',
			'    healthcheck:\n      test: pg_isready #HERE\n      interval: 7s\n    volumes:',
		),
		mended: ['pg_isready -q -h 127.0.0.1 -U "postgres" -d "postgres"] # the port\n      interval: 7s\n'],
	},
	'shm-size': {source: postgres.replace('  db:', '  db: #HERE'), mended: ['    shm_size: 256mb\n']},
	'command-cut': {
		source: mlflow(
			'> #HERE\n      bash -c "\n        mlflow server\n        --host 0.0.0.0\n        --artifacts-destination /mlartifacts\n      "',
		),
		mended: [
			'    command: # the port\n      - mlflow\n      - server\n      - --host\n      - 0.0.0.0\n      - --artifacts-destination\n      - /mlartifacts\n',
		],
	},
	loopback: {
		source: mlflow('mlflow server --artifacts-destination /mlartifacts -h 127.0.0.1 #HERE'),
		mended: ['    command: # the port\n', '      - --host\n      - 0.0.0.0\n'],
	},
	'plain-uri': {
		source: mlflow(
			'mlflow server --host 0.0.0.0 --artifacts-destination /mlartifacts',
			'    environment:\n      - MLFLOW_BACKEND_STORE_URI=postgresql://kws:${DB_PASSWORD}@db/kws #HERE',
		),
		mended: ['      - MLFLOW_BACKEND_STORE_URI=postgresql+psycopg2://kws:${DB_PASSWORD}@db/kws # the port'],
	},
	'artifacts-at-client': {
		source: mlflow('["mlflow", "server", "--host=0.0.0.0", "--default-artifact-root", "./mlruns"] #HERE'),
		mended: ['      - --host=0.0.0.0\n      - --artifacts-destination\n      - /mlartifacts\n'],
	},
	'artifacts-not-kept': {
		source: `services:\n  mlflow:\n    image: ghcr.io/mlflow/mlflow:v3.17.2\n    command: mlflow server --host 0.0.0.0 #HERE\n`,
		mended: [
			'      - --artifacts-destination\n      - /mlartifacts\n    volumes:\n      - mlartifacts:/mlartifacts\nvolumes:\n  mlartifacts: {}\n',
		],
	},
	'install-at-start': {
		source: `services:\n  mlflow:\n    image: python:3.12-slim\n    command: sh -c "pip install -q 'mlflow>=3' psycopg2-binary && mlflow server --host 0.0.0.0 --artifacts-destination s3://kws" #HERE\n`,
		mended: [
			'    build: \n      context: .\n'.replace(' \n', '\n'),
			'        FROM python:3.12-slim\n        RUN pip install --no-cache-dir --root-user-action=ignore mlflow==3.17.2 psycopg2-binary\n',
			'      - mlflow\n      - server\n      - --host\n      - 0.0.0.0\n',
		],
	},
	'python-end-of-life': {
		source: `services:\n  mlflow:\n    image: python:3.9 #HERE\n    command: sh -c "pip install mlflow psycopg2-binary && mlflow server --host 0.0.0.0 --artifacts-destination s3://kws"\n`,
		mended: ['FROM python:3.13-slim-trixie\n'],
	},
	'tracking-image-unpinned': {
		source: `services:\n  mlflow:\n    image: ghcr.io/mlflow/mlflow #HERE\n`,
	},
	'mlflow-old': {
		source: `services:\n  mlflow:\n    image: python:3.13-slim\n    command: sh -c "pip install mlflow==2.22.5 psycopg2-binary && mlflow server --host 0.0.0.0 --artifacts-destination s3://kws" #HERE\n`,
		mended: ['mlflow==3.17.2 psycopg2-binary\n'],
	},
	'started-only': {
		source: postgres.replace(
			'volumes:\n  pgdata',
			`    healthcheck:
      test: [CMD-SHELL, pg_isready -h 127.0.0.1 -U postgres -d postgres]
  mlflow:
    image: ghcr.io/mlflow/mlflow:v3.17.2
    depends_on: [proxy, db] #HERE
volumes:\n  pgdata`,
		),
		mended: [
			'    depends_on: # the port\n      proxy:\n        condition: service_started\n      db:\n        condition: service_healthy\n',
		],
	},
	'no-tracking-healthcheck': {
		source: mlflow('mlflow server --port 5001 --host 0.0.0.0 --artifacts-destination /mlartifacts').replace(
			'  mlflow:',
			'  mlflow: #HERE',
		),
		mended: ["u.urlopen('http://127.0.0.1:5001/health', timeout=3)"],
	},
	'host-not-allowed': {
		source: mlflow(
			'mlflow server --host 0.0.0.0 --artifacts-destination /mlartifacts',
			'    environment: #HERE\n      MLFLOW_WORKERS: "1"\n  notebook:\n    image: jupyter:1\n    environment:\n      MLFLOW_TRACKING_URI: http://mlflow:5000',
		),
		mended: [
			'      MLFLOW_SERVER_ALLOWED_HOSTS: localhost,localhost:*,127.0.0.1,127.0.0.1:*,mlflow,mlflow:*\n  notebook:',
		],
	},
};
