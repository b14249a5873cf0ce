import assert from 'node:assert/strict';
import {existsSync, mkdirSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {backupFolder, listBackups, newBackupFile} from '../../src/engine/backup/backup-files.ts';
import {temporaryFolder, writeBackup} from '../engine/backup-fixtures.ts';
import {withBackupProject} from '../engine/backup-project.ts';
import {runCli} from '../support/cli.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';

test('backups are named after their project and their moment, which sort by time', () => {
	const environment = {XDG_DATA_HOME: '/data'};
	const at = new Date('2026-11-24T08:05:09.123Z');
	assert.equal(newBackupFile('kws', environment, at), '/data/mlstack/backups/kws-20261124-080509.tar');
	assert.equal(
		newBackupFile('kws', environment, at, '-before-prune'),
		'/data/mlstack/backups/kws-20261124-080509-before-prune.tar',
	);
});

test('`mlstack backups` lists what is in the folder, damaged files too', async (t) => {
	const environment = {XDG_DATA_HOME: temporaryFolder(t)};
	const none = await runCli(['backups'], {environment});
	assert.equal(none.code, 0);
	assert.match(none.stderr, /There are no backups in .*: `mlstack backup` makes one\.\n/);

	const folder = backupFolder(environment);
	mkdirSync(folder, {recursive: true});
	await writeBackup(join(folder, 'kws-1.tar'));
	writeFileSync(join(folder, 'broken.tar'), 'x'.repeat(1000));
	writeFileSync(join(folder, 'kws-2.tar.0a1b2c3d.partial'), '');
	const {stdout} = await runCli(['backups'], {environment});
	assert.match(stdout, /^project +size +age +holds +file\n/);
	assert.match(
		stdout,
		/\nkws +\S+ kB +seconds +12 experiments, 340 runs, 3 files; PostgreSQL 18\.4, MLflow 3\.17\.2 +\S+kws-1\.tar\n/,
	);
	assert.match(stdout, /\n\? +1 kB +seconds +not whole: it is no tar archive +\S+broken\.tar\n/);
	assert.equal((await listBackups(folder)).length, 2);
	const json = JSON.parse((await runCli(['backups', '--json'], {environment})).stdout);
	assert.equal(json.backups.length, 2);
});

const wrongCalls: ReadonlyArray<readonly string[]> = [
	['upgrade'],
	['upgrade', 'postgres'],
	['upgrade', 'mlflow', '3'],
	['upgrade', 'postgres', 'latest'],
	['upgrade', 'postgres', '18', '19'],
	['backup', 'a', 'b'],
	['restore', 'a', 'b'],
	['backups', 'a'],
];
for (const call of wrongCalls) {
	test(`\`mlstack ${call.join(' ')}\` is a wrong call`, async () => {
		assert.equal((await runCli(call)).code, 2);
	});
}

test(
	'backup, restore with the name typed, and what a script has to say',
	{skip: skipWithoutEngine},
	async (t) => {
		const folder = temporaryFolder(t);
		const environment = {
			...process.env,
			XDG_DATA_HOME: join(folder, 'data'),
			XDG_STATE_HOME: join(folder, 'state'),
		};
		await withBackupProject(async ({name, file: composeFile, engine, fill, contents}) => {
			const options = {environment, engine: {...engine, close: () => undefined}};
			const call = (...words: readonly string[]) => ['-f', composeFile, '-p', name, ...words];
			await fill(3);
			const before = await contents();
			const made = await runCli(call('backup'), options);
			const archive = made.stdout.trim();
			assert.equal(made.code, 0, made.stderr);
			assert.equal(statSync(archive).mode & 0o777, 0o600);
			assert.match(made.stderr, /✓ database mlflow saved: [\d.]+ kB\n/);
			assert.match(made.stderr, /\n2 experiments, 3 runs, 3 files; PostgreSQL 18\.\d+\n$/);

			await fill(1);
			const script = await runCli(call('restore', archive), options);
			assert.equal(script.code, 1);
			assert.match(script.stderr, /holds data that the restore would replace: 2 experiments, 1 run/);
			assert.match(script.stderr, new RegExp(`--confirm ${name}`));

			const wrong = await runCli(call('restore', archive), {...options, isTTY: true, lines: ['yes']});
			assert.equal(wrong.code, 0);
			assert.match(wrong.stderr, /Nothing was changed\.\n$/);

			const typed = await runCli(call('restore', archive), {...options, isTTY: true, lines: [name]});
			assert.equal(typed.code, 0, typed.stderr);
			assert.equal(await contents(), before);
			const safety = /What was there before is kept in (.*)\n$/.exec(typed.stderr)?.[1] ?? '';
			assert.ok(existsSync(safety));

			const nothing = await runCli(call('restore'), options);
			assert.equal(nothing.code, 2);
			const json = await runCli(call('restore', safety, '--confirm', name, '--json'), options);
			assert.equal(json.code, 0, json.stdout);
			const lines = json.stdout
				.trim()
				.split('\n')
				.map((line) => JSON.parse(line));
			assert.ok(lines.every(({version}) => version === 1));
			assert.equal(lines.at(-1).manifest.counts.runs, 1);
		});
	},
);
