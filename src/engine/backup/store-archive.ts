import {Failure} from '../../failure.ts';
import {runText, type Executor} from './run.ts';
import {TarCounter} from './tar-counter.ts';

/** Folders of this name are mlstack's own, while it restores. */
export const workFolder = '.mlstack-restore';

/** What MLflow writes an upload into until it is whole (mlflow/store/artifact/local_artifact_repo.py). */
const uploads = '*.artifact.uploading.*';

/**
 * GNU tar works in blocks of 10 KiB unless told otherwise, and a pipe's reader is woken for each: 64 KiB halve the time.
 * Other tars do not look at this variable. https://www.gnu.org/software/tar/manual/html_section/using-tar-options.html
 */
export const tarEnvironment = {TAR_OPTIONS: '--blocking-factor=128'};

/** Says `database` for a folder that is, or holds, a data directory of PostgreSQL. */
const lookScript = `
for f in "$1"/PG_VERSION "$1"/*/PG_VERSION "$1"/*/*/PG_VERSION; do
	if [ -f "$f" ] && [ -d "\${f%/PG_VERSION}/global" ]; then echo database; exit; fi
done
`.trim();

/** A store's files. */
export interface StoreContent {
	/** Read only when it is iterated. */
	readonly archive: AsyncGenerator<Uint8Array> | undefined;
	/** What has been read of it. */
	readonly counter: TarCounter;
}

/**
 * A store's files as a tar archive. There is none for a database server's own files, which only that server can copy
 * while it runs, and which the dump holds.
 */
export async function readStore(
	executor: Executor,
	container: string,
	path: string,
	signal: AbortSignal,
): Promise<StoreContent> {
	const counter = new TarCounter();
	const look = ['sh', '-c', lookScript, 'sh', path];
	const kind = await runText(executor, container, look, {what: 'a look into a volume'}, signal);
	return {
		archive: kind.trim() === '' ? archive(executor, container, path, counter, signal) : undefined,
		counter,
	};
}

async function* archive(
	executor: Executor,
	container: string,
	path: string,
	counter: TarCounter,
	signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
	const command = [
		'tar',
		'-C',
		path,
		'-c',
		'-f',
		'-',
		`--exclude=./${workFolder}*`,
		`--exclude=${uploads}`,
		'.',
	];
	const {output, done} = await executor.execute(container, command, {environment: tarEnvironment}, signal);
	for await (const chunk of output) {
		counter.push(chunk);
		yield chunk;
	}

	const {exitCode, errors} = await done;
	if (exitCode !== 0 && !(exitCode === 1 && onlyChanged(errors))) {
		throw new Failure('the files of a volume could not be read', {
			code: 'command-failed',
			why: errors.trim() || `tar ended with code ${exitCode}`,
		});
	}
}

/** GNU tar ends with 1 when a file changed while it was read: while a stack runs, somebody may be writing. */
function onlyChanged(errors: string): boolean {
	return errors
		.trim()
		.split('\n')
		.every((line) => /file changed as we read it|file removed before we read it|File shrank by/.test(line));
}
