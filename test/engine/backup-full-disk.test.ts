import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {backup} from '../../src/engine/backup/backup.ts';
import {interruptionText} from '../../src/engine/backup/interruption.ts';
import {Journal} from '../../src/engine/backup/journal.ts';
import {recover} from '../../src/engine/backup/recover.ts';
import {restore, type RestoreOptions} from '../../src/engine/backup/restore.ts';
import {upgrade} from '../../src/engine/backup/upgrade.ts';
import {drain} from '../../src/drain.ts';
import type {Engine} from '../../src/engine/engine.ts';
import {asFailure, type Failure} from '../../src/failure.ts';
import type {Progress} from '../../src/stack/model.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {docker} from '../support/project.ts';
import {temporaryFolder} from './backup-fixtures.ts';
import {
	backupStack,
	finished,
	skipWithoutImage,
	withBackupProject,
	type BackupProject,
} from './backup-project.ts';

const skip = {skip: skipWithoutEngine || (await skipWithoutImage('postgres:17'))};
const signal = new AbortController().signal;
const createdBy = '0.1.0';

const data = '/var/lib/postgresql/data';

/** Volumes in memory, of a size in MiB: they fill up, and the disk does not. */
function smallVolumes(sizes: Readonly<Record<string, number>>): string {
	return Object.entries(sizes)
		.map(
			([name, size]) =>
				`  ${name}: {driver: local, driver_opts: {type: tmpfs, device: tmpfs, o: size=${size}m}}\n`,
		)
		.join('');
}

const composeYaml = backupStack('postgres:17', data).replace(
	/volumes:\n {2}pgdata:\n {2}mlartifacts:\n/,
	`volumes:\n${smallVolumes({pgdata: 200, mlartifacts: 1})}`,
);

/** A memory file system is gone with its last user, and a restore stops the services: somebody has to stay. */
async function withKeeper(
	{name}: BackupProject,
	volumes: readonly string[],
	body: (run: (script: string) => Promise<string>) => Promise<void>,
): Promise<void> {
	const mounts = volumes.flatMap((volume) => ['-v', `${name}_${volume}:/${volume}`]);
	const id = await docker('run', '-d', '--rm', '--init', ...mounts, 'busybox', 'sleep', '1000');
	try {
		await body(async (script) => docker('exec', id, 'sh', '-c', script));
	} finally {
		await docker('rm', '-f', id);
	}
}

/** How work fails that cannot succeed; what it tells must not be that something was left behind. */
async function failureOf(work: AsyncGenerator<Progress, unknown>): Promise<Failure> {
	const told: Progress[] = [];
	try {
		for await (const progress of work) {
			told.push(progress);
		}
	} catch (error) {
		const failure = asFailure(error);
		assert.equal(failure.code, 'disk-full', failure.message);
		assert.doesNotMatch(JSON.stringify(told), /not all is tidy|could not be started/);
		return failure;
	}

	throw new assert.AssertionError({message: 'there was room enough'});
}

/** Fills the database's volume up, but for some MiB. */
function leave(room: number): string {
	const free = "$(df -Pk /pgdata | tail -n 1 | awk '{print $4}')";
	return `head -c $(((${free} - ${room} * 1024) * 1024)) /dev/zero > /pgdata/ballast`;
}

/** An engine whose disk somebody else fills up just when a database is restored. */
function fillingUp(engine: Engine, fillUp: () => Promise<void>): Engine {
	return {
		...engine,
		execute: async (container, command, options, until) => {
			if (command.includes('pg_restore')) {
				await fillUp();
			}

			return engine.execute(container, command, options, until);
		},
	};
}

/** Fills the database's volume up to the last byte. */
const leaveNothing = 'cat /dev/zero > /pgdata/ballast 2>/dev/null || true';

/** Writes to the server's log alone until that finds no room any more: then PostgreSQL stops. */
const writeLog =
	"select count(pg_logical_emit_message(false, 'test', repeat('x', 1000000))) from generate_series(1, 300)";

/** The volume that an upgrade to 18 makes, made before it, and smaller. */
async function makeNewVolume({name}: BackupProject, size: number): Promise<void> {
	const labels = {'com.docker.compose.project': name, 'com.docker.compose.volume': 'pgdata18'};
	await docker(
		'volume',
		'create',
		...['type=tmpfs', 'device=tmpfs', `o=size=${size}m`].flatMap((option) => ['--opt', option]),
		...Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
		`${name}_pgdata18`,
	);
}

/** How many containers, of whomever, use a volume. */
async function users(volume: string): Promise<number> {
	const ids = await docker('ps', '-aq', '--filter', `volume=${volume}`);
	return ids.split('\n').filter(Boolean).length;
}

