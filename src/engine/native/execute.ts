import {spawn} from 'node:child_process';
import {accessSync, constants, existsSync} from 'node:fs';
import {delimiter, join} from 'node:path';
import type {Readable} from 'node:stream';
import {Failure} from '../../failure.ts';
import type {ExecuteOptions, Execution} from '../engine.ts';
import {writeAll} from '../write-all.ts';
import {accountNamed} from './account.ts';
import type {ServiceSpec} from './state-file.ts';

/** Bytes of standard error that are kept. */
const longestErrors = 64 * 1024;

/**
 * Runs a command as if inside the service: in its environment, with PostgreSQL's programs and MLflow's environment on the
 * PATH. As who calls, unless `user` names another account and mlstack runs as root.
 */
export async function executeIn(
	spec: Pick<ServiceSpec, 'environment' | 'directory'>,
	command: readonly string[],
	{input, environment = {}, user}: ExecuteOptions,
	folders: readonly string[],
	signal: AbortSignal,
): Promise<Execution> {
	const [program = '', ...rest] = command;
	const path = [...folders, spec.environment['PATH'] ?? '/usr/bin:/bin'].join(delimiter);
	if (!program.includes('/') && !isOnPath(program, path)) {
		throw notFound(program);
	}

	const asRoot = process.getuid?.() === 0;
	const account =
		asRoot && user !== undefined && user !== 'root' ? await accountNamed(user, signal) : undefined;
	signal.throwIfAborted();
	const child = spawn(program, rest, {
		cwd: existsSync(spec.directory) && !account ? spec.directory : '/',
		env: {...spec.environment, ...environment, PATH: path},
		stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
		signal,
		...(account && {uid: account.uid, gid: account.gid}),
	});
	let errors = '';
	child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
		errors = (errors + chunk).slice(-longestErrors);
	});
	const ended = new Promise<{exitCode: number; errors: string}>((resolve, reject) => {
		if (input && child.stdin) {
			writeAll(input, child.stdin).catch((error: unknown) => {
				reject(error);
				child.kill();
			});
		}

		child.once('error', (error) => {
			reject(error);
		});
		child.once('close', (code) => {
			resolve({exitCode: code ?? 137, errors});
		});
	});
	const done = ended.finally(() => signal.throwIfAborted());
	// Whoever reads the output may ask for the end much later.
	done.catch(() => undefined);
	return {output: bytesOf(child.stdout, signal), done};
}

async function* bytesOf(stream: Readable | null, signal: AbortSignal): AsyncGenerator<Uint8Array> {
	try {
		for await (const chunk of stream ?? []) {
			if (chunk instanceof Uint8Array) {
				yield chunk;
			}
		}
	} catch (error) {
		if (!signal.aborted) {
			throw error;
		}
	}
}

function isOnPath(program: string, path: string): boolean {
	return path.split(delimiter).some((folder) => {
		try {
			accessSync(join(folder, program), constants.X_OK);
			return true;
		} catch {
			return false;
		}
	});
}

const clients = new Set(['psql', 'pg_dump', 'pg_restore', 'pg_dumpall', 'createdb', 'dropdb', 'pg_isready']);

function notFound(program: string): Failure {
	return clients.has(program)
		? new Failure(`${program} was not found on this machine`, {
				code: 'native-no-client',
				why: 'The server of embedded-postgres comes without client programs, and the wheel that has them could not be installed.',
				next: [
					"install PostgreSQL's client programs, of the server's version or newer",
					'or set MLSTACK_POSTGRES_BIN to the folder that holds them',
				],
			})
		: new Failure(`${program} was not found`, {
				code: 'native-no-command',
				why: 'It is not on the PATH of the service.',
			});
}
