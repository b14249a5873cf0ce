import {randomUUID} from 'node:crypto';
import {open, readFile, rename, rm} from 'node:fs/promises';
import {stringIn} from './json.ts';

/** A file's text; undefined when there is no such file. Throws the system's error for any other reason. */
export async function readIfThere(path: string): Promise<string | undefined> {
	try {
		return await readFile(path, 'utf8');
	} catch (error) {
		if (stringIn(error, 'code') === 'ENOENT') {
			return undefined;
		}

		throw error;
	}
}

export interface Replacing {
	/** Permissions, such as 0o600, that the file then has, whatever it had before. */
	readonly mode: number;
	/** The text is on the disk, not only in the system's memory, before the file has its name. */
	readonly flush?: true;
	/** Called when all is written, just before the file gets its name; throwing leaves everything as it was. */
	readonly check?: () => Promise<void>;
}

/**
 * Writes beside and renames: whoever reads meets the old file or the new one, also when the writer is killed. Throws the
 * system's error, with nothing left behind.
 */
export async function replaceFile(
	path: string,
	text: string,
	{mode, flush, check}: Replacing,
): Promise<void> {
	const beside = `${path}.${randomUUID()}`;
	try {
		const handle = await open(beside, 'wx', mode);
		try {
			await handle.chmod(mode);
			await handle.writeFile(text);
			if (flush) {
				await handle.sync();
			}
		} finally {
			await handle.close();
		}

		await check?.();
		await rename(beside, path);
	} catch (error) {
		await rm(beside, {force: true});
		throw error;
	}
}
