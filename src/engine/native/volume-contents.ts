import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {contentsText, type DatabaseContents} from '../../stack/prune/contents.ts';
import type {ContainerFacts} from '../../stack/prune.ts';
import {databaseContents} from '../backup/database-contents.ts';
import type {Executor} from '../backup/run.ts';
import {
	countScript,
	largestCopy,
	parseCounts,
	parseScan,
	scanScript,
	type DataFolder,
} from '../volume-scan.ts';
import {databaseAccount} from './account.ts';
import type {OperationContext} from './operate.ts';
import {findServer} from './postgres-programs.ts';
import {runProgram} from './run-program.ts';

/** How long a count may take, in ms. */
const countTimeout = 60_000;

/** What looking into data folders works with. */
export interface Look extends Pick<OperationContext, 'native' | 'environment'> {
	/** Runs commands in containers. */
	readonly executor: Executor;
	readonly containers: readonly ContainerFacts[];
	readonly signal: AbortSignal;
}

/**
 * What a data folder holds: a running server is asked, one that is down is counted in a copy. Undefined when it cannot
 * be told. Rejects with the signal's reason, and for nothing else.
 */
export async function contentsOf(look: Look, volume: string, folder: string): Promise<string | undefined> {
	const {output} = await runProgram(['sh', '-c', scanScript, 'sh', '.'], {
		directory: folder,
		signal: look.signal,
	});
	const contents = parseScan(output).get('.');
	if (contents?.kind !== 'postgresql') {
		return contents && contentsText(contents);
	}

	const databases = await databasesOf(look, volume, folder, contents).catch(() => {
		// The counts are a courtesy; that there is data is known.
		look.signal.throwIfAborted();
		return [];
	});
	return contentsText({...contents, databases});
}

async function databasesOf(
	look: Look,
	volume: string,
	folder: string,
	{version, data}: {readonly version: string; readonly data?: DataFolder},
): Promise<readonly DatabaseContents[]> {
	const signal = AbortSignal.any([look.signal, AbortSignal.timeout(countTimeout)]);
	const server = look.containers.find(
		({volumes, status}) => volumes.includes(volume) && status === 'running',
	);
	if (server) {
		return databaseContents(look.executor, server.id, signal);
	}

	if (data === undefined || data.kilobytes > largestCopy) {
		return [];
	}

	const cluster = join(folder, data.path);
	const account = await databaseAccount(cluster, signal);
	const programs = await findServer({
		environment: look.environment,
		copies: look.native.postgres,
		account,
		major: Number(version),
		pythonEnvironment: anEnvironment(look),
		signal,
	});
	if (!programs) {
		return [];
	}

	const {output} = await runProgram(['sh', '-c', countScript, 'sh', cluster], {
		account,
		environment: {PATH: `${programs.bin}:/usr/bin:/bin`, LC_ALL: 'C'},
		signal,
	});
	return parseCounts(output);
}

/** A Python environment, which may hold PostgreSQL's programs. */
function anEnvironment({native: {environments}}: Look): string | undefined {
	const [name] = existsSync(environments) ? readdirSync(environments) : [];
	return name === undefined ? undefined : join(environments, name);
}
