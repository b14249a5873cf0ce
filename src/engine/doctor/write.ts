import {readFile, realpath, rm, stat, writeFile} from 'node:fs/promises';
import {replaceFile} from '../files.ts';
import {stringIn} from '../json.ts';
import {asFailure, Failure} from '../../failure.ts';
import type {Correction} from './check.ts';

/** A correction that was written. */
export interface Written {
	readonly correction: Correction;
	/** Where the file is kept as it was. */
	readonly backup: string;
}

/**
 * Writes a corrected file over the one it was made from, which is kept beside it. Throws a Failure, with nothing
 * changed, when the file is another one by now or the folder cannot be written to.
 */
export async function writeCorrection(correction: Correction, now: number): Promise<Written> {
	const {path, input} = correction.file;
	try {
		// Where a link leads, so that it stays a link.
		const target = await realpath(path);
		await mustHold(target, input.source);
		const backup = await keep(target, input.source, now);
		try {
			await replace(target, input.source, correction.text);
		} catch (error) {
			await rm(backup, {force: true});
			throw error;
		}

		return {correction, backup};
	} catch (error) {
		if (error instanceof Failure) {
			throw error;
		}

		throw new Failure(`${path} cannot be replaced`, {
			code: 'compose-file-unwritable',
			why: asFailure(error).message,
			next: [`ls -ld ${path}`],
			cause: error,
		});
	}
}

/** Brings back a file as it was, unless somebody has edited it since. Then the backup stays. */
export async function takeBack({correction, backup}: Written): Promise<void> {
	const {file, text} = correction;
	await replace(await realpath(file.path), text, file.input.source);
	await rm(backup);
}

/** `compose.yaml.bak-20261124-080000`, in UTC; with a number behind it when there is one already. */
async function keep(path: string, text: string, now: number): Promise<string> {
	const stamp = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
	const {mode} = await stat(path);
	for (let copy = 1; ; copy++) {
		const backup = `${path}.bak-${stamp}${copy === 1 ? '' : `-${copy}`}`;
		try {
			await writeFile(backup, text, {flag: 'wx', mode: mode & 0o777});
			return backup;
		} catch (error) {
			if (stringIn(error, 'code') !== 'EEXIST') {
				throw error;
			}
		}
	}
}

async function replace(path: string, before: string, after: string): Promise<void> {
	const {mode} = await stat(path);
	await replaceFile(path, after, {mode: mode & 0o777, check: async () => mustHold(path, before)});
}

async function mustHold(path: string, text: string): Promise<void> {
	if ((await readFile(path, 'utf8')) !== text) {
		throw new Failure(`${path} was changed meanwhile, so it is left as it is`, {
			code: 'compose-file-changed',
			why: 'What was shown was made from the file as it was before.',
			next: ['mlstack doctor --fix'],
		});
	}
}
