import type {LineRule} from './rule.ts';

/** How long MLflow may wait for a database that only starts, ms. It tries ten times in 104 s. */
const patience = 10_000;

const afterRefusal = 900_000;

/** What MLflow, its web server, SQLAlchemy, its drivers and pip say when something is wrong. */
export const trackingRules: readonly LineRule[] = [
	{
		id: 'psycopg-missing',
		reads: ['tracking'],
		pattern: /No module named 'psycopg'/,
		severity: 'error',
		title: '{service} stopped: the driver that its database URI asks for is not installed',
		why: 'SQLAlchemy 2.1 takes a URI that names no driver (postgresql://) for psycopg 3, as if it said postgresql+psycopg://. Usually psycopg2 is installed.',
		mend: [
			{
				text: 'Name the driver in the URI.',
				change: 'MLFLOW_BACKEND_STORE_URI: postgresql+psycopg2://USER:PASSWORD@{database}:5432/DATABASE',
			},
		],
	},
	{
		id: 'psycopg2-missing',
		reads: ['tracking'],
		pattern: /No module named 'psycopg2'/,
		severity: 'error',
		title: '{service} stopped: its image has no driver for PostgreSQL',
		why: 'MLflow’s package and its official images bring none.',
		mend: [
			{
				text: 'Install it where MLflow is installed: in the image, best.',
				change: 'RUN pip install psycopg2-binary',
			},
		],
	},
	{
		id: 'sqlalchemy-too-new',
		reads: ['tracking'],
		pattern: /cannot import name '\w+' from 'sqlalchemy/,
		severity: 'error',
		title: '{service} stopped: this MLflow does not work with the SQLAlchemy that is installed',
		why: 'MLflow 3.5.1 and earlier need SQLAlchemy 2.0; pip installs 2.1 unless told otherwise.',
		mend: [
			{text: 'Use a current MLflow.', change: 'RUN pip install mlflow==3.17.2 psycopg2-binary'},
			{
				text: 'Or hold SQLAlchemy back.',
				change: 'RUN pip install mlflow==VERSION "sqlalchemy<2.1" psycopg2-binary',
			},
		],
	},
	{
		id: 'database-refuses',
		reads: ['tracking'],
		pattern: /OperationalError\)?.*(?:Connection refused|could not connect to server)/,
		severity: 'error',
		title: '{service} cannot reach PostgreSQL: the connection is refused',
		why: 'Nothing listens at the host and port of its database URI: PostgreSQL is not up, or the port is another. It tries ten times in 104 s, then stops.',
		mend: [
			{text: 'See what PostgreSQL says.', command: '{compose} logs --tail 50 {database}'},
			{
				text: 'Let MLflow wait until PostgreSQL is healthy.',
				change: 'depends_on:\n  {database}:\n    condition: service_healthy',
			},
			{text: 'Between containers the port is PostgreSQL’s own, 5432, whatever is published.'},
		],
		lasts: patience,
		follows: 'database',
		heals: 'connected',
	},
	{
		id: 'host-unknown',
		reads: ['tracking'],
		pattern: /could not translate host name "([^"]*)" to address/,
		severity: 'error',
		title: '{service} cannot find the host {1}',
		why: 'That is a service of this stack, so its container is not running, or not in the same network.',
		mend: [
			{text: 'Start it.', command: '{compose} up -d {1}'},
			{
				text: 'If it runs: both services need a network in common, which they have unless one sets `networks` or `network_mode`.',
			},
		],
		names: 'service',
		lasts: patience,
		follows: 'database',
		heals: 'connected',
	},
	{
		id: 'host-wrong',
		reads: ['tracking'],
		pattern: /could not translate host name "([^"]*)" to address/,
		severity: 'error',
		title: '{service} cannot find the host {1}',
		why: 'No service of this stack has that name. Often it is the end of a password: one that holds @ / : % or # must be written percent-encoded in a URI.',
		mend: [
			{
				text: 'Encode the password: type it after this command.',
				command: `python3 -c 'import urllib.parse as u; print(u.quote(input(), safe=""))'`,
			},
			{
				text: 'Or name the service as the host.',
				change: 'postgresql+psycopg2://USER:PASSWORD@{database}:5432/DATABASE',
			},
		],
		names: 'stranger',
		heals: 'connected',
	},
	{
		id: 'password-refused',
		reads: ['tracking'],
		pattern: /password authentication failed for user "([^"]+)"/,
		severity: 'error',
		title: 'PostgreSQL refuses the password of {1}',
		why: 'PostgreSQL takes POSTGRES_PASSWORD only when it initialises an empty volume; one that was changed later is not the one that it knows. A password written as a number without quotes is another, too: YAML reads 0000 as 0. It looks like starting for 104 s; then MLflow stops.',
		mend: [
			{
				text: 'Write the password with quotes, the same in both services; from .env, best.',
				change: 'POSTGRES_PASSWORD: "..."',
			},
			{
				text: 'Give the user the password of the compose file; the data stays.',
				command: `echo "SELECT format('ALTER ROLE %I PASSWORD %L', :'user', :'new') \\gexec" | {compose} exec -T {database} sh -c 'psql -U "$POSTGRES_USER" -d postgres -v user="$POSTGRES_USER" -v new="$POSTGRES_PASSWORD"'`,
			},
		],
		heals: 'connected',
	},
	{
		id: 'database-missing',
		reads: ['tracking'],
		pattern: /FATAL: {2}database "([^"]+)" does not exist/,
		severity: 'error',
		title: 'PostgreSQL has no database {1}',
		why: 'POSTGRES_DB is taken only when an empty volume is initialised. The name was changed later, or the URI has another.',
		mend: [
			{
				text: 'Create it.',
				command: `{compose} exec {database} sh -c 'createdb -U "$POSTGRES_USER" "{1}"'`,
			},
			{text: 'Or go back to the former name, under which the experiments are.'},
		],
		heals: 'connected',
	},
	{
		id: 'role-missing',
		reads: ['tracking'],
		pattern: /FATAL: {2}role "([^"]+)" does not exist/,
		severity: 'error',
		title: 'PostgreSQL has no user {1}',
		why: 'POSTGRES_USER is taken only when an empty volume is initialised. The name was changed later, or the URI has another.',
		mend: [{text: 'Go back to the former name, in both services.', change: 'POSTGRES_USER: ...'}],
		heals: 'connected',
	},
	{
		id: 'schema-old',
		reads: ['tracking'],
		pattern: /Detected out-of-date database schema \(found version (\w+)/,
		severity: 'error',
		title: '{service} stopped: the database has the schema of another MLflow ({1})',
		why: 'MLflow was changed to another version. It migrates the schema by itself only when tables are missing. It says the same when the database is newer than the server; then the upgrade fails with "Can’t locate revision".',
		mend: [
			{
				text: 'Save the database.',
				command: `{compose} exec -T {database} sh -c 'pg_dump -Fc -U "$POSTGRES_USER" "$POSTGRES_DB"' > before-upgrade.dump`,
			},
			{
				text: 'Migrate it.',
				command: `{compose} run --rm {service} sh -c 'mlflow db upgrade "$MLFLOW_BACKEND_STORE_URI"'`,
			},
			{text: 'If that cannot locate a revision, the database is the newer one: go back to the newer MLflow.'},
		],
		unless: ['schema-newer'],
	},
	{
		id: 'schema-newer',
		reads: ['tracking', 'operation'],
		pattern: /Can't locate revision identified by '(\w+)'/,
		severity: 'error',
		title: 'The database is newer than this MLflow (its schema is {1})',
		why: 'A newer MLflow has migrated it, and MLflow cannot go back.',
		mend: [
			{
				text: 'Use the newer MLflow again, or restore a backup from before it.',
				change: 'MLFLOW_VERSION: 3.17.2',
			},
		],
	},
	{
		id: 'loopback',
		reads: ['tracking'],
		pattern: /(?:Uvicorn running on|Listening at:) https?:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/,
		severity: 'error',
		title: '{service} listens on {1} inside its container, where nobody can reach it',
		why: 'That is what `mlflow server` does without --host. If the compose file has the option, the command is cut in two: in a folded block (>) lines that are indented deeper keep their line breaks, and the shell runs `mlflow server` alone, on local files instead of PostgreSQL.',
		mend: [
			{text: 'Listen on all addresses of the container.', change: 'environment:\n  MLFLOW_HOST: 0.0.0.0'},
			{
				text: 'Write the command as a list, or all its lines with the same indentation.',
				change: 'command: ["mlflow", "server", "--host", "0.0.0.0"]',
			},
		],
		lasts: 3000,
		heals: 'answers',
	},
	{
		id: 'port-taken-inside',
		reads: ['tracking'],
		pattern: /\[Errno 98\].*[Aa]ddress already in use|\[ERROR\] Connection in use: \(/,
		severity: 'error',
		title: '{service} stopped: its port is taken inside the container',
		why: 'Two servers were started in one container, or it shares the host’s network (network_mode: host). MLflow ends with code 0 then, so that `restart: on-failure` does not start it again.',
		mend: [
			{
				text: 'Start one server only, or give this one another port.',
				change: 'environment:\n  MLFLOW_PORT: "5001"',
			},
		],
	},
	{
		id: 'host-not-allowed',
		reads: ['tracking'],
		pattern: /Rejected request with invalid Host header: (\S+)/,
		severity: 'warning',
		title: '{service} refuses requests for {1} (403)',
		why: 'Against DNS rebinding, MLflow 3.5 and later answers only for host names that it was told; by default localhost and private addresses.',
		mend: [
			{
				text: 'Add the name. The list replaces the default, so localhost must be in it.',
				change:
					'environment:\n  MLFLOW_SERVER_ALLOWED_HOSTS: "localhost,localhost:*,127.0.0.1,127.0.0.1:*,{1}"',
			},
		],
		fades: afterRefusal,
	},
	{
		id: 'origin-not-allowed',
		reads: ['tracking'],
		pattern: /Blocked cross-origin request from (\S+)/,
		severity: 'warning',
		title: '{service} refuses requests that a page at {1} makes (403)',
		why: 'MLflow 3.5 and later takes requests from browsers only for its own pages, unless told otherwise.',
		mend: [
			{
				text: 'If that page is yours, allow it.',
				change: 'environment:\n  MLFLOW_SERVER_CORS_ALLOWED_ORIGINS: "{1}"',
			},
		],
		fades: afterRefusal,
	},
	{
		id: 'artifacts-not-writable',
		reads: ['tracking'],
		pattern: /PermissionError: \[Errno 13\] Permission denied: '([^']*)\/\.artifact\.uploading/,
		severity: 'error',
		title: '{service} may not write artifacts to {1}',
		why: 'The folder or volume belongs to another user than the one that MLflow runs as.',
		mend: [
			{
				text: 'Give it to that user.',
				command: `{compose} exec --user root {service} chown -R "$({compose} exec {service} id -u)" '{1}'`,
			},
		],
		fades: 3_600_000,
	},
	{
		id: 'artifacts-at-client',
		reads: ['client'],
		pattern:
			/(?:PermissionError: \[Errno 13\] Permission denied|OSError: \[Errno 30\] Read-only file system): '(\/mlruns|\/mlflow)\b(?!.*\.artifact\.uploading)/,
		severity: 'error',
		title: '{service} tries to write artifacts to {1} on its own disk',
		why: 'The experiment has a folder as its artifact root, which each client takes for one of its own. The server does not serve it.',
		mend: [
			{
				text: 'Let the server keep and serve artifacts.',
				change: 'environment:\n  MLFLOW_ARTIFACTS_DESTINATION: /mlartifacts',
			},
			{text: 'Experiments that exist keep their old root: log to a new one.'},
		],
		fades: 3_600_000,
	},
	{
		id: 's3-credentials',
		reads: ['tracking', 'client'],
		pattern: /Unable to locate credentials/,
		severity: 'error',
		title: '{service} has no keys for the object store',
		why: 'Artifacts go to S3, and this container has neither AWS_ACCESS_KEY_ID nor another source of credentials.',
		mend: [
			{
				text: 'Give the keys to the tracking server. If a client asks for them, its experiment does not go through the server.',
				change:
					'environment:\n  AWS_ACCESS_KEY_ID: ${AWS_ACCESS_KEY_ID:?}\n  AWS_SECRET_ACCESS_KEY: ${AWS_SECRET_ACCESS_KEY:?}',
			},
		],
	},
	{
		id: 's3-unreachable',
		reads: ['tracking', 'client'],
		pattern: /Could not connect to the endpoint URL: "([^"]+)"/,
		severity: 'error',
		title: '{service} cannot reach the object store',
		why: 'Nothing answers at {1}.',
		mend: [
			{text: 'See whether it runs.', command: '{compose} ps'},
			{text: 'Name its service as the host.', change: 'MLFLOW_S3_ENDPOINT_URL: http://SERVICE:PORT'},
		],
		fades: 3_600_000,
	},
	{
		id: 'worker-killed',
		reads: ['tracking'],
		pattern:
			/\[CRITICAL\] WORKER TIMEOUT \(pid:(\d+)\)|Worker \(pid:(\d+)\) was sent SIGKILL! Perhaps out of memory\?/,
		severity: 'warning',
		title: '{service} lost a worker (process {1}) in the middle of its work',
		why: 'gunicorn ends a worker that takes longer than 30 s for a request, as big uploads do; or memory ran out.',
		mend: [
			{text: 'MLflow 3.5 and later uses uvicorn, which has no such limit.'},
			{
				text: 'Before that, allow more time.',
				change: 'command: ["mlflow", "server", "--gunicorn-opts", "--timeout 600"]',
			},
		],
		fades: 3_600_000,
	},
	{
		id: 'auth-setup',
		reads: ['tracking'],
		pattern:
			/(A static secret key needs to be set|Authentication needs a password to create the admin user|Password must be at least \d+ characters|basic auth app requires the Flask-WTF package)/,
		severity: 'error',
		title: '{service} stopped: basic authentication is not set up',
		why: 'It needs a secret key, a password of twelve characters or more for the first user, and the package Flask-WTF. ("{1}")',
		mend: [
			{
				text: 'Set both, from .env.',
				change:
					'environment:\n  MLFLOW_FLASK_SERVER_SECRET_KEY: ${MLFLOW_FLASK_SERVER_SECRET_KEY:?}\n  MLFLOW_AUTH_ADMIN_PASSWORD: ${MLFLOW_AUTH_ADMIN_PASSWORD:?}',
			},
			{text: 'Install MLflow with what it needs for this.', change: 'RUN pip install "mlflow[auth]==3.17.2"'},
		],
	},
	{
		id: 'pip-offline',
		reads: ['tracking', 'operation'],
		pattern: /WARNING: Retrying \(.*after connection broken by/,
		severity: 'error',
		title: 'pip cannot reach the package index',
		why: 'There is no network where it runs, or a proxy or name server is missing there. A stack that installs its packages at each start needs the network at each start.',
		mend: [
			{text: 'See whether containers reach it.', command: 'docker run --rm busybox nslookup pypi.org'},
			{text: 'Build an image once, instead of installing at each start.', change: 'build:\n  context: .'},
		],
		lasts: 3000,
	},
	{
		id: 'package-missing',
		reads: ['tracking', 'operation'],
		pattern: /(?:^|\s)ERROR: No matching distribution found for (\S+)/,
		severity: 'error',
		title: 'pip finds no {1}',
		why: 'There is no such version for this Python, or a release was published in part only: MLflow pins packages of its own that can come later.',
		mend: [{text: 'Pin a version that is whole.', change: 'RUN pip install mlflow==3.17.2 psycopg2-binary'}],
		unless: ['pip-offline'],
	},
	{
		id: 'backend-store',
		reads: ['tracking'],
		pattern: /Error initializing backend store/,
		severity: 'error',
		title: '{service} stopped: it could not open its backend store',
		why: 'The lines after this one say why.',
		mend: [{text: 'Read them.', command: '{compose} logs --tail 100 {service}'}],
		lasts: 1000,
		unless: [
			'psycopg-missing',
			'psycopg2-missing',
			'database-refuses',
			'host-unknown',
			'host-wrong',
			'password-refused',
			'database-missing',
			'role-missing',
			'schema-old',
			'schema-newer',
			'sqlalchemy-too-new',
			'too-many-clients',
		],
	},
	{
		id: 'wrong-architecture',
		reads: ['any', 'operation'],
		pattern: /([Ee]xec format error)/,
		severity: 'error',
		title: '{service} stopped: its image is made for another processor',
		why: 'An image for amd64 does not run on arm64 without emulation, nor the other way round. ("{1}")',
		mend: [
			{text: 'Use an image that exists for this processor, or build it here.'},
			{text: 'Or ask for the emulated one.', change: 'platform: linux/amd64'},
		],
	},
];
