import assert from 'node:assert/strict';
import {mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {readIfThere, replaceFile} from '../../src/engine/files.ts';

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), 'mlstack-files-'));
	try {
		await body(folder);
	} finally {
		await rm(folder, {recursive: true});
	}
}

test('a file is replaced as a whole, with the permissions asked for, and nothing stays beside it', async () => {
	await withFolder(async (folder) => {
		const path = join(folder, '.env');
		await writeFile(path, 'A=1', {mode: 0o644});
		await replaceFile(path, 'A=2', {mode: 0o600, flush: true});
		assert.equal(await readFile(path, 'utf8'), 'A=2');
		assert.equal((await stat(path)).mode & 0o777, 0o600);
		assert.deepEqual(await readdir(folder), ['.env']);
	});
});

test('a check that fails leaves the old file, and nothing beside it', async () => {
	await withFolder(async (folder) => {
		const path = join(folder, 'compose.yaml');
		await writeFile(path, 'before');
		const check = async () => {
			throw new Error('changed meanwhile');
		};
		await assert.rejects(replaceFile(path, 'after', {mode: 0o644, check}), /changed meanwhile/);
		assert.equal(await readFile(path, 'utf8'), 'before');
		assert.deepEqual(await readdir(folder), ['compose.yaml']);
	});
});

test('no file reads as undefined; a folder in its place is an error', async () => {
	await withFolder(async (folder) => {
		assert.equal(await readIfThere(join(folder, 'none')), undefined);
		await assert.rejects(readIfThere(folder), {code: 'EISDIR'});
	});
});
