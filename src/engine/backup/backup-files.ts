import {readdir, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {asFailure} from '../../failure.ts';
import type {BackupManifest} from '../../stack/backup-manifest.ts';
import {stringIn} from '../json.ts';
import {userFolder} from '../user-folders.ts';
import {ArchiveReader} from './archive-reader.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A file among the backups. */
export interface BackupFile {
	readonly file: string;
	/** Bytes. */
	readonly size: number;
	/** Milliseconds since 1970. */
	readonly modifiedAt: number;
	/** What it holds, or why it is no whole backup. */
	readonly holds: BackupManifest | {readonly damaged: string};
}

/** Where backups go that are given no name. */
export function backupFolder(environment: Environment): string {
	return join(userFolder('data', environment), 'backups');
}

/** A name for a new backup: the project and the moment in UTC, which sort by time. `kws-20261124-120000.tar` */
export function newBackupFile(project: string, environment: Environment, at: Date, purpose = ''): string {
	const stamp = at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
	return join(backupFolder(environment), `${project}-${stamp}${purpose}.tar`);
}

/** The backups in a folder, the newest first. Only their manifests are read. */
export async function listBackups(folder: string): Promise<readonly BackupFile[]> {
	let names: readonly string[];
	try {
		names = await readdir(folder);
	} catch (error) {
		if (stringIn(error, 'code') === 'ENOENT') {
			return [];
		}

		throw error;
	}

	const found: BackupFile[] = [];
	for (const name of names.filter((one) => one.endsWith('.tar'))) {
		const file = join(folder, name);
		const {size, mtimeMs} = await stat(file);
		found.push({file, size, modifiedAt: mtimeMs, holds: await readManifest(file)});
	}

	return found.sort((a, b) => b.modifiedAt - a.modifiedAt || b.file.localeCompare(a.file));
}

async function readManifest(file: string): Promise<BackupFile['holds']> {
	try {
		const reader = await ArchiveReader.open(file);
		await reader.close();
		return reader.manifest;
	} catch (error) {
		const failure = asFailure(error);
		return {damaged: failure.why || failure.message};
	}
}
