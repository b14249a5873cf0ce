import {readdir, readFile, stat} from 'node:fs/promises';
import {basename, dirname, join, resolve} from 'node:path';
import {Failure} from '../../failure.ts';
import type {StackRequest} from '../../stack/model.ts';

/** What compose looks for, in its order (compose-go, cli/options.go: DefaultFileNames, DefaultOverrideFileNames). */
const names = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const overrides = [
	'compose.override.yml',
	'compose.override.yaml',
	'docker-compose.override.yml',
	'docker-compose.override.yaml',
];

/** The compose files that are meant, and who named them. */
export interface ComposeFiles {
	/** Absolute. */
	readonly paths: readonly string[];
	/** `named`: by -f or COMPOSE_FILE; `found`: in the folder or above it, as compose finds them. */
	readonly by: 'named' | 'found';
}

/** The compose files of a call; undefined where there is none. Reads the file system only. */
export async function findComposeFiles(request: StackRequest): Promise<ComposeFiles | undefined> {
	const {directory, environment, files} = request;
	if (files.length > 0) {
		return {paths: files.map((file) => resolve(directory, file)), by: 'named'};
	}

	// The shell comes first, then the .env of the folder (compose-go, cli.WithConfigFileEnv after cli.WithDotEnv).
	const dotEnv = await readFile(join(directory, '.env'), 'utf8').catch(() => '');
	const variable = (name: string): string | undefined => environment[name] || variableIn(dotEnv, name);
	const listed = variable('COMPOSE_FILE');
	if (listed) {
		const separator = variable('COMPOSE_PATH_SEPARATOR') ?? (process.platform === 'win32' ? ';' : ':');
		return {paths: listed.split(separator).map((file) => resolve(directory, file)), by: 'named'};
	}

	for (let folder = resolve(directory); ; folder = dirname(folder)) {
		const base = await firstOf(folder, names);
		if (base !== undefined) {
			const override = await firstOf(folder, overrides);
			return {paths: override === undefined ? [base] : [base, override], by: 'found'};
		}

		if (folder === dirname(folder)) {
			return undefined;
		}
	}
}

async function firstOf(folder: string, candidates: readonly string[]): Promise<string | undefined> {
	for (const name of candidates) {
		const path = join(folder, name);
		if (await isFile(path)) {
			return path;
		}
	}

	return undefined;
}

async function isFile(path: string): Promise<boolean> {
	return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

/** The value of a variable in the text of a .env file; undefined when it is missing or empty. */
export function variableIn(text: string, name: string): string | undefined {
	const line = new RegExp(String.raw`^[ \t]*(?:export[ \t]+)?${name}[ \t]*=[ \t]*(.*)$`, 'm').exec(text);
	return line?.[1]?.trim().replace(/^(["'])(.*)\1$/, '$2') || undefined;
}

/**
 * Throws a Failure for a file that is not there, with names of the folder that come near, or that is a folder itself:
 * compose only says `no such file or directory`.
 */
export async function mustExist(paths: readonly string[]): Promise<void> {
	for (const path of paths) {
		const found = await stat(path).catch(() => undefined);
		if (!found?.isFile()) {
			const isFolder = found?.isDirectory() ?? false;
			const near = await composeFilesIn(isFolder ? path : dirname(path), basename(path));
			throw new Failure(isFolder ? `${path} is a folder, not a compose file` : `there is no file ${path}`, {
				code: 'compose-file-missing',
				next:
					near.length > 0
						? near.map((file) => `mlstack -f ${file}`)
						: [`Look what there is: ls ${isFolder ? path : dirname(path)}`],
			});
		}
	}
}

/** The compose file of a folder itself, as compose would find it there. */
export async function composeFileOf(folder: string): Promise<string | undefined> {
	return firstOf(folder, names);
}

/** Up to three YAML files of a folder: first those whose names begin most like the one that was meant. */
async function composeFilesIn(folder: string, meant: string): Promise<readonly string[]> {
	const entries = await readdir(folder).catch(() => []);
	return entries
		.filter((name) => /\.ya?ml$/.test(name))
		.map((name) => ({name, alike: commonLength(name, meant)}))
		.toSorted((a, b) => b.alike - a.alike || a.name.localeCompare(b.name))
		.slice(0, 3)
		.map(({name}) => join(folder, name));
}

function commonLength(one: string, other: string): number {
	let length = 0;
	while (length < one.length && one[length]?.toLowerCase() === other[length]?.toLowerCase()) {
		length++;
	}

	return length;
}
