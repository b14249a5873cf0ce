import {createHash, randomBytes} from 'node:crypto';
import {writeSync} from 'node:fs';
import {link, mkdir, open, rename, unlink, type FileHandle} from 'node:fs/promises';
import {dirname} from 'node:path';
import {Failure} from '../../failure.ts';
import type {BackupEntry} from '../../stack/backup-manifest.ts';
import {stringIn} from '../json.ts';
import {blockSize, paddingOf, tarHeader} from './tar.ts';

/** Bytes that are written between two times that they are brought to the disk. */
const syncEvery = 16 * 1024 * 1024;

/** Milliseconds: a key that is pressed meanwhile waits as long. */
const slowWrite = 20;

/**
 * Writes a tar archive whose entries are streams of unknown length: an entry's header is written once its data is
 * there, which is why this needs a file and not a pipe. The archive grows under another name beside the file and takes
 * its name when it is whole and on the disk; only its owner may read it.
 */
export class ArchiveWriter {
	readonly file: string;
	readonly #partial: string;
	readonly #handle: FileHandle;
	#position = 0;
	/** How far the file has been brought to the disk, or is being brought there. */
	#synced = 0;
	#syncing: Promise<void> = Promise.resolve();
	#isSlow = false;
	readonly #slowAfter: number;

	private constructor(file: string, partial: string, handle: FileHandle, slowAfter: number) {
		this.file = file;
		this.#partial = partial;
		this.#handle = handle;
		this.#slowAfter = slowAfter;
	}

	/**
	 * Throws a Failure when the file exists, or cannot be written there. A disk that takes longer for a chunk than
	 * `slowAfter`, in ms, is written to by another thread until it has taken what is there.
	 */
	static async create(file: string, slowAfter = slowWrite): Promise<ArchiveWriter> {
		const partial = `${file}.${randomBytes(4).toString('hex')}.partial`;
		try {
			await mkdir(dirname(file), {recursive: true});
			await refuseExisting(file);
			return new ArchiveWriter(file, partial, await open(partial, 'wx', 0o600), slowAfter);
		} catch (error) {
			throw writeFailure(file, error);
		}
	}

	/** Bytes written so far. */
	get written(): number {
		return this.#position;
	}

	/** Adds an entry; `seen` gets each chunk as it passes, before it is written. */
	async add(
		name: string,
		data: AsyncIterable<Uint8Array>,
		seen: (chunk: Uint8Array) => void = () => {},
	): Promise<BackupEntry> {
		const start = this.#position;
		const hash = createHash('sha256');
		this.#position += blockSize;
		for await (const chunk of data) {
			seen(chunk);
			hash.update(chunk);
			await this.#append(chunk);
		}

		const bytes = this.#position - start - blockSize;
		await this.#write(tarHeader({name, size: bytes, modifiedAt: Date.now()}), start);
		await this.#write(Buffer.alloc(paddingOf(bytes)), this.#position);
		this.#position += paddingOf(bytes);
		return {file: name, bytes, sha256: hash.digest('hex')};
	}

	/** Ends the archive, brings it to the disk and gives it its name. Throws a Failure; the partial file is then gone. */
	async finish(): Promise<void> {
		try {
			// Two blocks of zeros end an archive.
			await this.#write(Buffer.alloc(2 * blockSize), this.#position);
			await this.#syncing;
			await this.#handle.sync();
			await this.#handle.close();
			await moveWithoutReplacing(this.#partial, this.file);
		} catch (error) {
			await this.discard();
			throw writeFailure(this.file, error);
		}
	}

	/** Removes what was written. */
	async discard(): Promise<void> {
		await this.#handle.close().catch(() => {});
		await unlink(this.#partial).catch(() => {});
	}

	/**
	 * The system takes a chunk into its memory in less time than handing it to another thread costs. Where it does not, the
	 * other thread waits.
	 */
	async #append(chunk: Uint8Array): Promise<void> {
		const began = performance.now();
		await this.#write(chunk, this.#position, !this.#isSlow);
		this.#isSlow ||= performance.now() - began > this.#slowAfter;
		this.#position += chunk.byteLength;
		if (this.#position - this.#synced >= syncEvery) {
			await this.#syncWhatIsThere();
		}
	}

	/**
	 * Waits until what was written before is on the disk, and has the rest follow while more arrives. So the disk slows the
	 * source down, instead of whoever waits at the end for all of it.
	 */
	async #syncWhatIsThere(): Promise<void> {
		try {
			await this.#syncing;
		} catch (error) {
			throw writeFailure(this.file, error);
		}

		this.#synced = this.#position;
		// It may have been a moment only, and is tried once more.
		this.#isSlow = false;
		this.#syncing = this.#handle.datasync();
		// Told by the next one, or at the end.
		this.#syncing.catch(() => {});
	}

	/** `isNow`: by this thread. */
	async #write(data: Uint8Array, position: number, isNow = false): Promise<void> {
		let offset = 0;
		try {
			// A disk that fills up takes a part before it refuses the rest.
			while (offset < data.byteLength) {
				const where = [offset, data.byteLength - offset, position + offset] as const;
				offset += isNow
					? writeSync(this.#handle.fd, data, ...where)
					: (await this.#handle.write(data, ...where)).bytesWritten;
			}
		} catch (error) {
			throw writeFailure(this.file, error);
		}
	}
}

/** Unlike a rename, a link never replaces a file that came in between; not every file system has links. */
async function moveWithoutReplacing(from: string, to: string): Promise<void> {
	try {
		await link(from, to);
		await unlink(from);
	} catch (error) {
		if (stringIn(error, 'code') === 'EEXIST') {
			throw error;
		}

		await refuseExisting(to);
		await rename(from, to);
	}
}

async function refuseExisting(file: string): Promise<void> {
	const handle = await open(file, 'r').catch(() => undefined);
	if (handle) {
		await handle.close();
		throw Object.assign(new Error(`${file} exists`), {code: 'EEXIST'});
	}
}

const reasons: Readonly<Record<string, {readonly why: string; readonly next: readonly string[]}>> = {
	ENOSPC: {why: 'the disk is full', next: ['free some space, or give a file on another disk']},
	EDQUOT: {why: 'your quota on this disk is used up', next: ['give a file on another disk']},
	EACCES: {why: 'you may not write there', next: ['give a file in a folder of yours']},
	EPERM: {why: 'you may not write there', next: ['give a file in a folder of yours']},
	EROFS: {why: 'that file system is read-only', next: ['give a file on another disk']},
	EEXIST: {why: 'a backup never replaces a file', next: ['give another name, or remove the file first']},
	EFBIG: {why: 'the file system takes no larger file', next: ['give a file on another disk']},
};

function writeFailure(file: string, error: unknown): unknown {
	const reason = reasons[stringIn(error, 'code') ?? ''];
	if (error instanceof Failure || reason === undefined) {
		return error;
	}

	const isThere = stringIn(error, 'code') === 'EEXIST';
	return new Failure(isThere ? `${file} exists` : `the backup cannot be written to ${file}`, {
		code: isThere ? 'backup-exists' : 'backup-not-written',
		...reason,
		cause: error,
	});
}
