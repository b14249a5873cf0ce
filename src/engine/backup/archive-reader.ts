import {createHash} from 'node:crypto';
import {open, type FileHandle} from 'node:fs/promises';
import {Failure} from '../../failure.ts';
import {
	manifestFile,
	parseManifest,
	type BackupEntry,
	type BackupManifest,
} from '../../stack/backup-manifest.ts';
import {stringIn} from '../json.ts';
import {blockSize, paddingOf, readTarHeader} from './tar.ts';

/** The largest manifest that is read into memory, in bytes; real ones have a few kilobytes. */
const manifestLimit = 16 * 1024 * 1024;

const chunkSize = 1024 * 1024;

/** Reads a backup's archive. Every entry is found by seeking, so that the manifest of a large one is read at once. */
export class ArchiveReader {
	readonly file: string;
	readonly manifest: BackupManifest;
	readonly #handle: FileHandle;
	readonly #entries: ReadonlyMap<string, {readonly start: number; readonly size: number}>;

	private constructor(
		file: string,
		handle: FileHandle,
		entries: ReadonlyMap<string, {readonly start: number; readonly size: number}>,
		manifest: BackupManifest,
	) {
		this.file = file;
		this.#handle = handle;
		this.#entries = entries;
		this.manifest = manifest;
	}

	/** Throws a Failure for a file that is missing, that is no backup, or that ends too early. */
	static async open(file: string): Promise<ArchiveReader> {
		let handle: FileHandle;
		try {
			handle = await open(file, 'r');
		} catch (error) {
			throw new Failure(`${file} cannot be read`, {
				code: 'backup-not-read',
				why: stringIn(error, 'code') === 'ENOENT' ? 'it does not exist' : String(error),
				next: ['mlstack backups'],
				cause: error,
			});
		}

		try {
			const entries = await readEntries(handle, file);
			const manifest = entries.get(manifestFile);
			if (manifest === undefined || manifest.size > manifestLimit) {
				throw notABackup(file, 'it holds no manifest.json: it was not written to its end');
			}

			const text = Buffer.alloc(manifest.size);
			await readFully(handle, text, manifest.start, file);
			return new ArchiveReader(file, handle, entries, parseManifest(text.toString(), file));
		} catch (error) {
			await handle.close();
			throw error;
		}
	}

	/** Reads everything once. Throws a Failure that names the first entry that is not what the manifest says. */
	async verify(seen: (bytes: number) => void, signal: AbortSignal): Promise<void> {
		for (const entry of entriesOf(this.manifest)) {
			const hash = createHash('sha256');
			let bytes = 0;
			for await (const chunk of this.read(entry, signal)) {
				hash.update(chunk);
				bytes += chunk.byteLength;
				seen(chunk.byteLength);
			}

			if (bytes !== entry.bytes || hash.digest('hex') !== entry.sha256) {
				throw new Failure(`${this.file} is damaged`, {
					code: 'backup-damaged',
					why: `${entry.file} in it is not what was backed up: its checksum differs`,
					next: ['use another backup: mlstack backups'],
				});
			}
		}
	}

	/**
	 * The bytes of an entry, in one buffer that is filled again and again: a chunk holds until the next is asked for. With a
	 * new buffer each time, some 70 MB of them would wait for V8 to free them.
	 */
	async *read(entry: BackupEntry, signal: AbortSignal): AsyncGenerator<Uint8Array> {
		const found = this.#entries.get(entry.file);
		if (found === undefined) {
			throw notABackup(this.file, `${entry.file} is missing in it`);
		}

		const buffer = Buffer.allocUnsafeSlow(Math.min(chunkSize, found.size));
		let position = found.start;
		const end = found.start + found.size;
		while (position < end) {
			signal.throwIfAborted();
			const {bytesRead} = await this.#handle.read(
				buffer,
				0,
				Math.min(buffer.length, end - position),
				position,
			);
			if (bytesRead === 0) {
				throw notABackup(this.file, 'it ends too early');
			}

			position += bytesRead;
			yield buffer.subarray(0, bytesRead);
		}
	}

	async close(): Promise<void> {
		await this.#handle.close();
	}
}

/** Every entry that a manifest promises. */
export function entriesOf(manifest: BackupManifest): readonly BackupEntry[] {
	return [...manifest.databases, manifest.globals, ...manifest.stores];
}

async function readEntries(
	handle: FileHandle,
	file: string,
): Promise<ReadonlyMap<string, {start: number; size: number}>> {
	const {size: fileSize} = await handle.stat();
	const entries = new Map<string, {start: number; size: number}>();
	let position = 0;
	while (position + blockSize <= fileSize) {
		const block = Buffer.alloc(blockSize);
		await readFully(handle, block, position, file);
		const header = readTarHeader(block);
		if (header === 'end') {
			return entries;
		}

		if (header === undefined) {
			throw notABackup(file, position === 0 ? 'it is no tar archive' : 'it is damaged');
		}

		const start = position + blockSize;
		position = start + header.size + paddingOf(header.size);
		if (position > fileSize) {
			throw notABackup(file, `it ends within ${header.name}`);
		}

		entries.set(header.name, {start, size: header.size});
	}

	throw notABackup(file, 'it ends too early');
}

async function readFully(handle: FileHandle, into: Buffer, position: number, file: string): Promise<void> {
	let offset = 0;
	while (offset < into.length) {
		const {bytesRead} = await handle.read(into, offset, into.length - offset, position + offset);
		if (bytesRead === 0) {
			throw notABackup(file, 'it ends too early');
		}

		offset += bytesRead;
	}
}

function notABackup(file: string, why: string): Failure {
	return new Failure(`${file} is not a whole backup`, {
		code: 'backup-damaged',
		why,
		next: ['use another backup: mlstack backups'],
	});
}
