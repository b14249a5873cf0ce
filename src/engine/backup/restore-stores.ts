import {Failure} from '../../failure.ts';
import type {StoreBackup} from '../../stack/backup-manifest.ts';
import {formatDiskSize} from '../../stack/prune/units.ts';
import type {DataStore, OpenStores} from '../storage.ts';
import type {ArchiveReader} from './archive-reader.ts';
import {freeBytes} from './disk-room.ts';
import type {Reporter} from './reporting.ts';
import {runText, type Executor} from './run.ts';
import {tarEnvironment, workFolder} from './store-archive.ts';

/** A store of a backup, and where it goes. */
export interface StoreMatch {
	readonly backup: StoreBackup;
	readonly store: DataStore;
}

/**
 * Where each store of a backup goes in this stack: to the one of the same name in the compose file, else artifacts to
 * the only one that holds artifacts. Undefined when one has no place yet.
 */
export function matchStores(
	backups: readonly StoreBackup[],
	stores: readonly DataStore[],
): readonly StoreMatch[] | undefined {
	const free = stores.filter(({role}) => role !== 'database');
	const artifacts = free.filter(({role}) => role === 'artifacts');
	const matches = backups.flatMap((backup) => {
		const store =
			free.find(({key}) => key === backup.key) ??
			(backup.role === 'artifacts' && artifacts.length === 1 ? artifacts[0] : undefined);
		return store === undefined ? [] : [{backup, store}];
	});
	return matches.length === backups.length ? matches : undefined;
}

/** What restoring stores works with: stores that are open for writing. */
export interface StoreWork {
	readonly executor: Executor;
	readonly opened: OpenStores;
	readonly id: string;
	readonly signal: AbortSignal;
}

/** A shell function that every script here begins with: `$1` is the store, `$2` the restore's id. */
const work = `work=$1/${workFolder}-$2`;

/** Whether a store holds a file of somebody's. */
export async function hasFiles({executor, opened, signal}: StoreWork, path: string): Promise<boolean> {
	const script = `find "$1" -type f ! -path "$1/${workFolder}-*" | head -n 1`;
	const found = await runText(
		executor,
		opened.container,
		['sh', '-c', script, 'sh', path],
		{what: 'a look into a volume'},
		signal,
	);
	return found.trim() !== '';
}

/** Unpacks a store beside what it holds, and counts the files. Nothing that it holds changes. */
export async function stageStore(
	storeWork: StoreWork,
	path: string,
	{backup}: StoreMatch,
	reader: ArchiveReader,
	reporter: Reporter,
): Promise<void> {
	const {signal} = storeWork;
	const free = await freeBytes(storeWork.executor, storeWork.opened.container, path, signal);
	if (free < backup.content) {
		throw new Failure('there is not enough space for the restored files', {
			code: 'disk-full',
			why: `${backup.key} needs ${formatDiskSize(backup.content)} beside what is there, and ${formatDiskSize(free)} are free`,
			next: ['mlstack prune --images --build-cache'],
		});
	}

	const step = `files ${backup.key}`;
	const count = reporter.counter(step, step, 'Restoring', backup.bytes);
	async function* archive(): AsyncGenerator<Uint8Array> {
		for await (const chunk of reader.read(backup, signal)) {
			count(chunk.byteLength);
			yield chunk;
		}
	}

	const found = await runText(
		storeWork.executor,
		storeWork.opened.container,
		['sh', '-c', unpack, 'sh', path, storeWork.id],
		{what: `unpacking ${backup.key}`, input: archive(), environment: tarEnvironment},
		signal,
	);
	if (Number(found.trim()) !== backup.files) {
		throw new Failure(`the restored files of ${backup.key} are not what was backed up`, {
			code: 'restore-differs',
			why: `there are ${found.trim()} files, the backup has ${backup.files}`,
		});
	}

	reporter.step(step, step, 'done', 'Restored', backup.bytes, backup.bytes);
}

/** The files belong to whom the store belongs: the tracking server of this stack may be another user. */
const unpack = `
set -e
${work}
rm -rf "$work"
mkdir -p "$work/new"
tar -x -p -f - -C "$work/new"
owner=$(stat -c %u:%g "$1")
if [ "$(stat -c %u:%g "$work/new")" != "$owner" ]; then chown -R "$owner" "$work/new"; fi
sync
find "$work/new" -type f | wc -l
`.trim();

/** Puts the new files in the place of the old ones. Run again after an interruption, it does what is left to do. */
export async function switchStore(storeWork: StoreWork, path: string): Promise<void> {
	await script(storeWork, path, switchFiles);
}

/**
 * A mount point cannot be renamed, so what is in it is: the old files out, then the new ones in. The mark between the
 * two tells, after an interruption, whose the files in the store are.
 */
const switchFiles = `
set -e
${work}
[ -d "$work/new" ] || exit 0
mkdir -p "$work/old"
if [ ! -e "$work/emptied" ]; then
	find "$1" -mindepth 1 -maxdepth 1 ! -name '${workFolder}-*' ! -name lost+found -exec mv {} "$work/old/" \\;
	sync
	touch "$work/emptied"
	sync
fi
find "$work/new" -mindepth 1 -maxdepth 1 -exec mv {} "$1/" \\;
sync
rmdir "$work/new"
`.trim();

/** Removes what a restore made beside the files, old or new. */
export async function clearStore(storeWork: StoreWork, path: string): Promise<void> {
	await script(storeWork, path, `${work}; rm -rf "$work"`);
}

async function script(
	{executor, opened, id, signal}: StoreWork,
	path: string,
	text: string,
): Promise<string> {
	return runText(
		executor,
		opened.container,
		['sh', '-c', text, 'sh', path, id],
		{what: 'work on a volume'},
		signal,
	);
}
