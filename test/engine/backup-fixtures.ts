import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {ArchiveWriter} from '../../src/engine/backup/archive-writer.ts';
import {manifestFile, type BackupManifest} from '../../src/stack/backup-manifest.ts';

/** A folder that goes with the test. */
export function temporaryFolder(t: TestContext): string {
	const folder = mkdtempSync(join(tmpdir(), 'mlstack-test-backup-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	return folder;
}

export async function* chunks(...parts: ReadonlyArray<string | Uint8Array>): AsyncGenerator<Uint8Array> {
	for (const part of parts) {
		yield typeof part === 'string' ? Buffer.from(part) : part;
	}
}

/** Writes a small backup, and returns its manifest. */
export async function writeBackup(
	file: string,
	change: Partial<BackupManifest> = {},
): Promise<BackupManifest> {
	const writer = await ArchiveWriter.create(file);
	const dump = await writer.add('databases/mlflow.dump', chunks('PGDMP', 'x'.repeat(2000)));
	const globals = await writer.add('globals.sql', chunks('CREATE ROLE ana;\n'));
	const artifacts = await writer.add('stores/mlartifacts.tar', chunks(Buffer.alloc(3 * 512, 7)));
	const manifest: BackupManifest = {
		version: 1,
		createdAt: '2026-11-24T12:00:00.000Z',
		createdBy: '0.1.0',
		project: 'kws',
		postgresql: {version: '18.4', major: 18, user: 'ana'},
		mlflow: '3.17.2',
		counts: {experiments: 12, runs: 340},
		databases: [
			{...dump, name: 'mlflow', owner: 'ana', tables: {'public.runs': 341}, revision: 'dc11669786a5'},
		],
		globals,
		stores: [{...artifacts, key: 'mlartifacts', role: 'artifacts', files: 3, content: 900}],
		notes: [],
		...change,
	};
	await writer.add(manifestFile, chunks(JSON.stringify(manifest)));
	await writer.finish();
	return manifest;
}
