/** For each rule that reads lines: whose line, the line as it was recorded (or reported), and the title of its card. */
export const lineExamples: Readonly<Record<string, readonly [from: string, line: string, title: string]>> = {
	'old-volume': [
		'postgres',
		'Error: in 18+, these Docker images are configured to store database data in a',
		'postgres stopped: PostgreSQL 18 found a volume where older versions keep their data',
	],
	'other-major': [
		'postgres',
		'2026-11-24 05:40:41.609 UTC [1] DETAIL:  The data directory was initialized by PostgreSQL version 17, which is not compatible with this version 18.6.',
		'postgres stopped: its volume holds data of PostgreSQL 17',
	],
	'no-password': [
		'postgres',
		'Error: Database is uninitialized and superuser password is not specified.',
		'postgres stopped: it has no password to begin with',
	],
	'volume-not-empty': [
		'postgres',
		'initdb: error: directory "/var/lib/postgresql/18/docker" exists but is not empty',
		'postgres stopped: /var/lib/postgresql/18/docker is not empty, but holds no database',
	],
	'newer-configuration': [
		'postgres',
		'2026-11-24 10:36:32.226 GMT [1] LOG:  unrecognized configuration parameter "autovacuum_worker_slots" in file "/var/lib/postgresql/18/docker/postgresql.conf" line 687',
		'postgres stopped: its volume has settings that this PostgreSQL does not know ("autovacuum_worker_slots")',
	],
	'volume-read-only': [
		'postgres',
		"chmod: changing permissions of '/var/lib/postgresql/18/docker': Read-only file system",
		'postgres stopped: it may not write to /var/lib/postgresql/18/docker, which is mounted to be read only',
	],
	'volume-not-writable': [
		'postgres',
		'initdb: error: could not change permissions of directory "/var/lib/postgresql/18/docker": Operation not permitted',
		'postgres stopped: /var/lib/postgresql/18/docker belongs to somebody else',
	],
	'init-script': [
		'postgres',
		'psql:/docker-entrypoint-initdb.d/tables.sql:2: ERROR:  syntax error at or near "CRATE"',
		'postgres stopped in the middle of its first start: an init script failed (tables.sql:2)',
	],
	'init-script-unfinished': [
		'postgres',
		'/usr/local/bin/docker-entrypoint.sh: running /docker-entrypoint-initdb.d/prepare.sh',
		'postgres stopped in the middle of its first start, in the init script prepare.sh',
	],
	'collation-version': [
		'postgres',
		'2025-08-20 10:00:00.000 UTC [70] WARNING:  database "kws" has a collation version mismatch',
		'The database kws was sorted by another version of the system’s library',
	],
	'too-many-clients': [
		'postgres',
		'2026-11-24 05:59:22.001 UTC [61] FATAL:  sorry, too many clients already',
		'postgres refuses connections: all of them are taken',
	],
	'shared-memory': [
		'postgres',
		'ERROR:  could not resize shared memory segment "/PostgreSQL.1150217208" to 12615680 bytes: No space left on device',
		'postgres failed a query: its shared memory is full',
	],
	'empty-again': [
		'postgres',
		'The files belonging to this database system will be owned by user "postgres".',
		'postgres begins with an empty database, though this stack ran before',
	],
	'disk-full': [
		'postgres',
		'2026-11-24 05:40:44.034 UTC [26] FATAL:  could not extend file "base/1/2691": No space left on device',
		'The disk is full',
	],
	'psycopg-missing': [
		'mlflow',
		"2026/11/24 05:58:01 ERROR mlflow.cli: No module named 'psycopg'",
		'mlflow stopped: the driver that its database URI asks for is not installed',
	],
	'psycopg2-missing': [
		'mlflow',
		"ModuleNotFoundError: No module named 'psycopg2'",
		'mlflow stopped: its image has no driver for PostgreSQL',
	],
	'sqlalchemy-too-new': [
		'mlflow',
		"ImportError: cannot import name 'FallbackAsyncAdaptedQueuePool' from 'sqlalchemy.pool' (/usr/local/lib/python3.13/site-packages/sqlalchemy/pool/__init__.py).",
		'mlflow stopped: this MLflow does not work with the SQLAlchemy that is installed',
	],
	'database-refuses': [
		'mlflow',
		'(psycopg2.OperationalError) connection to server at "postgres" (172.18.0.2), port 5432 failed: Connection refused',
		'mlflow cannot reach PostgreSQL: the connection is refused',
	],
	'host-unknown': [
		'mlflow',
		'(psycopg2.OperationalError) could not translate host name "postgres" to address: Name or service not known',
		'mlflow cannot find the host postgres',
	],
	'host-wrong': [
		'mlflow',
		'(psycopg2.OperationalError) could not translate host name "ss" to address: Name or service not known',
		'mlflow cannot find the host ss',
	],
	'password-refused': [
		'mlflow',
		'(psycopg2.OperationalError) connection to server at "postgres" (172.18.0.2), port 5432 failed: FATAL:  password authentication failed for user "root"',
		'PostgreSQL refuses the password of root',
	],
	'database-missing': [
		'mlflow',
		'(psycopg2.OperationalError) connection to server at "postgres" (172.18.0.2), port 5432 failed: FATAL:  database "nope" does not exist',
		'PostgreSQL has no database nope',
	],
	'role-missing': [
		'mlflow',
		'(psycopg2.OperationalError) connection to server at "postgres" (172.18.0.2), port 5432 failed: FATAL:  role "kws" does not exist',
		'PostgreSQL has no user kws',
	],
	'schema-old': [
		'mlflow',
		"mlflow.exceptions.MlflowException: Detected out-of-date database schema (found version bda7b8c39065, but expected dc11669786a5). Take a backup of your database, then run 'mlflow db upgrade <database_uri>'",
		'mlflow stopped: the database has the schema of another MLflow (bda7b8c39065)',
	],
	'schema-newer': [
		'mlflow',
		"alembic.util.exc.CommandError: Can't locate revision identified by 'deadbeef0000'",
		'The database is newer than this MLflow (its schema is deadbeef0000)',
	],
	loopback: [
		'mlflow',
		'[2026-11-24 06:00:23 +0000] [14] [INFO] Listening at: http://127.0.0.1:5000 (14)',
		'mlflow listens on 127.0.0.1 inside its container, where nobody can reach it',
	],
	'port-taken-inside': [
		'mlflow',
		"2026/11/24 05:44:30 ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', 5000): [errno 98] address already in use",
		'mlflow stopped: its port is taken inside the container',
	],
	'host-not-allowed': [
		'mlflow',
		'2026/11/24 05:42:35 WARNING mlflow.server.fastapi_security: Rejected request with invalid Host header: mlflow:5000',
		'mlflow refuses requests for mlflow:5000 (403)',
	],
	'origin-not-allowed': [
		'mlflow',
		'2026/11/24 05:42:35 WARNING mlflow.server.fastapi_security: Blocked cross-origin request from http://evil.example',
		'mlflow refuses requests that a page at http://evil.example makes (403)',
	],
	'artifacts-not-writable': [
		'mlflow',
		"PermissionError: [Errno 13] Permission denied: '/mlartifacts/.artifact.uploading.lovg6x_q'",
		'mlflow may not write artifacts to /mlartifacts',
	],
	'artifacts-at-client': [
		'notebook',
		"PermissionError: [Errno 13] Permission denied: '/mlruns'",
		'notebook tries to write artifacts to /mlruns on its own disk',
	],
	's3-credentials': [
		'mlflow',
		'botocore.exceptions.NoCredentialsError: Unable to locate credentials',
		'mlflow has no keys for the object store',
	],
	's3-unreachable': [
		'mlflow',
		'botocore.exceptions.EndpointConnectionError: Could not connect to the endpoint URL: "http://127.0.0.1:9/mlflow/.mlstack-canary"',
		'mlflow cannot reach the object store',
	],
	'worker-killed': [
		'mlflow',
		'[2026-11-24 06:00:23 +0000] [14] [CRITICAL] WORKER TIMEOUT (pid:15)',
		'mlflow lost a worker (process 15) in the middle of its work',
	],
	'auth-setup': [
		'mlflow',
		'ImportError: The MLflow basic auth app requires the Flask-WTF package to perform CSRF validation. Please run `pip install mlflow[auth]` to install it.',
		'mlflow stopped: basic authentication is not set up',
	],
	'pip-offline': [
		'mlflow',
		"WARNING: Retrying (Retry(total=4, connect=None, read=None, redirect=None, status=None)) after connection broken by 'NewConnectionError(...)': /simple/mlflow/",
		'pip cannot reach the package index',
	],
	'package-missing': [
		'operation',
		'ERROR: No matching distribution found for mlflow-skinny==3.18.0',
		'pip finds no mlflow-skinny==3.18.0',
	],
	'backend-store': [
		'mlflow',
		'2026/11/24 05:46:57 ERROR mlflow.cli: Error initializing backend store',
		'mlflow stopped: it could not open its backend store',
	],
	'wrong-architecture': [
		'mlflow',
		'exec /usr/local/bin/mlflow: exec format error',
		'mlflow stopped: its image is made for another processor',
	],
	'port-taken': [
		'operation',
		'Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint kws-mlflow-1 (1f2e): Bind for 127.0.0.1:5000 failed: port is already allocated',
		'Port 5000 is taken by another program or container',
	],
	'image-not-found': [
		'operation',
		'Error response from daemon: manifest for postgres:99 not found: manifest unknown: manifest unknown',
		'There is no image postgres:99',
	],
	'registry-refuses': [
		'operation',
		'Error response from daemon: toomanyrequests: You have reached your unauthenticated pull rate limit.',
		'The registry refuses the pull',
	],
	'registry-unreachable': [
		'operation',
		'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 127.0.0.53:53: server misbehaving',
		'The registry cannot be reached, so the image cannot be pulled',
	],
	'name-taken': [
		'operation',
		'Error response from daemon: Conflict. The container name "/mlflow-server" is already in use by container "9428af46". You have to remove (or rename) that container to be able to reuse that name.',
		'A container named mlflow-server exists already, of another project',
	],
	orphans: [
		'operation',
		'Found orphan containers ([kws-db-1 kws-ui-1]) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up.',
		'Containers of this project belong to no service: kws-db-1 kws-ui-1',
	],
	'start-interval': [
		'operation',
		'"specify health-check start interval" requires API version 1.44, but the Docker daemon API version is 1.43',
		'The compose file is newer than the engine: healthcheck.start_interval',
	],
};

