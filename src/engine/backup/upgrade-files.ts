import {access, copyFile, readFile, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {readIfThere, replaceFile} from '../files.ts';
import {Failure} from '../../failure.ts';
import type {Stack} from '../../stack/model.ts';
import {keysAt, parseSource, textAt} from '../../stack/lint/source.ts';
import type {FileSwap} from './journal.ts';
import {editForMajor, withVariable} from './upgrade-edit.ts';

/** A file that an upgrade changes. */
export interface ChangedFile extends FileSwap {
	readonly text: string;
}

export interface UpgradePlan {
	readonly files: readonly ChangedFile[];
	/** The volume that is used no longer, as the engine calls it. */
	readonly oldVolume?: string;
}

/** Which files change, and how. Nothing is written. Throws a Failure for what has to be done by hand. */
export async function planUpgrade(
	stack: Stack,
	service: string,
	from: number,
	to: number,
	environment: Readonly<Record<string, string | undefined>>,
): Promise<UpgradePlan> {
	const {path, text} = await fileOf(stack, service);
	const edit = editForMajor(text, service, from, to);
	const files: ChangedFile[] = [];
	if (edit.text !== text) {
		files.push({path, kept: keptName(path, to), text: edit.text});
	}

	if (edit.variable !== undefined) {
		const {name, image} = edit.variable;
		if (environment[name]) {
			throw new Failure(`${name} is set in the environment`, {
				code: 'upgrade-by-hand',
				why: 'it names the database’s image, and wins over what mlstack would write into .env',
				next: [`unset ${name}, or set it to ${image} yourself after \`mlstack backup\``],
			});
		}

		const variables = join(stack.directory, '.env');
		const before = await readIfThere(variables);
		files.push({
			path: variables,
			kept: before === undefined ? '' : keptName(variables, to),
			text: withVariable(before ?? '', name, image),
		});
	}

	const volume = edit.oldVolume;
	return {files, ...(volume !== undefined && {oldVolume: `${stack.project}_${volume}`})};
}

/** The last file that gives the service an image: with several, later ones win. */
async function fileOf(stack: Stack, service: string): Promise<{path: string; text: string}> {
	for (const path of stack.files.toReversed()) {
		const text = (await readIfThere(path)) ?? '';
		const source = parseSource(text, path);
		if (
			keysAt(source, ['services']).includes(service) &&
			textAt(source, ['services', service, 'image']) !== undefined
		) {
			return {path, text};
		}
	}

	throw new Failure(`no compose file is known that names the image of ${service}`, {
		code: 'no-compose-file',
		next: ['name the file: mlstack -f compose.yaml upgrade postgres VERSION'],
	});
}

function keptName(path: string, to: number): string {
	return `${path}.before-postgres-${to}`;
}

/** Writes the files' new texts; what they were is kept beside them. */
export async function changeFiles(files: readonly ChangedFile[]): Promise<void> {
	for (const {path, kept, text} of files) {
		if (kept !== '') {
			await copyFile(path, kept);
		}

		await replace(path, text);
	}
}

/** Brings back what is kept. Files that were not changed yet are left alone. */
export async function changeFilesBack(files: readonly FileSwap[]): Promise<void> {
	for (const {path, kept} of files) {
		if (kept === '') {
			await rm(path, {force: true});
		} else if (await exists(kept)) {
			await replace(path, await readFile(kept, 'utf8'));
			await rm(kept);
		}
	}
}

/** The file keeps its permissions. */
async function replace(path: string, text: string): Promise<void> {
	const mode = await stat(path).then(
		(found) => found.mode & 0o777,
		() => 0o600,
	);
	await replaceFile(path, text, {mode});
}

async function exists(path: string): Promise<boolean> {
	return access(path).then(
		() => true,
		() => false,
	);
}
