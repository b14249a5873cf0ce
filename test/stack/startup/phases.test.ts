import assert from 'node:assert/strict';
import {test} from 'node:test';
import {hear, phaseOf, phases, type Heard} from '../../../src/stack/startup/phases.ts';
import {kindOf} from '../../../src/stack/startup/steps.ts';

/** For each phase a line as it was recorded, and the detail that it alone brings. */
const examples: Readonly<Record<string, readonly [line: string, detail: string]>> = {
	'postgres.initdb': [
		'The files belonging to this database system will be owned by user "postgres".',
		'initdb',
	],
	'postgres.initdb.step': [
		'performing post-bootstrap initialization ... ok',
		'initdb: performing post-bootstrap initialization',
	],
	'postgres.temporary': [
		'waiting for server to start....2026-11-24 05:40:28.680 UTC [35] LOG:  starting PostgreSQL 18.6 (Debian 18.6-3)',
		'creating the database',
	],
	'postgres.script': [
		'/usr/local/bin/docker-entrypoint.sh: running /docker-entrypoint-initdb.d/10-table.sql',
		'init script 10-table.sql',
	],
	'postgres.initialised': ['PostgreSQL init process complete; ready for start up.', ''],
	'postgres.skip': [
		'PostgreSQL Database directory appears to contain a database; Skipping initialization',
		'',
	],
	'postgres.starting': [
		'2020-05-01 10:00:00.000 UTC [1] LOG:  starting PostgreSQL 12.2 (Debian 12.2-2.pgdg100+1) on x86_64-pc-linux-gnu',
		'PostgreSQL 12.2',
	],
	'postgres.tcp': [
		'2026-11-24 05:40:29.023 UTC [1] LOG:  listening on IPv4 address "0.0.0.0", port 5432',
		'',
	],
	'postgres.recovery': [
		'2026-11-24 05:40:33.701 UTC [21] LOG:  database system was not properly shut down; automatic recovery in progress',
		'replays its log after a crash',
	],
	'postgres.redo': [
		'2026-11-24 05:40:43.703 UTC [21] LOG:  redo in progress, elapsed time: 10.00 s, current LSN: 0/1BA9BA8',
		'replays its log after a crash, 10.00 s',
	],
	'postgres.ready': [
		'2026-11-24 05:40:29.030 UTC [1] LOG:  database system is ready to accept connections',
		'',
	],
	'pip.collect': ['Collecting mlflow==3.17.2', 'pip: 1 package so far, now mlflow'],
	'pip.download': [
		'  Downloading pyarrow-22.0.0-cp313-cp313-manylinux_2_28_x86_64.whl (47.7 MB)',
		'pip: 0 packages so far, now pyarrow',
	],
	'pip.satisfied': [
		'Requirement already satisfied: mlflow in /usr/local/lib/python3.9/site-packages (3.1.4)',
		'pip: 1 package so far, now mlflow',
	],
	'pip.unpack': ['Installing collected packages: pytz, zipp, mlflow', 'pip installs 3 packages'],
	'pip.done': ['Successfully installed mlflow-3.17.2 zipp-3.23.0', 'pip: 2 packages'],
	'uv.resolved': ['Resolved 92 packages in 297ms', 'uv: 92 packages'],
	'uv.download': ['Downloading pyarrow (45.5MiB)', 'uv: now pyarrow'],
	'uv.done': ['Installed 92 packages in 27ms', 'uv: 92 packages'],
	'mlflow.loaded': ['Registry store URI not provided. Using backend store URI.', ''],
	'mlflow.database.refused': [
		'(psycopg2.OperationalError) connection to server at "postgres" (172.18.0.2), port 5432 failed: Connection refused',
		'attempt 1: Connection refused',
	],
	'mlflow.database.retry': ['Operation will be retried in 0.3 seconds', 'attempt 1; again in 0.3 s'],
	'mlflow.migrate.create': [
		'2026/11/24 05:41:30 INFO mlflow.store.db.utils: Creating initial MLflow database tables...',
		'creates the tables',
	],
	'mlflow.migrate.update': [
		'2026/11/24 05:41:30 INFO mlflow.store.db.utils: Updating database tables',
		'updates the tables',
	],
	'alembic.revision': [
		'INFO  [alembic.runtime.migration] Running upgrade 451aebb31d03 -> 90e64c465722, migrate user column to tags',
		'revision 1: migrate user column to tags',
	],
	'mlflow.security': [
		'[MLflow] Security middleware enabled with default settings (localhost-only). To allow connections from other hosts, use --host 0.0.0.0',
		'',
	],
	'mlflow.jobs': [
		"2026/11/24 05:41:32 INFO mlflow.server.jobs.executor_registry: Job executor backend 'local' passed requirements check",
		'',
	],
	'uvicorn.listen': [
		'2026/11/24 05:41:32 INFO:     Uvicorn running on http://0.0.0.0:5000 (Press CTRL+C to quit)',
		'http://0.0.0.0:5000',
	],
	'uvicorn.parent': ['INFO:     Started parent process [61]', ''],
	'uvicorn.worker': ['2026/11/24 05:41:53 INFO:     Started server process [73]', '1 booted'],
	'uvicorn.ready': ['2026/11/24 05:41:53 INFO:     Application startup complete.', '1 ready'],
	'gunicorn.start': ['[2026-11-23 19:27:14 +0000] [8679] [INFO] Starting gunicorn 23.0.0', 'gunicorn 23.0.0'],
	'gunicorn.listen': [
		'[2026-11-23 19:27:14 +0000] [8679] [INFO] Listening at: http://0.0.0.0:5000 (8679)',
		'http://0.0.0.0:5000',
	],
	'gunicorn.worker': ['[2026-11-23 19:27:14 +0000] [8680] [INFO] Booting worker with pid: 8680', '1 booted'],
};

