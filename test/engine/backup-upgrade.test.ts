import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {Journal} from '../../src/engine/backup/journal.ts';
import {recover} from '../../src/engine/backup/recover.ts';
import {upgrade} from '../../src/engine/backup/upgrade.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {docker} from '../support/project.ts';
import {mortalEngine} from './backup-faults.ts';
import {temporaryFolder} from './backup-fixtures.ts';
import {backupStack, finished, skipWithoutImage, withBackupProject} from './backup-project.ts';

/** PostgreSQL 17 is one more image than the other tests need: where it cannot be had, this is not tried. */
const skip = {skip: skipWithoutEngine || (await skipWithoutImage('postgres:17'))};
const signal = new AbortController().signal;

test(
	'a stack moves from PostgreSQL 17 to 18 with every run and artifact, and back when that fails',
	skip,
	async (t) => {
		const folder = temporaryFolder(t);
		const old = backupStack('postgres:17', '/var/lib/postgresql/data');
		await withBackupProject(async (project) => {
			const {engine, stack, name, fill, psql, contents, states} = project;
			await fill(9);
			const before = await contents();
			const options = (attempt: number) => ({
				major: 18,
				backupFile: join(folder, `${attempt}.tar`),
				createdBy: '0.1.0',
				journal: new Journal(name, {XDG_STATE_HOME: folder}),
				environment: {},
			});

			const gone = mortalEngine(engine, (command) => (command.includes('pg_restore') ? 'gone' : 'runs'));
			await assert.rejects(finished(upgrade(gone, stack, options(1), signal)), /the engine is gone/);
			const {result: recovery} = await finished(recover(engine, stack, options(1).journal, signal));
			assert.equal(recovery?.holds, 'old');
			assert.equal(await readFile(project.file, 'utf8'), old);
			assert.match(await psql('show server_version'), /^17/);
			assert.equal(await contents(), before);
			assert.deepEqual(await states(), ['mlflow running', 'postgres running']);

			const {result} = await finished(upgrade(engine, stack, options(2), signal));
			assert.match(await psql('show server_version'), /^18/);
			assert.equal(await contents(), before);
			assert.deepEqual(await states(), ['mlflow running', 'postgres running']);
			assert.equal(result.keptVolume, `${name}_pgdata`);
			assert.match(await readFile(project.file, 'utf8'), /image: postgres:18\n/);
			assert.deepEqual(result.keptFiles, [`${project.file}.before-postgres-18`]);
			assert.equal(await readFile(`${project.file}.before-postgres-18`, 'utf8'), old);
			assert.equal(existsSync(options(2).journal.path), false);
			const kept = await docker(
				'run',
				'--rm',
				'-v',
				`${name}_pgdata:/d:ro`,
				'busybox',
				'cat',
				'/d/PG_VERSION',
			);
			assert.equal(kept, '17');
			await assert.rejects(finished(upgrade(engine, stack, options(3), signal)), {
				code: 'nothing-to-upgrade',
			});
			await project.compose('down');
			await docker('volume', 'rm', `${name}_pgdata`);
		}, old);
	},
);
