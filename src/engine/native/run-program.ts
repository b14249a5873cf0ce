import {spawn} from 'node:child_process';
import {lineSplitter} from './protocol.ts';

/** The unprivileged account that a program runs as when mlstack runs as root. */
export interface Account {
	readonly name: string;
	readonly uid: number;
	readonly gid: number;
}

export interface RunOptions {
	readonly account?: Account | undefined;
	/** The whole environment; mlstack's own when absent. */
	readonly environment?: Readonly<Record<string, string | undefined>>;
	readonly directory?: string;
	readonly input?: string;
	/** Hears each line of both streams as it comes. */
	readonly onLine?: (line: string) => void;
	/** A whole group is ended with it, as pip and uv start others. */
	readonly signal?: AbortSignal | undefined;
}

/** What a program printed on both streams together (its last 64 KiB), and how it ended; 127 when it could not start. */
export interface RunResult {
	readonly exitCode: number;
	readonly output: string;
}

const longestOutput = 64 * 1024;

/** Runs a program to its end. Rejects with the signal's reason, and for nothing else. */
export async function runProgram(command: readonly string[], options: RunOptions = {}): Promise<RunResult> {
	const {account, environment = process.env, directory = '/', input, onLine, signal} = options;
	signal?.throwIfAborted();
	const [program = '', ...rest] = command;
	const result = await new Promise<RunResult>((resolve) => {
		let output = '';
		const split = lineSplitter((line) => onLine?.(line));
		const child = spawn(program, rest, {
			cwd: directory,
			env: environment,
			detached: true,
			stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
			...(account && {uid: account.uid, gid: account.gid}),
		});
		const abort = (): void => {
			try {
				process.kill(-(child.pid ?? 0), 'SIGKILL');
			} catch {
				// It ended by itself.
			}
		};

		signal?.addEventListener('abort', abort, {once: true});
		for (const stream of [child.stdout, child.stderr]) {
			stream?.setEncoding('utf8').on('data', (chunk: string) => {
				output = (output + chunk).slice(-longestOutput);
				split(chunk);
			});
		}

		child.stdin?.on('error', () => undefined);
		child.stdin?.end(input);
		child.once('error', (error) => {
			resolve({exitCode: 127, output: error.message});
		});
		child.once('close', (code) => {
			split('\n');
			signal?.removeEventListener('abort', abort);
			resolve({exitCode: code ?? 137, output});
		});
	});
	signal?.throwIfAborted();
	return result;
}