for (const phase of phases) {
	test(`the phase ${phase.id} is read off its line`, () => {
		const [line, detail] = examples[phase.id] ?? assert.fail(`${phase.id} has no example line`);
		for (const source of phase.from) {
			const said = phaseOf(source, line);
			assert.equal(said?.phase.id, phase.id);
			assert.equal(phase.detail?.(hear({}, phase, said?.found ?? '')) ?? '', detail);
		}

		assert.equal(kindOf(phase.step)?.id, phase.step);
		assert.ok(phase.after === undefined || phases.some(({id}) => id === phase.after));
	});
}

test('phases have different names', () => {
	assert.equal(new Set(phases.map(({id}) => id)).size, phases.length);
});

test('ordinary lines are no phase', () => {
	for (const line of [
		'',
		'2026/11/24 05:42:34 INFO:     127.0.0.1:33066 - "GET /health HTTP/1.1" 200 OK',
		'2026-11-24 05:40:28.942 UTC [35] LOG:  database system is shut down',
		'2026-11-24 05:45:28.942 UTC [20] LOG:  checkpoint starting: time',
		'  Downloading mlflow-3.17.2-py3-none-any.whl.metadata (24 kB)',
		'  from starlette.middleware.wsgi import WSGIResponder, build_environ',
	]) {
		for (const source of ['database', 'tracking', 'build'] as const) {
			assert.equal(phaseOf(source, line), undefined, `${source}: ${line}`);
		}
	}
});

test('uv tells how many packages there are, and which it downloads', () => {
	let heard: Heard = {};
	const details = [
		'Resolved 92 packages in 297ms',
		'Downloading pyarrow (45.5MiB)',
		'Installed 92 packages in 27ms',
	].map((line) => {
		const said = phaseOf('build', line) ?? assert.fail();
		heard = hear(heard, said.phase, said.found);
		return said.phase.detail?.(heard);
	});
	assert.deepEqual(details, ['uv: 92 packages', 'uv: 92 packages, now pyarrow', 'uv: 92 packages']);
});

test('what was heard is counted, and the last finding kept', () => {
	let heard: Heard = {};
	for (const name of ['mlflow', 'alembic', 'pyarrow']) {
		const said = phaseOf('build', `Collecting ${name}>=1 (from mlflow)`) ?? assert.fail();
		heard = hear(heard, said.phase, said.found);
	}

	assert.deepEqual(heard, {'pip.collect': {count: 3, found: 'pyarrow'}});
});
