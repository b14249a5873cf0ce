import {readFile, stat} from 'node:fs/promises';
import {dirname, join, resolve} from 'node:path';
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

	const listed = environment['COMPOSE_FILE'] || (await variableIn(join(directory, '.env'), 'COMPOSE_FILE'));
	if (listed) {
		const separator = environment['COMPOSE_PATH_SEPARATOR'] || (process.platform === 'win32' ? ';' : ':');
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

async function variableIn(path: string, name: string): Promise<string | undefined> {
	const text = await readFile(path, 'utf8').catch(() => '');
	return new RegExp(`^(?:export )?${name}=["']?([^"'\\n]+)`, 'm').exec(text)?.[1]?.trim();
}
