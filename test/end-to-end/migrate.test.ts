import assert from 'node:assert/strict';
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {mlflowImage} from '../support/mlflow-image.ts';
import {makeOlder, newest, older} from '../support/older-schema.ts';
import {freePort, openProgram, withProject} from '../support/project.ts';
import {sql, stack, trackingEnvironment} from './failures/stacks.ts';

const minutes = 60_000;

/** What MLflow does at its start to a database that has all tables. */
const check = `
import os
from mlflow.store.db.utils import _verify_schema, create_sqlalchemy_engine
_verify_schema(create_sqlalchemy_engine(os.environ['MLFLOW_BACKEND_STORE_URI']))
`;

test(
	'm on the card of an old schema saves the database and migrates it; cancelled, it is whole as before or after',
	{skip: skipWithoutEngine, timeout: 6 * minutes},
	async () => {
		const place = {mlflow: await mlflowImage(), port: await freePort(), otherPort: 0};
		// MLflow makes missing tables by itself, and this migration adds some: its own check comes first here.
		const checked = {command: ['sh', '-c', `python -c "$$CHECK" && exec mlflow server`]};
		const environment = {...trackingEnvironment, CHECK: check};
		const compose = stack(place, {mlflow: {...checked, environment}});
		await withProject(JSON.stringify(compose), async (project) => {
			await project.compose('up', '--detach', '--wait', 'postgres');
			await project.compose('run', '--rm', '--no-TTY', 'mlflow', 'python', '-c', makeOlder);
			await sql(
				{project},
				"INSERT INTO experiments (name, artifact_location, lifecycle_stage) VALUES ('kept', 'mlflow-artifacts:/1', 'active'); INSERT INTO runs (run_uuid, experiment_id, lifecycle_stage, status, source_type) SELECT 'a-run', experiment_id, 'active', 'FINISHED', 'LOCAL' FROM experiments",
			);
			const revision = async () => sql({project}, 'SELECT version_num FROM alembic_version');
			const data = join(project.folder, 'data');
			const backups = async () => readdir(join(data, 'mlstack', 'backups')).catch(() => []);
			assert.equal(await revision(), older);
			const terminal = openProgram(['tui', '-f', project.file, '-p', project.name], {
				cwd: project.folder,
				environment: {XDG_DATA_HOME: data, XDG_STATE_HOME: join(project.folder, 'state')},
			});
			const migrate = async (): Promise<void> => {
				await terminal.shows(/the database has the schema of another MLflow/, minutes);
				terminal.press('e');
				await terminal.shows(/╭─ What is wrong/);
				terminal.press('m');
				await terminal.shows(/Migrate the database of /);
				// A question takes no answer that was typed before it could be read.
				await delay(500);
				terminal.press('y');
				await terminal.showsNot(/Migrate the database of .*\?/);
			};
			try {
				await terminal.shows(/mlflow +absent/);
				terminal.press('u');
				await migrate();
				await terminal.until(
					(screen) => /db upgrade/.test(screen) && !/restored for it/.test(screen),
					'the migration itself',
					minutes,
				);
				terminal.press('x');
				await terminal.shows(/the migration was cancelled/, minutes);
				assert.equal(await revision(), older);
				assert.equal(await sql({project}, 'SELECT run_uuid FROM runs'), 'a-run');
				assert.equal((await backups()).length, 1);

				await migrate();
				await terminal.shows(/the schema is migrated, and MLflow starts again/, 2 * minutes);
				await terminal.showsNot(/the schema of another MLflow/, minutes);
				assert.equal(await revision(), newest);
				assert.equal(await sql({project}, 'SELECT run_uuid FROM runs'), 'a-run');
				const files = await backups();
				assert.equal(files.length, 2);
				assert.ok(files.every((name) => name.endsWith('-before-migration.tar')));
				await terminal.shows(/✓ .*ready in [\d.]+ s/, minutes);
			} finally {
				await terminal.close();
			}
		});
	},
);
