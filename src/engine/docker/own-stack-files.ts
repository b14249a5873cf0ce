import {createHash} from 'node:crypto';
import {existsSync} from 'node:fs';
import {chmod, mkdir, readFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {nextFreePort} from '../environment/listening.ts';
import {readIfThere, replaceFile} from '../files.ts';
import {Failure} from '../../failure.ts';
import {stringIn} from '../json.ts';
import {variableIn} from './compose-files.ts';
import {type DockerCommand, runDocker} from './docker-command.ts';
import {ownStackFolder} from './own-stack.ts';
import {type DatabaseLogin, generatePassword, recoverLogin} from './own-stack-login.ts';

/** mlstack's own stack, written and ready for compose. */
export interface OwnStack {
	readonly folder: string;
	/** The user changed the compose file or the constraints: what is built may differ from what the image's name says. */
	readonly isEdited: boolean;
	/** What was decided on the way, in sentences for the user. */
	readonly notes: readonly string[];
}

/** Whether compose can be asked about it: the compose file and the .env are there. */
export function isOwnStackWritten(folder: string): boolean {
	return existsSync(join(folder, 'compose.yaml')) && existsSync(join(folder, '.env'));
}

/**
 * Writes what is missing of mlstack's own stack: the compose file, the constraints, and the .env with a new password.
 * Files of an older mlstack are replaced, edited ones are left alone, and so is everything in the .env.
 * Throws a Failure when the database has a password that nobody knows any more, or nothing can be written.
 */
export async function ensureOwnStack(docker: DockerCommand, signal: AbortSignal): Promise<OwnStack> {
	const folder = ownStackFolder(docker.environment);
	try {
		await mkdir(folder, {recursive: true, mode: 0o700});
		const isEdited = await ensureFiles(folder, docker, signal);
		const recover = async (project: string) => recoverLogin(project, folder, docker, signal);
		return {folder, isEdited, notes: await ensureVariables(folder, docker.environment, recover)};
	} catch (error) {
		if (error instanceof Failure || signal.aborted || stringIn(error, 'syscall') === undefined) {
			throw error;
		}

		throw new Failure(`mlstack cannot write its own stack to ${folder}`, {
			code: 'own-stack-unwritable',
			why: error instanceof Error ? error.message : '',
			next: [`ls -ld ${folder}`, 'Or choose another place: MLSTACK_HOME=/path/to/folder mlstack up'],
			cause: error,
		});
	}
}

/** True when one of the files was edited. */
async function ensureFiles(folder: string, docker: DockerCommand, signal: AbortSignal): Promise<boolean> {
	let isEdited = false;
	for (const name of ['compose.yaml', 'constraints.txt']) {
		const path = join(folder, name);
		const present = await readIfThere(path);
		const template = await readTemplate(name);
		if (present !== undefined && !isUntouched(present)) {
			isEdited = true;
			continue;
		}

		const acceptable = [template, forOldEngine(template)].map(sealed);
		if (present === undefined || !acceptable.includes(present)) {
			await replaceFile(path, sealed(await forEngine(template, docker, signal)), {mode: 0o644});
		}
	}

	return isEdited;
}

/**
 * Adds to a folder's .env what its stack needs there and lacks, and returns what the user should know about it.
 * `recover` finds the login of a project's database that exists already.
 */
export async function ensureVariables(
	folder: string,
	environment: DockerCommand['environment'],
	recover: (project: string) => Promise<DatabaseLogin | undefined>,
): Promise<readonly string[]> {
	const path = join(folder, '.env');
	const present = (await readIfThere(path)) ?? '';
	const known = (name: string): string | undefined => environment[name] || variableIn(present, name);
	if (variableIn(present, 'MLSTACK_DB_PASSWORD')) {
		await chmod(path, 0o600);
		return [];
	}

	const project = known('MLSTACK_PROJECT') ?? 'mlstack';
	const found = known('MLSTACK_DB_PASSWORD') ? undefined : await recover(project);
	const login: DatabaseLogin = {
		user: known('MLSTACK_DB_USER') ?? found?.user ?? 'mlflow',
		password: known('MLSTACK_DB_PASSWORD') ?? found?.password ?? generatePassword(),
		database: known('MLSTACK_DB_NAME') ?? found?.database ?? 'mlflow',
	};
	const variables = {
		MLSTACK_DB_USER: login.user,
		MLSTACK_DB_NAME: login.database,
		MLSTACK_DB_PASSWORD: login.password,
	};
	const lines = [
		'# Written by mlstack. PostgreSQL reads the MLSTACK_DB_ ones only when it makes the database: keep them.',
		...Object.entries(variables)
			.filter(([name]) => variableIn(present, name) === undefined)
			.map(([name, value]) => `${name}=${quoted(value)}`),
	];
	const notes: string[] = [];
	if (found) {
		notes.push(`The database's password was read from its container, and is kept in ${path} again.`);
	} else {
		const ports = await movedPorts(known);
		lines.push(...ports.map(({variable, port}) => `${variable}=${port}`));
		notes.push(...ports.map(({note}) => note));
	}

	await replaceFile(path, `${present && `${present.trimEnd()}\n`}${lines.join('\n')}\n`, {mode: 0o600});
	return notes;
}

/** For a .env file as compose reads it: in single quotes only the quote itself needs an escape. */
function quoted(value: string): string {
	return /^[\w.-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`\'`)}'`;
}

