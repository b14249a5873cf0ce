import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {backup} from '../../src/engine/backup/backup.ts';
import {ArchiveReader} from '../../src/engine/backup/archive-reader.ts';
import {identity} from '../../src/engine/backup/database.ts';
import {listDatabases} from '../../src/engine/backup/psql.ts';
import {Failure} from '../../src/failure.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {docker} from '../support/project.ts';
import {temporaryFolder} from './backup-fixtures.ts';
import {finished, withBackupProject} from './backup-project.ts';

const skip = {skip: skipWithoutEngine};
const signal = new AbortController().signal;
const createdBy = '0.1.0';

test(
	"a server's own database counts when it has tables, and may be gone without a failure in the log",
	skip,
	async () => {
		await withBackupProject(async ({engine, name, psql}) => {
			const container = `${name}-postgres-1`;
			const inOwn = async (sql: string) =>
				docker('exec', container, 'psql', '-U', 'ana', '-d', 'postgres', '-c', sql);
			assert.deepEqual(await listDatabases(engine, container, signal), ['mlflow']);
			await inOwn('create table notes(text text)');
			assert.deepEqual(await listDatabases(engine, container, signal), ['mlflow', 'postgres']);
			await psql('drop database postgres');
			assert.deepEqual(await listDatabases(engine, container, signal), ['mlflow']);
			assert.doesNotMatch(
				execFileSync('sh', ['-c', `docker logs ${container} 2>&1`]).toString(),
				/database "postgres" does not exist/,
			);
		});
	},
);

test(
	'a server that listens to nobody is not asked for its databases: they may not all be made yet',
	skip,
	async () => {
		await withBackupProject(async ({engine, name, psql}) => {
			const container = `${name}-postgres-1`;
			const server = {id: container, service: 'postgres'};
			const {user, databases} = await identity(engine, server, signal);
			assert.deepEqual([user, databases], ['ana', ['mlflow']]);
			await psql("alter system set listen_addresses = ''");
			await docker('restart', container);
			await docker('exec', container, 'sh', '-c', 'until pg_isready -q; do sleep 0.1; done');
			assert.equal(await psql('show listen_addresses'), '');
			await assert.rejects(
				identity(engine, server, signal),
				(error) => error instanceof Failure && error.code === 'database-not-up',
			);
		});
	},
);

test('a running stack is backed up as of one moment, and goes on running', skip, async (t) => {
	const folder = temporaryFolder(t);
	await withBackupProject(async ({engine, stack, name, fill, psql, states}) => {
		await fill(20);
		await psql('create role "Bo b"');
		await psql('create database "other db"');
		const file = join(folder, 'kws.tar');
		const {result: manifest, progress} = await finished(backup(engine, stack, {file, createdBy}, signal));
		assert.deepEqual(manifest.counts, {experiments: 2, runs: 20});
		assert.equal(manifest.project, name);
		assert.equal(manifest.postgresql.major, 18);
		assert.equal(manifest.postgresql.user, 'ana');
		assert.deepEqual(
			manifest.databases.map((database) => [database.name, database.owner, database.tables]),
			[
				['mlflow', 'ana', {'public.alembic_version': 1, 'public.experiments': 3, 'public.runs': 20}],
				['other db', 'ana', {}],
			],
		);
		assert.deepEqual(
			manifest.stores.map(({key, role, files, content}) => [key, role, files, content]),
			[['mlartifacts', 'artifacts', 20, 171]],
		);
		assert.deepEqual(manifest.notes, []);
		const done = progress.flatMap((one) => (one.type === 'step' && one.state === 'done' ? [one.name] : []));
		assert.deepEqual(done, [
			'postgres',
			'database mlflow',
			'database other db',
			'roles',
			'volume mlartifacts',
		]);
		assert.deepEqual(await states(), ['mlflow running', 'postgres running']);

		const reader = await ArchiveReader.open(file);
		assert.deepEqual(reader.manifest, manifest);
		await reader.verify(() => {}, signal);
		await reader.close();
		const roles = execFileSync('tar', ['-xOf', file, 'globals.sql'], {encoding: 'utf8'});
		assert.match(roles, /CREATE ROLE "Bo b";/);
	});
});

test('a stack that is down is backed up by its database alone, and is down again', skip, async (t) => {
	const folder = temporaryFolder(t);
	await withBackupProject(async (project) => {
		const {engine, stack, fill, states} = project;
		await fill(3);
		await project.compose('stop');
		const first = await finished(backup(engine, stack, {file: join(folder, '1.tar'), createdBy}, signal));
		assert.equal(first.result.counts.runs, 3);
		assert.equal(first.result.stores[0]?.files, 3);
		assert.deepEqual(await states(), ['mlflow exited', 'postgres exited']);

		await project.compose('down');
		const second = await finished(backup(engine, stack, {file: join(folder, '2.tar'), createdBy}, signal));
		assert.equal(second.result.counts.runs, 3);
		assert.equal(second.result.stores[0]?.files, 3);
		assert.deepEqual(await states(), []);
	});
});

test('runs that are written while the dump is made are not half in it', skip, async (t) => {
	const file = join(temporaryFolder(t), 'kws.tar');
	await withBackupProject(async ({engine, stack, fill, psql}) => {
		await fill(5);
		const writer = {stopped: false};
		let written = 5;
		const writing = (async () => {
			while (!writer.stopped) {
				written++;
				await psql(
					`insert into runs values (${written}, 'active', 'late'); insert into experiments values (${written}, 'active')`,
				);
			}
		})();
		const {result} = await finished(backup(engine, stack, {file, createdBy}, signal));
		writer.stopped = true;
		await writing;
		const {'public.runs': runs = 0, 'public.experiments': experiments = 0} =
			result.databases[0]?.tables ?? {};
		// Both tables grow by one in one statement.
		assert.equal(experiments - 3, runs - 5);
		assert.ok(runs <= written);
		assert.equal(result.counts.runs, runs);
	});
});

test('a backup that is cancelled leaves no file, no helper and a running stack', skip, async (t) => {
	const folder = temporaryFolder(t);
	await withBackupProject(async ({engine, stack, name, fill, states}) => {
		await fill(3);
		for (const step of ['database mlflow', 'roles', 'volume mlartifacts']) {
			const abort = new AbortController();
			await assert.rejects(async () => {
				for await (const progress of backup(
					engine,
					stack,
					{file: join(folder, 'x.tar'), createdBy},
					abort.signal,
				)) {
					if (progress.type === 'step' && progress.name === step) {
						abort.abort(new Error('cancelled'));
					}
				}
			}, /cancelled/);
			assert.deepEqual(readdirSync(folder), []);
		}

		assert.deepEqual(await states(), ['mlflow running', 'postgres running']);
		const mounts = await docker('ps', '-aq', '--filter', `volume=${name}_mlartifacts`);
		assert.equal(mounts.split('\n').length, 1, 'only the tracking server mounts the volume');
	});
});

test('a database that dies during the dump fails the backup and leaves no file', skip, async (t) => {
	const folder = temporaryFolder(t);
	await withBackupProject(async ({engine, stack, name, fill, psql}) => {
		await fill(3);
		await psql('create table big as select i, repeat(md5(i::text), 30) from generate_series(1, 200000) i');
		await assert.rejects(async () => {
			let killed = false;
			for await (const progress of backup(engine, stack, {file: join(folder, 'x.tar'), createdBy}, signal)) {
				if (!killed && progress.type === 'step' && progress.name === 'database mlflow') {
					killed = true;
					await docker('kill', `${name}-postgres-1`);
				}
			}
		});
		assert.deepEqual(readdirSync(folder), []);
	});
});
