import {mkdir, readFile} from 'node:fs/promises';
import {dirname} from 'node:path';
import {replaceFile} from './files.ts';
import type {History} from '../stack/startup/history.ts';
import {isRecord} from './json.ts';
import {stateFile} from './user-folders.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** How long the starts of a project took, kept in the user's state folder. A file that cannot be read is no history. */
export async function loadStartHistory(project: string, environment: Environment): Promise<History> {
	try {
		const kept: unknown = JSON.parse(await readFile(stateFile('starts', project, environment), 'utf8'));
		return isRecord(kept)
			? Object.fromEntries(
					Object.entries(kept).map(([key, durations]) => [
						key,
						Array.isArray(durations) ? durations.filter((value) => typeof value === 'number') : [],
					]),
				)
			: {};
	} catch {
		return {};
	}
}

/** Never throws: a start that is not remembered is only not compared with. */
export async function saveStartHistory(
	project: string,
	history: History,
	environment: Environment,
): Promise<void> {
	const path = stateFile('starts', project, environment);
	try {
		await mkdir(dirname(path), {recursive: true, mode: 0o700});
		await replaceFile(path, JSON.stringify(history), {mode: 0o600});
	} catch {
		// The next start is compared with those before.
	}
}
