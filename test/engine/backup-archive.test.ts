import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {readdirSync, readFileSync, statSync, truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import fc from 'fast-check';
import {ArchiveReader, entriesOf} from '../../src/engine/backup/archive-reader.ts';
import {ArchiveWriter} from '../../src/engine/backup/archive-writer.ts';
import {blockSize, paddingOf, readTarHeader, tarHeader} from '../../src/engine/backup/tar.ts';
import {Failure} from '../../src/failure.ts';
import {manifestFile} from '../../src/stack/backup-manifest.ts';
import {chunks, temporaryFolder, writeBackup} from './backup-fixtures.ts';

const signal = new AbortController().signal;

/** Why no small disk can be made here, for `skip`. */
const skipWithoutMount = canMount() ? false : 'only root can mount a small file system';

function canMount(): boolean {
	try {
		execFileSync('unshare', ['--mount', 'true'], {stdio: 'ignore'});
		return process.getuid?.() === 0;
	} catch {
		return false;
	}
}

async function failure(work: Promise<unknown>): Promise<Failure> {
	const error: unknown = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	assert.ok(error instanceof Failure, String(error));
	return error;
}

test('a header of any size is read as it was written', () => {
	fc.assert(
		fc.property(
			fc.oneof(fc.nat(), fc.integer({min: 8 * 1024 ** 3 - 2, max: 2 ** 47})),
			fc.stringMatching(/^[\w./-]{1,100}$/),
			(size, name) => {
				const entry = {name, size, modifiedAt: 1_795_000_000_000};
				assert.deepEqual(readTarHeader(tarHeader(entry)), entry);
				assert.equal((size + paddingOf(size)) % blockSize, 0);
			},
		),
	);
});

test('bytes that are no header are not taken for one', () => {
	fc.assert(
		fc.property(fc.uint8Array({minLength: blockSize, maxLength: blockSize}), (bytes) => {
			const header = readTarHeader(Buffer.from(bytes));
			assert.ok(header === undefined || header === 'end' || Number.isSafeInteger(header.size));
		}),
	);
	assert.equal(readTarHeader(Buffer.alloc(blockSize)), 'end');
	assert.equal(readTarHeader(Buffer.alloc(10)), undefined);
});

test('a changed byte of a header is noticed', () => {
	const header = tarHeader({name: 'globals.sql', size: 17, modifiedAt: 0});
	header[0] = (header[0] ?? 0) + 1;
	assert.equal(readTarHeader(header), undefined);
});

test('an archive can be read by tar, only its owner may read it, and nothing is left beside it', async (t) => {
	const folder = temporaryFolder(t);
	const file = join(folder, 'new', 'kws.tar');
	await writeBackup(file);
	const listed = execFileSync('tar', ['-tf', file], {encoding: 'utf8'});
	assert.equal(listed, 'databases/mlflow.dump\nglobals.sql\nstores/mlartifacts.tar\nmanifest.json\n');
	const globals = execFileSync('tar', ['-xOf', file, 'globals.sql'], {encoding: 'utf8'});
	assert.equal(globals, 'CREATE ROLE ana;\n');
	assert.equal(statSync(file).mode & 0o777, 0o600);
	assert.deepEqual(readdirSync(join(folder, 'new')), ['kws.tar']);
});

test('a backup is read as it was written, and is whole', async (t) => {
	const file = join(temporaryFolder(t), 'kws.tar');
	const manifest = await writeBackup(file);
	const reader = await ArchiveReader.open(file);
	assert.deepEqual(reader.manifest, manifest);
	let bytes = 0;
	await reader.verify((count) => {
		bytes += count;
	}, signal);
	assert.equal(
		bytes,
		entriesOf(manifest).reduce((sum, entry) => sum + entry.bytes, 0),
	);
	await reader.close();
});

test('a large entry is read in one buffer', async (t) => {
	const file = join(temporaryFolder(t), 'kws.tar');
	const writer = await ArchiveWriter.create(file);
	const parts = [1, 2, 3, 4, 5].map((value) => Buffer.alloc(700_000, value));
	const store = await writer.add('stores/mlartifacts.tar', chunks(...parts));
	const manifest = await writeBackup(join(temporaryFolder(t), 'other.tar'));
	const large = {...manifest, stores: [{...manifest.stores[0], ...store}]};
	await writer.add(manifestFile, chunks(JSON.stringify(large)));
	await writer.finish();
	const reader = await ArchiveReader.open(file);
	const buffers = new Set<ArrayBufferLike>();
	const copies: Uint8Array[] = [];
	for await (const chunk of reader.read(store, signal)) {
		buffers.add(chunk.buffer);
		copies.push(Buffer.from(chunk));
	}

	await reader.close();
	assert.equal(buffers.size, 1);
	assert.deepEqual(Buffer.concat(copies), Buffer.concat(parts));
});

for (const [disk, slowAfter] of [
	['quick', Infinity],
	['slow', -1],
] as const) {
	test(`what a ${disk} disk takes, more than is brought to it at once, is read as it was written`, async (t) => {
		const file = join(temporaryFolder(t), 'kws.tar');
		const writer = await ArchiveWriter.create(file, slowAfter);
		const parts = Array.from({length: 50}, (_, index) => Buffer.alloc(700_000 + index, index));
		const store = await writer.add('stores/mlartifacts.tar', chunks(...parts));
		await writer.finish();
		const written = execFileSync('tar', ['-xOf', file, store.file], {maxBuffer: 1e8});
		assert.ok(written.equals(Buffer.concat(parts)));
		assert.equal(store.sha256, createHash('sha256').update(written).digest('hex'));
	});
}

test('a backup that was cut anywhere is refused', async (t) => {
	const folder = temporaryFolder(t);
	const whole = join(folder, 'kws.tar');
	await writeBackup(whole);
	const bytes = readFileSync(whole);
	for (let length = 0; length < bytes.length - 2 * blockSize; length += 256) {
		const cut = join(folder, 'cut.tar');
		writeFileSync(cut, bytes);
		truncateSync(cut, length);
		assert.equal((await failure(ArchiveReader.open(cut))).code, 'backup-damaged', `cut at ${length}`);
	}
});

test('a changed byte anywhere in the data is found and named', async (t) => {
	const folder = temporaryFolder(t);
	const file = join(folder, 'kws.tar');
	await writeBackup(file);
	const bytes = readFileSync(file);
	const at = bytes.indexOf('CREATE ROLE');
	bytes[at] = 0x58;
	writeFileSync(file, bytes);
	const reader = await ArchiveReader.open(file);
	const found = await failure(reader.verify(() => {}, signal));
	assert.equal(found.code, 'backup-damaged');
	assert.match(found.why, /globals\.sql/);
	await reader.close();
});

test('a backup of a later format is not taken for a damaged one', async (t) => {
	const file = join(temporaryFolder(t), 'kws.tar');
	const writer = await ArchiveWriter.create(file);
	await writer.add('manifest.json', chunks('{"version":2}'));
	await writer.finish();
	assert.equal((await failure(ArchiveReader.open(file))).code, 'backup-too-new');
});

const noBackups: ReadonlyArray<readonly [what: string, content: string]> = [
	['an empty file', ''],
	['a text', 'hello '.repeat(200)],
	['zeros', '\0'.repeat(2048)],
];
for (const [what, content] of noBackups) {
	test(`${what} is no backup`, async (t) => {
		const file = join(temporaryFolder(t), 'x');
		writeFileSync(file, content);
		assert.equal((await failure(ArchiveReader.open(file))).code, 'backup-damaged');
	});
}

test('a file that is not there is said to be missing', async (t) => {
	const found = await failure(ArchiveReader.open(join(temporaryFolder(t), 'nothing.tar')));
	assert.equal(found.code, 'backup-not-read');
	assert.match(found.why, /does not exist/);
});

test('a file that exists is never replaced, not even by one that was begun before it', async (t) => {
	const folder = temporaryFolder(t);
	const file = join(folder, 'kws.tar');
	const writer = await ArchiveWriter.create(file);
	writeFileSync(file, 'mine');
	assert.equal((await failure(writer.finish())).code, 'backup-exists');
	assert.equal((await failure(ArchiveWriter.create(file))).code, 'backup-exists');
	assert.equal(readFileSync(file, 'utf8'), 'mine');
	assert.deepEqual(readdirSync(folder), ['kws.tar']);
});

test('a source that fails leaves nothing behind once it is discarded', async (t) => {
	const folder = temporaryFolder(t);
	const writer = await ArchiveWriter.create(join(folder, 'kws.tar'));
	async function* broken(): AsyncGenerator<Uint8Array> {
		yield Buffer.from('a');
		throw new Failure('pg_dump failed', {code: 'command-failed'});
	}

	assert.equal((await failure(writer.add('databases/mlflow.dump', broken()))).code, 'command-failed');
	await writer.discard();
	assert.deepEqual(readdirSync(folder), []);
});

test(
	'a disk that is full is named as the cause, and nothing is left on it',
	{skip: skipWithoutMount},
	async (t) => {
		const folder = temporaryFolder(t);
		execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
		try {
			const writer = await ArchiveWriter.create(join(folder, 'kws.tar'));
			const found = await failure(writer.add('databases/mlflow.dump', chunks(Buffer.alloc(100_000))));
			assert.match(found.why, /disk is full/);
			await writer.discard();
			assert.deepEqual(readdirSync(folder), []);
		} finally {
			execFileSync('umount', [folder]);
		}
	},
);
