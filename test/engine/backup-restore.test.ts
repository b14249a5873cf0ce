import assert from 'node:assert/strict';
import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {writeFile} from 'node:fs/promises';
import {test} from 'node:test';
import {backup} from '../../src/engine/backup/backup.ts';
import {Journal} from '../../src/engine/backup/journal.ts';
import {restore, type RestoreOptions} from '../../src/engine/backup/restore.ts';
import {Failure} from '../../src/failure.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {temporaryFolder, writeBackup} from './backup-fixtures.ts';
import {
	backupStack,
	finished,
	untilAccepting,
	withBackupProject,
	type BackupProject,
} from './backup-project.ts';

const skip = {skip: skipWithoutEngine};
const signal = new AbortController().signal;
const createdBy = '0.1.0';

function optionsFor(project: BackupProject, folder: string, file: string): RestoreOptions {
	return {
		file,
		safetyFile: join(folder, 'safety.tar'),
		createdBy,
		journal: new Journal(project.name, {XDG_STATE_HOME: join(folder, 'state')}),
	};
}

async function leftovers(project: BackupProject): Promise<readonly string[]> {
	const databases = await project.psql("select datname from pg_database where datname like 'mlstack%'");
	return databases.split('\n').filter(Boolean);
}

test('a backup replaces what a stack holds, after a backup of that and the typed name', skip, async (t) => {
	const folder = temporaryFolder(t);
	const file = join(folder, 'kws.tar');
	await withBackupProject(async (project) => {
		const {engine, stack, fill, psql, contents, states} = project;
		await fill(7);
		await psql('create role reader; grant select on runs to reader');
		const before = await contents();
		await finished(backup(engine, stack, {file, createdBy}, signal));

		await fill(2);
		await psql("update runs set name = 'changed'; create table mine(i int); insert into mine values (1)");
		const later = await contents();
		const options = optionsFor(project, folder, file);
		await assert.rejects(finished(restore(engine, stack, options, signal)), {code: 'confirmation-needed'});
		assert.equal(await contents(), later, 'nothing was touched');

		const confirmed = {...options, confirmation: project.name};
		const {result} = await finished(restore(engine, stack, confirmed, signal));
		assert.equal(await contents(), before);
		assert.equal(await psql("select to_regclass('mine') is null"), 't');
		assert.equal(await psql("select has_table_privilege('reader', 'runs', 'select')"), 't');
		assert.equal(result.safety, options.safetyFile);
		assert.deepEqual(await states(), ['mlflow running', 'postgres running']);
		assert.deepEqual(await leftovers(project), []);
		assert.equal(existsSync(options.journal.path), false);

		await finished(
			restore(
				engine,
				stack,
				{...confirmed, file: options.safetyFile, safetyFile: join(folder, 's2.tar')},
				signal,
			),
		);
		assert.equal(await contents(), later, 'the safety backup brings back what was replaced');
	});
});

test('a backup goes into a stack that was never started, without a question', skip, async (t) => {
	const folder = temporaryFolder(t);
	const file = join(folder, 'kws.tar');
	await withBackupProject(async (project) => {
		const {engine, stack, fill, contents, states} = project;
		await fill(4);
		const before = await contents();
		await finished(backup(engine, stack, {file, createdBy}, signal));
		await project.compose('down', '--volumes');
		const {result} = await finished(restore(engine, stack, optionsFor(project, folder, file), signal));
		assert.equal(result.safety, undefined);
		assert.deepEqual(await states(), [], 'it is down as before');
		await project.compose('up', '-d');
		await untilAccepting(project);
		// The files belong to whom the new volume belongs: root, as busybox has no folder there.
		assert.equal(await contents(), before.replaceAll(' 1000 644', ' 0 644'));
	});
});

test('what another superuser owned belongs to the superuser of this stack', skip, async (t) => {
	const folder = temporaryFolder(t);
	const file = join(folder, 'kws.tar');
	await withBackupProject(async (project) => {
		const {engine, stack, fill} = project;
		await fill(4);
		await project.psql('create role reader; grant select on runs to reader');
		await finished(backup(engine, stack, {file, createdBy}, signal));
		await project.compose('down', '--volumes');
		await writeFile(project.file, backupStack().replace('POSTGRES_USER: ana', 'POSTGRES_USER: bo'));
		await project.compose('up', '-d');
		await untilAccepting(project);
		await finished(restore(engine, stack, optionsFor(project, folder, file), signal));
		const asBo = async (sql: string): Promise<string> =>
			project.compose('exec', '-T', 'postgres', 'psql', '-XqAt', '-U', 'bo', '-d', 'mlflow', '-c', sql);
		assert.equal(await asBo('select count(*) from runs'), '4');
		assert.equal(await asBo("select tableowner from pg_tables where tablename = 'runs'"), 'bo');
		assert.equal(
			await asBo("select string_agg(rolname, ' ' order by 1) from pg_roles where rolname !~ '^pg_'"),
			'bo reader',
		);
	});
});

test('a damaged backup touches nothing, not even the state of the stack', skip, async (t) => {
	const folder = temporaryFolder(t);
	const file = join(folder, 'kws.tar');
	await writeBackup(file, {globals: {file: 'globals.sql', bytes: 17, sha256: 'wrong'}});
	await withBackupProject(async (project) => {
		const {engine, stack, states} = project;
		await project.compose('stop');
		await assert.rejects(finished(restore(engine, stack, optionsFor(project, folder, file), signal)), {
			code: 'backup-damaged',
		});
		assert.deepEqual(await states(), ['mlflow exited', 'postgres exited']);
	});
});

test(
	'a backup of a newer PostgreSQL, or of volumes without a place, is refused before anything changes',
	skip,
	async (t) => {
		const folder = temporaryFolder(t);
		const newer = join(folder, 'newer.tar');
		await writeBackup(newer, {postgresql: {version: '99.1', major: 99, user: 'ana'}});
		const strange = join(folder, 'strange.tar');
		const {
			stores: [store],
		} = await writeBackup(strange);
		assert.ok(store);
		const elsewhere = join(folder, 'elsewhere.tar');
		await writeBackup(elsewhere, {stores: [{...store, key: 'models', role: 'other'}]});
		await withBackupProject(async (project) => {
			const {engine, stack, fill, contents} = project;
			await fill(2);
			const before = await contents();
			const confirmed = {...optionsFor(project, folder, newer), confirmation: project.name};
			await assert.rejects(finished(restore(engine, stack, confirmed, signal)), {code: 'server-too-old'});
			await assert.rejects(finished(restore(engine, stack, {...confirmed, file: elsewhere}, signal)), {
				code: 'no-place',
			});
			// Its dump is none: pg_restore refuses it while it is put beside the data.
			const failure: unknown = await finished(
				restore(engine, stack, {...confirmed, file: strange}, signal),
			).catch((error: unknown) => error);
			assert.ok(failure instanceof Failure);
			assert.equal(failure.code, 'command-failed');
			assert.equal(await contents(), before);
			assert.deepEqual(await leftovers(project), []);
			assert.deepEqual(readdirSync(join(folder, 'state', 'mlstack', 'journal')), []);
		});
	},
);
