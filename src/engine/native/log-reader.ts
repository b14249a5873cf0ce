import {open, type FileHandle} from 'node:fs/promises';
import {StringDecoder} from 'node:string_decoder';
import type {LogLine, LogRequest} from '../../stack/model.ts';
import {logPaths, parseRecord, stampTime} from './log-format.ts';
import {formatStamp, parseStamp} from './stamps.ts';

const blockSize = 64 * 1024;

/** A line whose parts are longer than this, in characters, is given in pieces. */
const longestLine = 1024 * 1024;

/** What `readLog` needs to know of the service while it follows. */
export interface Follow {
	/** Settles when the files may have grown, the service may have stopped, or the signal was aborted. Never rejects. */
	changed(): Promise<void>;
	/** The service has stopped, and all that it said is written. */
	ended(): boolean;
}

/** A service's log in batches of whole lines, from the oldest file on; see LogRequest. */
export async function* readLog(
	folder: string,
	service: string,
	request: Pick<LogRequest, 'since' | 'until' | 'tail'>,
	follow: Follow | undefined,
	signal: AbortSignal,
): AsyncGenerator<readonly LogLine[]> {
	const since = bound(request.since);
	const until = bound(request.until);
	const paths = logPaths(folder, service);
	await using files = await openFiles(paths);
	const lines = lineAssembler();
	let last = '';
	let file = files.list.at(-1);
	let newer: LogFile | undefined;
	let position = 0;
	if (request.tail !== undefined) {
		({file, position} = await tailStart(files.list, request.tail));
	}

	for (;;) {
		// Asked before reading: what was written before the end is then read after it.
		const ended = follow === undefined || follow.ended();
		const change = follow?.changed();
		while (file !== undefined && !signal.aborted) {
			const {buffer, bytesRead} = await file.handle.read(
				Buffer.allocUnsafe(blockSize),
				0,
				blockSize,
				position,
			);
			if (bytesRead === 0) {
				if (newer !== undefined) {
					await files.close(file);
					file = newer;
					newer = undefined;
					position = 0;
					continue;
				}

				// Found to be set aside, it is read once more: lines may have come between its end and that.
				newer = await files.newerThan(file);
				if (newer === undefined) {
					break;
				}

				continue;
			}

			position += bytesRead;
			const batch: LogLine[] = [];
			for (const line of lines(buffer.subarray(0, bytesRead))) {
				if (until !== undefined && line.stamp > until) {
					if (batch.length > 0) {
						yield batch;
					}

					return;
				}

				// A file that was set aside twice while it was read is read again from the start: `last` drops what was had.
				if ((since === undefined || line.stamp >= since) && line.stamp > last) {
					last = line.stamp;
					batch.push(line);
				}
			}

			if (batch.length > 0) {
				yield batch;
			}
		}

		if (ended || signal.aborted) {
			return;
		}

		await change;
		file ??= await files.newerThan(undefined);
	}
}

/** A stamp as our own are written; one that cannot be read is no bound. */
function bound(stamp: string | undefined): string | undefined {
	const nanoseconds = stamp === undefined ? undefined : parseStamp(stamp);
	return nanoseconds === undefined ? undefined : formatStamp(nanoseconds);
}

/** Turns blocks of a log file into whole lines: halves of lines wait, and parts (P) wait for the rest of their line. */
function lineAssembler(): (block: Buffer) => Iterable<LogLine> {
	const decoder = new StringDecoder('utf8');
	let rest = '';
	const parts = new Map<string, string>();
	return function* (block) {
		const lines = (rest + decoder.write(block)).split('\n');
		rest = lines.pop() ?? '';
		for (const line of lines) {
			const record = parseRecord(line);
			if (!record) {
				continue;
			}

			const {stamp, stream, full} = record;
			const text = (parts.get(stream) ?? '') + record.text;
			if (full || text.length > longestLine) {
				parts.delete(stream);
				yield {time: stampTime(stamp), stamp, stream, text};
			} else {
				parts.set(stream, text);
			}
		}
	};
}

interface LogFile {
	readonly handle: FileHandle;
	readonly inode: number;
}

interface LogFiles {
	/** The newest first. */
	readonly list: readonly LogFile[];
	/** The file that came after this one; without one, the oldest there is. */
	newerThan(file: LogFile | undefined): Promise<LogFile | undefined>;
	close(file: LogFile): Promise<void>;
	[Symbol.asyncDispose](): Promise<void>;
}

/** Opens a log's files, so that none of them is lost when they are renamed meanwhile. */
async function openFiles(paths: readonly string[]): Promise<LogFiles> {
	const opened = new Map<number, LogFile>();
	const openAll = async (): Promise<LogFile[]> => {
		const list: LogFile[] = [];
		for (const path of paths) {
			const handle = await open(path, 'r').catch(() => undefined);
			if (!handle) {
				continue;
			}

			const {ino: inode} = await handle.stat();
			const known = opened.get(inode);
			if (known) {
				await handle.close();
			}

			const file = known ?? {handle, inode};
			opened.set(inode, file);
			list.push(file);
		}

		return list;
	};
	return {
		list: await openAll(),
		async newerThan(file) {
			const list = await openAll();
			const place = file === undefined ? list.length : list.findIndex(({inode}) => inode === file.inode);
			return place < 0 ? list.at(-1) : list[place - 1];
		},
		async close(file) {
			opened.delete(file.inode);
			await file.handle.close();
		},
		async [Symbol.asyncDispose]() {
			await Promise.all([...opened.values()].map(({handle}) => handle.close()));
		},
	};
}

/** Where the last `count` lines begin. Counts from the end, so that a long log costs no more than a short one. */
async function tailStart(
	files: readonly LogFile[],
	count: number,
): Promise<{file: LogFile | undefined; position: number}> {
	let left = count;
	for (const file of files) {
		let position = (await file.handle.stat()).size;
		let later = '';
		while (position > 0) {
			const length = Math.min(blockSize, position);
			position -= length;
			const {buffer} = await file.handle.read(Buffer.alloc(length), 0, length, position);
			// latin1: one character is one byte.
			const text = buffer.toString('latin1') + later;
			const lines = text.split('\n');
			later = lines[0] ?? '';
			let at = text.length;
			for (const line of lines.slice(1).toReversed()) {
				at -= line.length + 1;
				if (parseRecord(line)?.full === true) {
					left--;
				}

				if (left < 0) {
					return {file, position: position + at + 1 + line.length + 1};
				}
			}
		}

		if (parseRecord(later)?.full === true) {
			left--;
		}

		if (left < 0) {
			return {file, position: later.length + 1};
		}
	}

	return {file: files.at(-1), position: 0};
}
