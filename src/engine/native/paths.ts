import {mkdirSync, statfsSync} from 'node:fs';
import {homedir} from 'node:os';
import {isAbsolute, join, resolve} from 'node:path';
import {Failure} from '../../failure.ts';

/** Where the native engine keeps everything: a folder for each project, and what projects share. */
export interface NativePaths {
	readonly root: string;
	/** Python environments: what images are to Docker. */
	readonly environments: string;
	/** Copies of PostgreSQL's programs, where the originals cannot be used in place. */
	readonly postgres: string;
	readonly projects: string;
}

/** A project's folder and what is in it. */
export interface ProjectPaths {
	readonly project: string;
	readonly folder: string;
	/** Password and ports, mode 0600. */
	readonly settings: string;
	/** What runs and how it is run, mode 0600: written by the supervisor, read by everyone. */
	readonly state: string;
	/** Held by the supervisor. */
	readonly lock: string;
	/** Held by whoever brings the project up. */
	readonly upLock: string;
	readonly run: string;
	readonly supervisorSocket: string;
	readonly logs: string;
	/** What the supervisor itself has to say. */
	readonly supervisorLog: string;
	/** PostgreSQL's data, a folder for each major version: what the volume `pgdata` is to Docker. */
	readonly clusters: string;
	/** PostgreSQL's unix socket. */
	readonly postgresSocket: string;
	/** What the volume `mlartifacts` is to Docker. */
	readonly artifacts: string;
}

/**
 * The data folder: MLSTACK_DATA; else `mlstack` in XDG_DATA_HOME or ~/.local/share (XDG Base Directory Specification).
 * As root /var/lib/mlstack, since PostgreSQL refuses to run as root and another account cannot enter root's home.
 */
export function nativePaths(environment: Readonly<Record<string, string | undefined>>): NativePaths {
	const asRoot = process.getuid?.() === 0;
	const data = environment['XDG_DATA_HOME'];
	const shared = data !== undefined && isAbsolute(data) ? data : join(homedir(), '.local', 'share');
	const root = resolve(
		environment['MLSTACK_DATA'] || (asRoot ? '/var/lib/mlstack' : join(shared, 'mlstack')),
	);
	return {
		root,
		environments: join(root, 'environments'),
		postgres: join(root, 'postgresql'),
		projects: join(root, 'native'),
	};
}

/** Compose's own rule for project names, which also keeps them inside their folder. */
const projectName = /^[a-z0-9][a-z0-9_-]*$/;

/** Throws a Failure for a name that compose refuses too. */
export function projectPaths(paths: NativePaths, project: string): ProjectPaths {
	if (!projectName.test(project)) {
		throw new Failure(`"${project}" cannot be a project's name`, {
			code: 'project-name',
			why: 'A project name consists of lower-case letters, digits, dashes and underscores, and starts with a letter or a digit.',
			next: ['mlstack -p NAME up'],
			reason: 'wrongCall',
		});
	}

	return pathsOfFolder(join(paths.projects, project), project);
}

/** The same from a project's folder: what the supervisor is given. */
export function pathsOfFolder(folder: string, project: string): ProjectPaths {
	const run = join(folder, 'run');
	const logs = join(folder, 'logs');
	return {
		project,
		folder,
		settings: join(folder, 'project.json'),
		state: join(folder, 'state.json'),
		lock: join(folder, 'lock'),
		upLock: join(folder, 'up.lock'),
		run,
		supervisorSocket: join(run, 'supervisor.sock'),
		logs,
		supervisorLog: join(folder, 'supervisor.log'),
		clusters: join(folder, 'pgdata'),
		postgresSocket: join(folder, 'socket'),
		artifacts: join(folder, 'mlartifacts'),
	};
}

/** Makes the project's folders. Root's are such that PostgreSQL's account can pass through. Throws a Failure. */
export function makeProjectFolders(paths: NativePaths, project: ProjectPaths): void {
	const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
	try {
		for (const folder of [paths.root, paths.projects, project.folder, project.clusters]) {
			mkdirSync(folder, {recursive: true, mode});
		}

		for (const folder of [project.run, project.logs, project.artifacts]) {
			mkdirSync(folder, {recursive: true, mode: 0o700});
		}
	} catch (error) {
		throw folderFailure(error, paths.root);
	}
}

const fileErrors: ReadonlyArray<{readonly pattern: RegExp; readonly code: string; readonly why: string}> = [
	{
		pattern: /ENOSPC|EDQUOT|No space left on device|Disk quota exceeded/,
		code: 'native-disk-full',
		why: 'There is no space left on its disk, or your quota is used up.',
	},
	{
		pattern: /EROFS|Read-only file system/,
		code: 'native-read-only',
		why: 'Its file system is mounted read-only.',
	},
	{
		pattern: /EACCES|EPERM|Permission denied/,
		code: 'native-read-only',
		why: 'You may not write there.',
	},
];

/** With less left, in bytes, an installation that failed did so for want of room, whatever it says. */
const leastRoom = 128 * 1024 ** 2;

/** The Failure of an installation into a folder on a disk that has no room; `undefined` where there is room. */
export function noRoomFailure(folder: string): unknown {
	const {bavail, bsize} = statfsSync(folder);
	return bavail * bsize < leastRoom ? folderFailure('ENOSPC', folder) : undefined;
}

/** What the file system or a program's output says about a folder that cannot be written, as a Failure. */
export function folderFailure(error: unknown, folder: string): unknown {
	if (error instanceof Failure) {
		return error;
	}

	const text = error instanceof Error ? error.message : String(error);
	const known = fileErrors.find(({pattern}) => pattern.test(text));
	return known
		? new Failure(`mlstack cannot write to its data folder ${folder}`, {
				code: known.code,
				why: known.why,
				next: [
					known.code === 'native-disk-full'
						? `make room there (an environment takes about 1 GB), or set MLSTACK_DATA to a folder with more`
						: 'set MLSTACK_DATA to a folder that you may write to',
				],
				cause: error,
			})
		: error;
}
