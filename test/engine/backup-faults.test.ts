import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {backup} from '../../src/engine/backup/backup.ts';
import {Journal} from '../../src/engine/backup/journal.ts';
import {interruptionText} from '../../src/engine/backup/interruption.ts';
import {recover} from '../../src/engine/backup/recover.ts';
import {restore} from '../../src/engine/backup/restore.ts';
import type {Engine} from '../../src/engine/engine.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {docker} from '../support/project.ts';
import {mortalEngine, type Fate} from './backup-faults.ts';
import {temporaryFolder} from './backup-fixtures.ts';
import {finished, withBackupProject, type BackupProject} from './backup-project.ts';

const skip = {skip: skipWithoutEngine};
const signal = new AbortController().signal;
const createdBy = '0.1.0';

/** The first half of the exchange of files: the old ones are out, the new ones not yet in. */
const halfAnExchange = (command: string): readonly string[] => {
	const [shell = '', option = '', script = '', ...rest] = command.split('\u0000');
	const half = script.slice(0, script.lastIndexOf('find '));
	return [shell, option, half, ...rest];
};

interface Fault {
	readonly what: string;
	readonly fate: (command: string) => Fate;
	/** What holds once it is settled. */
	readonly holds: 'old' | 'new';
	readonly said: RegExp;
}

const asBefore = /The data are as they were before it/;
const goesOn = /The restored data are whole, but not all of them are in place yet/;

const faults: readonly Fault[] = [
	{
		what: 'while a database is put beside the old one',
		fate: (command) => (command.includes('pg_restore') ? 'gone' : 'runs'),
		holds: 'old',
		said: asBefore,
	},
	{
		what: 'while files are put beside the old ones',
		fate: (command) => (command.includes('tar -x -p') ? 'gone' : 'runs'),
		holds: 'old',
		said: asBefore,
	},
	{
		what: 'between the exchange of databases and that of files',
		fate: (command) => (command.includes('/emptied') ? 'gone' : 'runs'),
		holds: 'new',
		said: goesOn,
	},
	{
		what: 'in the middle of the exchange of files',
		fate: (command) => (command.includes('/emptied') ? halfAnExchange(command) : 'runs'),
		holds: 'new',
		said: goesOn,
	},
];

/** A backup of seven runs, and two other runs in the stack since. */
async function prepare(project: BackupProject, file: string): Promise<{old: string; new: string}> {
	await project.fill(7);
	const backedUp = await project.contents();
	if (!existsSync(file)) {
		await finished(backup(project.engine, project.stack, {file, createdBy}, signal));
	}

	await project.fill(2);
	await project.psql("update runs set name = 'changed'");
	return {old: await project.contents(), new: backedUp};
}

test('an engine that goes away at any step of a restore costs nothing', skip, async (t) => {
	const folder = temporaryFolder(t);
	const file = join(folder, 'kws.tar');
	await withBackupProject(async (project) => {
		const {engine, stack, name, contents, states} = project;
		const journal = new Journal(name, {XDG_STATE_HOME: folder});
		for (const [index, {what, fate, holds, said}] of faults.entries()) {
			const data = await prepare(project, file);
			const options = {
				file,
				safetyFile: join(folder, `safety-${index}.tar`),
				createdBy,
				confirmation: name,
				journal,
			};
			const mortal = mortalEngine(engine, fate);
			await assert.rejects(finished(restore(mortal, stack, options, signal)), Error, what);
			const entry = await journal.read();
			assert.ok(entry, what);
			assert.match(interruptionText(entry), said, what);
			await assert.rejects(finished(restore(engine, stack, options, signal)), {code: 'restore-interrupted'});

			const {result} = await finished(recover(engine, stack, journal, signal));
			assert.equal(result?.holds, holds, what);
			assert.equal(await contents(), data[holds], what);
			assert.equal(
				await project.psql("select count(*) from pg_database where datname like 'mlstack%'"),
				'0',
				what,
			);
			assert.deepEqual(await states(), ['mlflow running', 'postgres running'], what);
			assert.equal(await journal.read(), undefined, what);
		}
	});
});

test(
	'a restore that is killed at once leaves the old data, no helper, and a journal that says so',
	skip,
	async (t) => {
		const folder = temporaryFolder(t);
		const file = join(folder, 'kws.tar');
		await withBackupProject(async (project) => {
			const {engine, stack, name, contents} = project;
			const data = await prepare(project, file);
			await killedRestore(project, folder, file, 'files mlartifacts');
			const journal = new Journal(name, {XDG_STATE_HOME: folder});
			const entry = await journal.read();
			assert.ok(entry);
			assert.match(interruptionText(entry), asBefore);
			assert.equal(await contents(), data.old);
			await finished(recover(engine, stack, journal, signal));
			assert.equal(await contents(), data.old);
			const users = await docker('ps', '-aq', '--filter', `volume=${name}_mlartifacts`);
			assert.equal(users.split('\n').length, 1, 'only the tracking server mounts the volume');
		});
	},
);

test(
	'a server that breaks down during a restore comes back with the old data, and nothing else',
	skip,
	async (t) => {
		const folder = temporaryFolder(t);
		const file = join(folder, 'kws.tar');
		await withBackupProject(async (project) => {
			const {engine, stack, name, psql, contents, states} = project;
			const data = await prepare(project, file);
			const journal = new Journal(name, {XDG_STATE_HOME: folder});
			// PostgreSQL ends all its processes and recovers when one of them is killed.
			const breaking: Engine = {
				...engine,
				execute: async (container, command, options, until) => {
					if (command.includes('pg_restore')) {
						const checkpointer = await psql(
							"select pid from pg_stat_activity where backend_type = 'checkpointer'",
						);
						await docker('exec', container, 'sh', '-c', `kill -9 ${checkpointer}`);
					}

					return engine.execute(container, command, options, until);
				},
			};
			const options = {file, safetyFile: join(folder, 'safety.tar'), createdBy, confirmation: name, journal};
			await assert.rejects(finished(restore(breaking, stack, options, signal)), {code: 'command-failed'});
			assert.equal(await contents(), data.old);
			assert.equal(await psql("select count(*) from pg_database where datname like 'mlstack%'"), '0');
			assert.deepEqual(await states(), ['mlflow running', 'postgres running']);
			assert.equal(await journal.read(), undefined);
		});
	},
);

/** Restores in a process of its own, and kills that when it reports a step. */
async function killedRestore(
	{name, file: composeFile}: BackupProject,
	folder: string,
	file: string,
	step: string,
): Promise<void> {
	const script = fileURLToPath(new URL('backup-restore-process.ts', import.meta.url));
	const child = spawn(process.execPath, ['--import', 'tsx', script, composeFile, name, folder, file], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const ended = new Promise((resolve) => {
		child.once('exit', (_code, signalName) => resolve(signalName));
	});
	for await (const line of createInterface({input: child.stdout})) {
		if (line === step) {
			child.kill('SIGKILL');
		}
	}

	assert.equal(await ended, 'SIGKILL');
}
