import {execFile} from 'node:child_process';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {Terminal, type TerminalOptions} from './terminal.ts';

const run = promisify(execFile);

/** The executable as it is installed. */
export const executable = fileURLToPath(new URL('../../bin/mlstack.js', import.meta.url));

/** The program on a terminal; closed by the caller. */
export function openProgram(arguments_: readonly string[], options: TerminalOptions = {}): Terminal {
	return new Terminal(process.execPath, [executable, ...arguments_], options);
}

export interface Ended {
	readonly exitCode: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** A command of the program without a terminal. */
export async function runProgram(
	arguments_: readonly string[],
	{
		cwd,
		environment = {},
	}: {readonly cwd?: string; readonly environment?: Readonly<Record<string, string | undefined>>} = {},
): Promise<Ended> {
	return runCommand(process.execPath, [executable, ...arguments_], cwd, environment);
}

/** Any command, to its end; a non-zero exit is no error here. */
export async function runCommand(
	file: string,
	arguments_: readonly string[],
	cwd?: string,
	environment: Readonly<Record<string, string | undefined>> = {},
): Promise<Ended> {
	const {FORCE_COLOR, ...inherited} = process.env;
	try {
		const {stdout, stderr} = await run(file, arguments_, {
			...(cwd !== undefined && {cwd}),
			env: {...inherited, ...environment},
			maxBuffer: 256 * 1024 * 1024,
		});
		return {exitCode: 0, stdout, stderr};
	} catch (error) {
		if (error instanceof Error && 'code' in error && 'stdout' in error && 'stderr' in error) {
			return {
				exitCode: typeof error.code === 'number' ? error.code : -1,
				stdout: String(error.stdout),
				stderr: String(error.stderr),
			};
		}

		throw error;
	}
}

export async function docker(...arguments_: readonly string[]): Promise<string> {
	const {exitCode, stdout, stderr} = await runCommand('docker', arguments_);
	if (exitCode !== 0) {
		throw new Error(`docker ${arguments_.join(' ')}: ${stderr}`);
	}

	return stdout.trim();
}

/** A port that nothing listens on now. */
export async function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => {
				if (address !== null && typeof address === 'object') {
					resolve(address.port);
				}
			});
		});
	});
}

export interface Project {
	readonly name: string;
	readonly folder: string;
	readonly file: string;
	compose(...arguments_: readonly string[]): Promise<string>;
}

let count = 0;

/** A compose project of its own in a folder of its own; all that it made is removed when `body` has ended. */
export async function withProject(
	composeYaml: string,
	body: (project: Project) => Promise<void>,
): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), 'mlstack-test-'));
	const file = join(folder, 'compose.yaml');
	const name = `mlstack-test-${process.pid}-${count++}`;
	await writeFile(file, composeYaml);
	const compose = async (...arguments_: readonly string[]) =>
		docker('compose', '-p', name, '-f', file, ...arguments_);
	try {
		await body({name, folder, file, compose});
	} finally {
		await runCommand('docker', [
			'compose',
			'-p',
			name,
			'down',
			'--volumes',
			'--timeout',
			'1',
			'--remove-orphans',
		]);
		await rm(folder, {recursive: true, force: true});
	}
}

/** Two services that look like the stack, and cost nothing: they write a line a second. */
export const lightStack = `
services:
  postgres:
    image: busybox
    init: true
    stop_grace_period: 1s
    command: ["sh", "-c", "n=0; while :; do n=$$((n+1)); echo database tick $$n; sleep 1; done"]
    labels: {mlstack.role: database}
    volumes: ["data:/data"]
  mlflow:
    image: busybox
    init: true
    stop_grace_period: 1s
    command: ["sh", "-c", "n=0; while :; do n=$$((n+1)); echo tracking tick $$n; sleep 1; done"]
    labels: {mlstack.role: tracking}
    environment: {MLFLOW_BACKEND_STORE_URI: "postgresql://ana:geheim@postgres/db"}
    depends_on: [postgres]
volumes:
  data:
`;
