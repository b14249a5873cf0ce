import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {ArchiveReader} from '../../src/engine/backup/archive-reader.ts';
import {Journal} from '../../src/engine/backup/journal.ts';
import {migrateSchema} from '../../src/engine/backup/migrate-schema.ts';
import {openDockerEngine} from '../../src/engine/docker/docker-engine.ts';
import type {Engine} from '../../src/engine/engine.ts';
import {Failure} from '../../src/failure.ts';
import type {Progress, Stack} from '../../src/stack/model.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {mlflowImage} from '../support/mlflow-image.ts';
import {makeOlder, newest, older} from '../support/older-schema.ts';
import {withProject, type Project} from '../support/project.ts';

const composeYaml = (image: string): string => `
services:
  postgres:
    image: postgres:18
    environment: {POSTGRES_USER: mlflow, POSTGRES_PASSWORD: geheim, POSTGRES_DB: mlflow}
    healthcheck: {test: [CMD-SHELL, "pg_isready -q -h 127.0.0.1 -U mlflow"], interval: 1s, retries: 30}
  mlflow:
    image: ${image}
    pull_policy: never
    init: true
    stop_grace_period: 0s
    command: [sleep, infinity]
    labels: {mlstack.role: tracking}
    environment: {MLFLOW_BACKEND_STORE_URI: "postgresql+psycopg2://mlflow:geheim@postgres/mlflow"}
    depends_on: {postgres: {condition: service_healthy}}
  bare:
    image: busybox
    init: true
    stop_grace_period: 0s
    command: [sleep, infinity]
`;

test(
	'a schema is brought to the version of MLflow, after the database was saved; the server runs again',
	{skip: skipWithoutEngine},
	async () => {
		await withProject(composeYaml(await mlflowImage()), async (project) => {
			const engine = await openDockerEngine({kind: 'docker', environment: process.env});
			try {
				await project.compose('up', '-d', '--wait', '--quiet-pull');
				await project.compose('exec', '-T', 'mlflow', 'python', '-c', makeOlder);
				assert.equal(await revision(project), older);
				const stack = await engine.resolve({
					files: [project.file],
					project: project.name,
					directory: project.folder,
					environment: process.env,
				});
				const progress = await migrate(project, engine, stack, 'first.tar');
				assert.equal(await revision(project), newest);
				const step = progress.findLast((each) => each.type === 'step' && each.id === 'schema');
				assert.ok(step?.type === 'step');
				assert.deepEqual([step.state, step.status], ['done', 'migrated']);
				const reader = await ArchiveReader.open(join(project.folder, 'first.tar'));
				await reader.close();
				assert.deepEqual(
					reader.manifest.databases.map(({name}) => name),
					['mlflow'],
				);
				assert.match(await project.compose('ps', '--format', '{{.Service}} {{.State}}'), /mlflow running/);
				assert.doesNotMatch(JSON.stringify(progress), /geheim/);

				// Whatever fails after the server was stopped, it runs again.
				const bare = stack.services.map((service) => ({
					...service,
					role: service.name === 'bare' ? ('tracking' as const) : ('other' as const),
				}));
				await assert.rejects(migrate(project, engine, {...stack, services: bare}, 'second.tar'), (error) => {
					assert.ok(error instanceof Failure);
					assert.match(error.why, /mlflow: not found/);
					return true;
				});
				assert.ok(existsSync(join(project.folder, 'second.tar')));
				assert.match(await project.compose('ps', '--format', '{{.Service}} {{.State}}'), /bare running/);
			} finally {
				engine.close();
			}
		});
	},
);

async function migrate(
	project: Project,
	engine: Engine,
	stack: Stack,
	name: string,
): Promise<readonly Progress[]> {
	const environment = {HOME: project.folder, XDG_STATE_HOME: project.folder, XDG_DATA_HOME: project.folder};
	const options = {
		backupFile: join(project.folder, name),
		createdBy: 'test',
		journal: new Journal(stack.project, environment),
	};
	const all: Progress[] = [];
	for await (const progress of migrateSchema(engine, stack, options, new AbortController().signal)) {
		all.push(progress);
	}

	return all;
}

const revision = async (project: Project): Promise<string> =>
	psql(project, 'select version_num from alembic_version');

const psql = async (project: Project, sql: string): Promise<string> =>
	project.compose('exec', '-T', 'postgres', 'psql', '-XqAt', '-U', 'mlflow', '-c', sql);
