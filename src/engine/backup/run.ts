import {Failure} from '../../failure.ts';
import type {Engine, ExecuteOptions} from '../engine.ts';

/** As much of an engine as runs commands in containers. */
export type Executor = Pick<Engine, 'execute'>;

/** The most text that is kept of a command's output, in bytes. */
const outputLimit = 64 * 1024 * 1024;

/** A line that says so, in the words of the C library (ENOSPC, EDQUOT). */
const noRoom = /^.*(?:No space left on device|Disk quota exceeded).*$/m;

/** Runs a command to its end and returns what it wrote. Throws a Failure with its error output when it fails. */
export async function runText(
	executor: Executor,
	container: string,
	command: readonly string[],
	options: ExecuteOptions & {readonly what: string},
	signal: AbortSignal,
): Promise<string> {
	const chunks: Uint8Array[] = [];
	let bytes = 0;
	for await (const chunk of runStream(executor, container, command, options, signal)) {
		bytes += chunk.byteLength;
		if (bytes > outputLimit) {
			throw new Failure(`${options.what} failed`, {code: 'command-failed', why: 'it wrote too much'});
		}

		chunks.push(chunk);
	}

	return Buffer.concat(chunks).toString();
}

/** Runs a command and streams what it writes. Throws a Failure at its end when it has failed. */
export async function* runStream(
	executor: Executor,
	container: string,
	command: readonly string[],
	{what, ...options}: ExecuteOptions & {readonly what: string},
	signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
	const {output, done} = await executor.execute(container, command, options, signal);
	yield* output;
	const {exitCode, errors} = await done;
	if (exitCode !== 0) {
		const full = noRoom.exec(errors)?.[0];
		if (full !== undefined) {
			throw new Failure(`${what} failed: the disk is full`, {
				code: 'disk-full',
				why: full.trim(),
				next: ['free some space on the disk that holds the data, then try again'],
			});
		}

		throw new Failure(`${what} failed`, {
			code: 'command-failed',
			why: lastLines(errors) || `it ended with code ${exitCode}`,
		});
	}
}

/** The last words of an error output: what comes before them is usually progress. */
function lastLines(errors: string): string {
	return errors.trim().split('\n').slice(-5).join('\n');
}