/** Other forms of the same failures: of other versions, and of Docker Desktop. */
export const otherForms: readonly (readonly [rule: string, from: string, line: string, found: string])[] = [
	[
		'port-taken',
		'operation',
		'Error starting userland proxy: listen tcp4 0.0.0.0:5432: bind: address already in use',
		'5432',
	],
	[
		'port-taken',
		'operation',
		'Ports are not available: exposing port TCP 0.0.0.0:5000 -> 127.0.0.1:0: listen tcp 0.0.0.0:5000: bind: address already in use',
		'5000',
	],
	[
		'port-taken',
		'operation',
		'failed to set up container networking: driver failed programming external connectivity on endpoint x: failed to bind host port 0.0.0.0:5000/tcp: address already in use',
		'5000',
	],
	[
		'port-taken',
		'operation',
		'failed to set up container networking: driver failed programming external connectivity on endpoint x (050d): failed to bind host port for 127.0.0.1:15998:172.21.0.2:80/tcp: address already in use',
		'15998',
	],
	[
		'registry-unreachable',
		'operation',
		'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host',
		'dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host',
	],
	[
		'image-not-found',
		'operation',
		'Error response from daemon: pull access denied for kws/mlflow, repository does not exist or may require ’docker login’',
		'kws/mlflow',
	],
	[
		'image-not-found',
		'operation',
		'failed to resolve source metadata for docker.io/library/python:3.99: docker.io/library/python:3.99: not found',
		'docker.io/library/python:3.99',
	],
	[
		'volume-read-only',
		'postgres',
		"mkdir: cannot create directory '/var/lib/postgresql/18': Read-only file system",
		'/var/lib/postgresql/18',
	],
	[
		'volume-read-only',
		'postgres',
		'2026-11-24 10:00:00.000 UTC [1] FATAL:  could not create lock file "/var/lib/postgresql/18/docker/postmaster.pid": Read-only file system',
		'/var/lib/postgresql/18/docker/postmaster.pid',
	],
	[
		'volume-not-writable',
		'postgres',
		'mkdir: cannot create directory ‘/var/lib/postgresql’: Permission denied',
		'/var/lib/postgresql',
	],
	[
		'volume-not-writable',
		'postgres',
		'2026-11-24 10:00:00.000 UTC [1] FATAL:  data directory "/var/lib/postgresql/data" has wrong ownership',
		'/var/lib/postgresql/data',
	],
	[
		'port-taken-inside',
		'mlflow',
		"[2026-11-24 05:57:12 +0000] [34] [ERROR] Connection in use: ('0.0.0.0', 5000)",
		'',
	],
	['port-taken-inside', 'mlflow', '2026/11/24 05:44:43 ERROR:    [Errno 98] Address already in use', ''],
	[
		'loopback',
		'mlflow',
		'INFO:     Uvicorn running on http://127.0.0.1:5000 (Press CTRL+C to quit)',
		'127.0.0.1',
	],
	[
		'database-refuses',
		'mlflow',
		'(psycopg2.OperationalError) could not connect to server: Connection refused',
		'',
	],
	[
		'too-many-clients',
		'postgres',
		'FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute',
		'remaining connection slots are reserved',
	],
	[
		'wrong-architecture',
		'mlflow',
		'[FATAL tini (7)] exec /usr/bin/mlflow failed: Exec format error',
		'Exec format error',
	],
	['artifacts-at-client', 'notebook', "OSError: [Errno 30] Read-only file system: '/mlruns'", '/mlruns'],
	['worker-killed', 'mlflow', '[ERROR] Worker (pid:15) was sent SIGKILL! Perhaps out of memory?', '15'],
	['schema-newer', 'operation', "Error: Can't locate revision identified by 'deadbeef0000'", 'deadbeef0000'],
	[
		'start-interval',
		'operation',
		"can't set healthcheck.start_interval as feature require Docker Engine v25 or later",
		"can't set healthcheck.start_interval",
	],
];
