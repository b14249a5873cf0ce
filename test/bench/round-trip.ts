import {spawn} from 'node:child_process';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {untilAccepting, withBackupProject, type BackupProject} from '../engine/backup-project.ts';
import {docker, executable, runCommand} from '../support/project.ts';
import type {Figure} from './figure.ts';
import {costOf} from './process-cost.ts';

/** Runs in the larger round trip, each with an artifact of a MiB; `MLSTACK_ROUND_TRIP_RUNS` makes it fewer. */
const manyRuns = Number(process.env['MLSTACK_ROUND_TRIP_RUNS'] ?? 1000);
const fewRuns = 50;

/** The most that memory may differ between the two, in MB: buffers that wait for V8, a tenth of the data that pass. */
const chance = 100;

/**
 * Backup, removal of every volume, restore, with few artifacts and with a gigabyte of them: how long it takes beside
 * `pg_dump` and `tar` by hand, and whether memory stays as it is. It fails when a run or an artifact differs.
 */
export async function roundTrip(): Promise<readonly Figure[]> {
	const few = await trip(fewRuns);
	const many = await trip(manyRuns);
	return [
		{name: `backup of ${manyRuns} runs and as many MiB`, value: many.backup.took, unit: 'ms'},
		{name: '`pg_dump` and `tar` by hand', value: many.byHand, unit: 'ms'},
		{name: 'ratio', value: many.backup.took / many.byHand, unit: 'x', bound: 1.3},
		{name: 'its restore into new volumes', value: many.restore.took, unit: 'ms'},
		{name: 'peak memory of the backup', value: many.backup.memory, unit: 'MB'},
		{
			name: `more than with ${fewRuns}`,
			value: many.backup.memory - few.backup.memory,
			unit: 'MB',
			bound: chance,
		},
		{name: 'peak memory of the restore', value: many.restore.memory, unit: 'MB'},
		{
			name: `more than with ${fewRuns}`,
			value: many.restore.memory - few.restore.memory,
			unit: 'MB',
			bound: chance,
		},
	];
}

interface Trip {
	readonly backup: Run;
	readonly restore: Run;
	/** Milliseconds. */
	readonly byHand: number;
}

async function trip(runs: number): Promise<Trip> {
	const folder = await mkdtemp(join(tmpdir(), 'mlstack-bench-'));
	let result: Trip | undefined;
	try {
		await withBackupProject(async (project) => {
			await project.fill(runs);
			await fillArtifacts(project);
			const before = await sums(project);
			const file = join(folder, 'backup.tar');
			const stack = ['-f', project.file, '-p', project.name];
			const backup = await run(['backup', ...stack, file], folder);
			const byHand = await copyByHand(project, folder);
			await project.compose('down', '--volumes', '--timeout', '5');
			await project.compose('up', '-d', '--quiet-pull');
			await untilAccepting(project);
			const restore = await run(['restore', ...stack, '--confirm', project.name, file], folder);
			if ((await sums(project)) !== before) {
				throw new Error('what was restored is not what was backed up');
			}

			result = {backup, restore, byHand};
		});
	} finally {
		await rm(folder, {recursive: true, force: true});
	}

	if (!result) {
		throw new Error('the round trip did not come to its end');
	}

	return result;
}

/** A MiB of bytes that cannot be packed for each run. */
async function fillArtifacts({name}: BackupProject): Promise<void> {
	const script =
		'for d in 1/*/artifacts; do dd if=/dev/urandom of=$d/weights bs=1M count=1 2>/dev/null; done';
	await docker('run', '--rm', '-v', `${name}_mlartifacts:/a`, '-w', '/a', 'busybox', 'sh', '-c', script);
}

/** Checksums of every row of a run and of every artifact. */
async function sums({name, psql}: BackupProject): Promise<string> {
	const script = 'find . -type f | sort | xargs sha256sum | sha256sum';
	const volume = `${name}_mlartifacts:/a:ro`;
	const files = await docker('run', '--rm', '-v', volume, '-w', '/a', 'busybox', 'sh', '-c', script);
	return `${await psql('select count(*), md5(string_agg(r::text, chr(10) order by id)) from runs r')} ${files}`;
}

async function copyByHand({name}: BackupProject, folder: string): Promise<number> {
	const script = [
		`docker exec ${name}-postgres-1 pg_dump -U ana -Fc mlflow > ${folder}/mlflow.dump`,
		`docker run --rm -v ${name}_mlartifacts:/a:ro busybox tar -c -C /a . > ${folder}/artifacts.tar`,
		`sync ${folder}/artifacts.tar`,
	].join(' && ');
	const began = performance.now();
	const {exitCode, stderr} = await runCommand('sh', ['-c', script]);
	if (exitCode !== 0) {
		throw new Error(stderr);
	}

	return performance.now() - began;
}

interface Run {
	/** Milliseconds. */
	readonly took: number;
	/** The most that it and its children had resident, in MB. */
	readonly memory: number;
}

/** Milliseconds between two looks at the memory. */
const lookEvery = 100;

async function run(words: readonly string[], folder: string): Promise<Run> {
	const began = performance.now();
	const child = spawn(process.execPath, [executable, ...words], {
		env: {...process.env, XDG_DATA_HOME: join(folder, 'data'), XDG_STATE_HOME: join(folder, 'state')},
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	let errors = '';
	child.stderr.on('data', (chunk: Buffer) => {
		errors += chunk.toString();
	});
	let memory = 0;
	const looking = setInterval(() => {
		memory = Math.max(memory, costOf(child.pid ?? 0).memory / 1e6);
	}, lookEvery);
	const code = await new Promise<number | null>((resolve) => {
		child.once('close', resolve);
	});
	clearInterval(looking);
	if (code !== 0) {
		throw new Error(`mlstack ${words.join(' ')}: ${errors}`);
	}

	return {took: performance.now() - began, memory};
}