/** Ports that are taken now, each with the next free one. On macOS the AirPlay Receiver listens on 5000. */
async function movedPorts(
	known: (name: string) => string | undefined,
): Promise<ReadonlyArray<{variable: string; port: number; note: string}>> {
	const moved = [];
	for (const [variable, preferred, program] of [
		['MLFLOW_PORT', 5000, 'MLflow'],
		['MLSTACK_PG_PORT', 5432, 'PostgreSQL'],
	] as const) {
		if (known(variable) === undefined) {
			// Where none is free, the engine says so.
			const port = (await nextFreePort(preferred)) ?? preferred;
			if (port !== preferred) {
				const note = `Port ${preferred} is taken on this machine: ${program} gets ${port}.`;
				moved.push({variable, port, note});
			}
		}
	}

	return moved;
}

const seal = /^# Written by mlstack; sha256 of the lines below: ([0-9a-f]{64})\n/;

/** A text under a line with its own checksum, by which an edit shows. */
export function sealed(text: string): string {
	return `# Written by mlstack; sha256 of the lines below: ${checksum(text)}\n${text}`;
}

/** Whether a file still is as mlstack wrote it, this version or an older one. */
export function isUntouched(text: string): boolean {
	const [line, sum] = seal.exec(text) ?? [];
	return line !== undefined && sum === checksum(text.slice(line.length));
}

function checksum(text: string): string {
	return createHash('sha256').update(text).digest('hex');
}

/** Compose refuses `start_interval` for engines before 25 (API 1.44): they check every 3 s throughout. */
export function forOldEngine(text: string): string {
	return text.replace(/interval: \d+s\n *start_interval: \d+s\n/g, 'interval: 3s\n');
}

/** A template as the engine can take it. */
export async function forEngine(
	template: string,
	docker: DockerCommand,
	signal: AbortSignal,
): Promise<string> {
	const isOld = template.includes('start_interval') && (await isOldEngine(docker, signal));
	return isOld ? forOldEngine(template) : template;
}

export async function readTemplate(name: string): Promise<string> {
	return readFile(join(templateFolder(), name), 'utf8');
}

async function isOldEngine(docker: DockerCommand, signal: AbortSignal): Promise<boolean> {
	const {output} = await runDocker(docker, ['version', '--format', '{{.Server.APIVersion}}'], {signal});
	const [, major, minor] = /^(\d+)\.(\d+)/.exec(output) ?? [];
	return major !== undefined && (Number(major) < 1 || (Number(major) === 1 && Number(minor) < 44));
}

/** The folder of the templates: `src/stack/own` of the package that this code runs from, as sources or bundled. */
export function templateFolder(): string {
	let folder = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) {
		folder = dirname(folder);
	}

	return join(folder, 'src', 'stack', 'own');
}
