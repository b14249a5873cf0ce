import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
	decidingRule,
	recogniseRole,
	roleLabel,
	roleRules,
	type ServiceDescription,
} from '../../src/stack/roles.ts';

for (const rule of roleRules) {
	test(`role ${rule.role} is recognised by ${rule.sign}`, () => {
		assert.equal(decidingRule(rule.example)?.sign, rule.sign);
		assert.equal(recogniseRole(rule.example), rule.role);
	});
}

const databases: readonly ServiceDescription[] = [
	{image: 'postgres'},
	{image: 'postgres:18@sha256:1b2f3c'},
	{image: 'localhost:5055/library/postgres:18'},
	{image: 'public.ecr.aws/docker/library/postgres:17'},
	{image: 'supabase/postgres:17.6.1'},
	{image: 'bitnami/postgresql:17'},
	{image: 'bitnamilegacy/postgresql:16'},
	{image: 'ghcr.io/cloudnative-pg/postgresql:17'},
	{image: 'registry.developers.crunchydata.com/crunchydata/crunchy-postgres-gis:ubi9'},
	{image: 'ankane/pgvector'},
	{image: 'timescale/timescaledb:latest-pg17'},
	{image: 'kartoza/postgis:17'},
	{image: 'ghcr.io/zalando/spilo-17:4.0'},
	{image: 'rhel9/postgresql-16'},
	{image: 'cgr.dev/chainguard/postgres'},
	{image: 'kws-db', build: true, command: ['postgres', '-c', 'shared_buffers=1GB']},
	{image: 'kws-db', command: 'docker-entrypoint.sh postgres'},
];

for (const service of databases) {
	test(`a database: ${JSON.stringify(service)}`, () => {
		assert.equal(recogniseRole(service), 'database');
	});
}

const trackingServers: readonly ServiceDescription[] = [
	{image: 'ghcr.io/mlflow/mlflow:v3.17.2', command: ['mlflow', 'server', '--host', '0.0.0.0']},
	{image: 'ghcr.io/mlflow/mlflow:v3.17.2-full'},
	{image: 'mlstack/mlflow:3.17.2-py3.13'},
	{image: 'mlflow-server:latest', build: true},
	{image: 'python:3.13', command: 'mlflow ui'},
	{image: 'python:3.13', command: ['sh', '-c', 'mlflow db upgrade "$URI" && exec mlflow server']},
	{image: 'python:3.13', command: ['sh', '-c', 'mlflow \\\n  server --port 5000']},
	{image: 'python:3.13', command: '/opt/venv/bin/mlflow --env-file=.env server'},
	{image: 'python:3.13', command: 'uv run mlflow server'},
	{image: 'python:3.13', command: 'python -m mlflow ui'},
	{image: 'python:3.13', command: 'uvicorn mlflow.server.fastapi_app:app --port 5000'},
	{
		image: 'team/mlflow-custom',
		environment: {MLFLOW_BACKEND_STORE_URI: 'postgresql://x', MLFLOW_TRACKING_URI: 'http://mlflow:5000'},
	},
];

for (const service of trackingServers) {
	test(`a tracking server: ${JSON.stringify(service)}`, () => {
		assert.equal(recogniseRole(service), 'tracking');
	});
}

const others: readonly ServiceDescription[] = [
	{},
	{image: 'redis:8'},
	{image: 'sha256:0123456789ab'},
	{image: 'quay.io/prometheuscommunity/postgres-exporter', environment: {DATA_SOURCE_NAME: 'postgresql://x'}},
	{image: 'wrouesnel/postgres_exporter'},
	{image: 'dpage/pgadmin4:9'},
	{image: 'postgrest/postgrest', environment: {PGRST_DB_URI: 'postgres://x'}},
	{image: 'edoburu/pgbouncer', environment: {POSTGRESQL_PASSWORD: 'x'}},
	{image: 'bitnami/pgpool', environment: {POSTGRES_PASSWORD: 'x'}},
	{
		image: 'prodrigestivill/postgres-backup-local:17',
		environment: {POSTGRES_DB: 'ml', POSTGRES_PASSWORD: 'x'},
	},
	{image: 'supabase/postgres-meta'},
	{image: 'kws-trainer', build: true, environment: {MLFLOW_TRACKING_URI: 'http://mlflow:5000'}},
	{
		image: 'ghcr.io/mlflow/mlflow',
		command: 'python train.py',
		environment: {MLFLOW_TRACKING_URI: 'http://x'},
	},
	{image: 'ghcr.io/mlflow/mlflow', command: ['python3', 'train.py']},
	{
		image: 'mlstack/mlflow',
		command: 'mlflow gc --older-than 30d',
		environment: {MLFLOW_BACKEND_STORE_URI: 'postgresql://x'},
	},
	{image: 'kws-model', build: true, command: 'mlflow models serve -m models:/kws/1'},
	{image: 'kws-trainer', command: ['sh', '-c', 'wait-for-it mlflow:5000 -- python train.py']},
	{image: 'kws-trainer', command: 'run-mlflow server-less'},
	{image: 'kws-api', build: true, environment: {POSTGRES_PASSWORD: 'x', POSTGRES_HOST: 'db'}},
	{image: 'kws-api', build: true, environment: {POSTGRES_PASSWORD: 'x', DJANGO_SETTINGS_MODULE: 'kws'}},
	{image: 'kws-api', command: 'wait-for postgres:5432'},
	{image: 'kws-api', command: 'psql -h postgres'},
];

for (const service of others) {
	test(`neither database nor tracking server: ${JSON.stringify(service)}`, () => {
		assert.equal(recogniseRole(service), 'other');
	});
}

test('the label says the role, whatever the rest says', () => {
	assert.equal(recogniseRole({image: 'postgres', labels: {[roleLabel]: 'other'}}), 'other');
	assert.equal(recogniseRole({image: 'redis', labels: {[roleLabel]: 'tracking'}}), 'tracking');
	assert.equal(recogniseRole({image: 'redis', labels: {[roleLabel]: 'database'}}), 'database');
});

test('a label with an unknown role is ignored', () => {
	assert.equal(recogniseRole({image: 'postgres', labels: {[roleLabel]: 'queen'}}), 'database');
});
