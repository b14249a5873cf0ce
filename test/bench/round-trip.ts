import {spawn} from 'node:child_process';
import {mkdtemp, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {untilAccepting, withBackupProject, type BackupProject} from '../engine/backup-project.ts';
import {docker, executable, runCommand} from '../support/project.ts';
import {median, type Figure} from './figure.ts';
import {costOf} from './process-cost.ts';

/** Runs in the larger round trip, each with an artifact of a MiB; `MLSTACK_ROUND_TRIP_RUNS` makes it fewer. */
const manyRuns = Number(process.env['MLSTACK_ROUND_TRIP_RUNS'] ?? 1000);
const fewRuns = 50;

/** The most that memory may differ between the two, in MB: chunks of a socket that V8 has not freed yet, and chance. */
const slack = 25;

/**
 * Backups that are each followed by a copy by hand. The ratio is the median of the pairs' ratios: a machine that is
 * slower for a while is so for both of a pair.
 */
const pairs = 5;

/**
 * Backup, removal of every volume, restore, with few artifacts and with a gigabyte of them: how long it takes beside
 * `pg_dump` and `tar` by hand, and whether memory stays as it is. It fails when a run or an artifact differs.
 */
export async function roundTrip(): Promise<readonly Figure[]> {
	const few = await trip(fewRuns, pairs);
	const many = await trip(manyRuns, pairs);
	return [
		{name: `archive of ${manyRuns} runs and as many MiB`, value: many.size, unit: 'MB'},
		{name: 'its backup', value: many.backup.took, unit: 'ms'},
		{name: '`pg_dump` and `tar` by hand, in turn with it', value: many.byHand, unit: 'ms'},
		{name: 'ratio', value: many.ratio, unit: 'x', bound: 1.3},
		{name: 'its restore into new volumes', value: many.restore.took, unit: 'ms'},
		{name: 'the same, a second', value: many.size / (many.restore.took / 1000), unit: 'MB'},
		{name: 'peak memory of the backup', value: many.backup.memory, unit: 'MB'},
		{
			name: `more than with ${fewRuns}`,
			value: many.backup.memory - few.backup.memory,
			unit: 'MB',
			bound: slack,
		},
		{name: 'peak memory of the restore', value: many.restore.memory, unit: 'MB'},
		{
			name: `more than with ${fewRuns}`,
			value: many.restore.memory - few.restore.memory,
			unit: 'MB',
			bound: slack,
		},
	];
}

interface Trip {
	/** Of the archive, in MB. */
	readonly size: number;
	readonly backup: Run;
	readonly restore: Run;
	/** Milliseconds. */
	readonly byHand: number;
	/** Of a backup's time to that of the copy after it. */
	readonly ratio: number;
}

async function trip(runs: number, rounds: number): Promise<Trip> {
	const folder = await mkdtemp(join(tmpdir(), 'mlstack-bench-'));
	let result: Trip | undefined;
	try {
		await withBackupProject(async (project) => {
			await project.fill(runs);
			await fillArtifacts(project);
			const before = await sums(project);
			const file = join(folder, 'backup.tar');
			const stack = ['-f', project.file, '-p', project.name];
			const backups: Run[] = [];
			const copies: number[] = [];
			for (let round = 0; round < rounds; round++) {
				await rm(file, {force: true});
				backups.push(await run(['backup', ...stack, file], folder));
				copies.push(await copyByHand(project, folder));
			}

			await project.compose('down', '--volumes', '--timeout', '5');
			await project.compose('up', '-d', '--quiet-pull');
			await untilAccepting(project);
			const restore = await run(['restore', ...stack, '--confirm', project.name, file], folder);
			if ((await sums(project)) !== before) {
				throw new Error('what was restored is not what was backed up');
			}

			result = {
				size: (await stat(file)).size / 1e6,
				backup: {
					took: median(backups.map(({took}) => took)) ?? Number.NaN,
					memory: Math.max(...backups.map(({memory}) => memory)),
				},
				restore,
				byHand: median(copies) ?? Number.NaN,
				ratio: median(backups.map(({took}, round) => took / (copies[round] ?? Number.NaN))) ?? Number.NaN,
			};
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

/** Without a log driver, as the engine would else write the whole archive into the container's log, too. */
async function copyByHand({name}: BackupProject, folder: string): Promise<number> {
	const script = [
		`docker exec ${name}-postgres-1 pg_dump -U ana -Fc mlflow > ${folder}/mlflow.dump`,
		`docker run --rm --log-driver none -v ${name}_mlartifacts:/a:ro busybox tar -c -C /a . > ${folder}/artifacts.tar`,
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