test('a disk that fills up during a restore or an upgrade costs nothing', skip, async (t) => {
	const folder = temporaryFolder(t);
	await withBackupProject(async (project) => {
		await withKeeper(project, ['pgdata', 'mlartifacts'], async (run) => {
			const {engine, stack, name, psql, fill, contents, states} = project;
			const journal = new Journal(name, {XDG_STATE_HOME: folder});
			const back = async (file: string): Promise<void> => {
				await finished(backup(engine, stack, {file, createdBy}, signal));
			};
			let attempts = 0;
			const optionsFor = (file: string): RestoreOptions => ({
				file,
				safetyFile: join(folder, `safety-${++attempts}.tar`),
				createdBy,
				confirmation: name,
				journal,
			});
			const restoring = (file: string) => restore(engine, stack, optionsFor(file), signal);
			const asBefore = async (before: string): Promise<void> => {
				assert.equal(await contents(), before);
				assert.equal(await psql("select count(*) from pg_database where datname like 'mlstack%'"), '0');
				assert.equal(await run('ls -d /mlartifacts/.mlstack* 2>/dev/null | wc -l'), '0');
				assert.equal(await users(`${name}_mlartifacts`), 2, 'the server and the keeper');
				assert.deepEqual(await states(), ['mlflow running', 'postgres running']);
				assert.equal(await journal.read(), undefined);
			};
			await fill(2);
			await run('head -c 700000 /dev/urandom > /mlartifacts/model');
			const large = join(folder, 'large.tar');
			await back(large);
			const withModel = await contents();
			const noRoom = await failureOf(restoring(large));
			assert.equal(noRoom.message, 'there is not enough space for the restored files');
			assert.match(
				noRoom.why ?? '',
				/^mlartifacts needs 700 kB beside what is there, and [\d.]+ kB are free$/,
			);
			await asBefore(withModel);

			await run('cd /mlartifacts && rm model && for i in $(seq 140); do echo $i > $i; done');
			const many = join(folder, 'many.tar');
			await back(many);
			const withMany = await contents();
			const filesFull = await failureOf(restoring(many));
			assert.equal(filesFull.message, 'unpacking mlartifacts failed: the disk is full');
			await asBefore(withMany);
			await run('cd /mlartifacts && rm ?? ???');

			await psql('create table big as select i from generate_series(1, 500000) i');
			const rows = join(folder, 'rows.tar');
			await back(rows);
			await psql('drop table big');
			const withoutBig = await contents();
			const databaseFull = await failureOf(
				restore(
					fillingUp(engine, async () => void (await run(leave(3)))),
					stack,
					optionsFor(rows),
					signal,
				),
			);
			assert.equal(databaseFull.message, 'the restore of mlflow failed: the disk is full');
			assert.match(databaseFull.why ?? '', /could not extend file .*No space left on device/);
			await asBefore(withoutBig);

			await run(`rm /pgdata/ballast; ${leave(25)}`);
			const noRoomForDatabase = await failureOf(restoring(rows));
			assert.equal(noRoomForDatabase.message, 'there is not enough space for the restored database');
			assert.match(noRoomForDatabase.why ?? '', /^mlflow needs [\d.]+ MB beside what is there/);
			await asBefore(withoutBig);

			await run('rm /pgdata/ballast');
			await makeNewVolume(project, 60);
			await psql('create table big as select i from generate_series(1, 500000) i');
			const options = {
				major: 18,
				backupFile: join(folder, 'upgrade.tar'),
				createdBy,
				journal,
				environment: {},
			};
			const noRoomForNew = await failureOf(upgrade(engine, stack, options, signal));
			assert.equal(noRoomForNew.message, 'there is not enough space for the restored database');
			assert.equal(await readFile(project.file, 'utf8'), composeYaml);
			assert.match(await psql('show server_version'), /^17/);
			assert.equal(await psql('select count(*) from big'), '500000');
			await asBefore(withoutBig);
		});
		await docker('volume', 'rm', '-f', `${project.name}_pgdata18`);
	}, composeYaml);
});

test(
	'a server that stops during a restore as somebody else filled its disk comes back with the old data',
	skip,
	async (t) => {
		const folder = temporaryFolder(t);
		await withBackupProject(async (project) => {
			await withKeeper(project, ['pgdata', 'mlartifacts'], async (run) => {
				const {engine, stack, name, psql, fill, contents, states} = project;
				const journal = new Journal(name, {XDG_STATE_HOME: folder});
				const file = join(folder, 'kws.tar');
				await fill(3);
				await finished(backup(engine, stack, {file, createdBy}, signal));
				await fill(2);
				const before = await contents();
				const filling = (andThen: () => Promise<unknown>): Engine =>
					fillingUp(engine, async () => {
						await run(leaveNothing);
						await assert.rejects(psql(writeLog));
						await andThen();
					});
				const options = {
					file,
					safetyFile: join(folder, 'safety.tar'),
					createdBy,
					confirmation: name,
					journal,
				};
				const failure = {
					code: 'disk-full',
					message: 'the restore failed: PostgreSQL stopped, as its disk is full',
					why: /PANIC: .*No space left on device/,
				};
				const told: Progress[] = [];
				const stopped = restore(
					filling(async () => {}),
					stack,
					options,
					signal,
				);
				await assert.rejects(
					drain(stopped, (progress) => void told.push(progress)),
					failure,
				);
				assert.match(
					JSON.stringify(told.at(-1)),
					/Nothing was changed, but not all is tidy: postgres does not come up/,
				);
				const entry = await journal.read();
				assert.ok(entry);
				assert.match(interruptionText(entry), /The data are as they were before it/);
				await assert.rejects(finished(recover(engine, stack, journal, signal)), {code: 'database-not-up'});

				await run('rm /pgdata/ballast');
				const {result} = await finished(recover(engine, stack, journal, signal));
				assert.equal(result?.holds, 'old');
				const isAsBefore = async (): Promise<void> => {
					assert.equal(await contents(), before);
					assert.deepEqual(await states(), ['mlflow running', 'postgres running']);
					assert.equal(await psql("select count(*) from pg_database where datname like 'mlstack%'"), '0');
					assert.equal(await journal.read(), undefined);
				};
				await isAsBefore();

				// Where the engine starts the server again, and there is room by then, nothing is left to do.
				await docker('update', '--restart', 'unless-stopped', `${name}-postgres-1`);
				const comingBack = filling(async () => run('rm /pgdata/ballast'));
				const again = {...options, safetyFile: join(folder, 'safety-2.tar')};
				await assert.rejects(finished(restore(comingBack, stack, again, signal)), failure);
				await isAsBefore();
			});
		}, composeYaml);
	},
);
