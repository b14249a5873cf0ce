import {existsSync} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';
import {type DockerCommand, quietly, spawnFailure} from './docker-command.ts';

/** How long compose may take to end after SIGINT, and then after SIGTERM, in ms. */
const patience = 5000;

/** One call of the docker CLI whose output is read while it works. */
export class ComposeRun {
	/** Known when the lines have ended; undefined when a signal ended it. */
	exitCode: number | undefined;
	readonly #docker: DockerCommand;
	readonly #arguments: readonly string[];
	readonly #directory: string;
	readonly #signal: AbortSignal;

	/** Runs in `directory`, or where mlstack runs when there is no such folder. */
	constructor(docker: DockerCommand, arguments_: readonly string[], directory: string, signal: AbortSignal) {
		this.#docker = docker;
		this.#arguments = arguments_;
		this.#directory = directory;
		this.#signal = signal;
	}

	/**
	 * Starts it, and gives the lines of standard output and standard error as they come. When the signal aborts, or the
	 * reader stops early, it is interrupted as by Ctrl-C, and the iteration ends when it has ended. A slow reader slows
	 * it down. Throws a Failure when there is no docker CLI.
	 */
	async *lines(): AsyncGenerator<string, void, undefined> {
		const {execa} = await import('execa');
		const directory = existsSync(this.#directory) ? this.#directory : undefined;
		const subprocess = execa(this.#docker.command, [...this.#docker.arguments, ...this.#arguments], {
			...(directory !== undefined && {cwd: directory}),
			env: {...this.#docker.environment, ...quietly},
			extendEnv: false,
			stdin: 'ignore',
			all: true,
			buffer: false,
			reject: false,
			// A group of its own: the plugin and buildx are children of the docker CLI, and must hear the signals too.
			detached: process.platform !== 'win32',
		});
		const ended = new AbortController();
		const interrupt = (): void => {
			void interruptGroup(subprocess.pid, ended.signal);
		};

		this.#signal.addEventListener('abort', interrupt, {once: true});
		if (this.#signal.aborted) {
			interrupt();
		}

		try {
			for await (const line of subprocess.iterable({from: 'all'})) {
				// A reader that stops does so at this yield; execa would then wait for an end that nobody asked for.
				let isReadOn = false;
				try {
					yield line;
					isReadOn = true;
				} finally {
					if (!isReadOn) {
						interrupt();
					}
				}
			}
		} finally {
			await subprocess;
			ended.abort();
			this.#signal.removeEventListener('abort', interrupt);
		}

		const result = await subprocess;
		this.exitCode = result.exitCode;
		if (result.exitCode === undefined && result.signal === undefined) {
			throw spawnFailure(result, directory);
		}
	}
}

/** As Ctrl-C in a terminal does; then harder, until it has ended. */
async function interruptGroup(pid: number | undefined, ended: AbortSignal): Promise<void> {
	if (pid === undefined) {
		return;
	}

	for (const name of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
		try {
			process.kill(process.platform === 'win32' ? pid : -pid, name);
			await delay(patience, undefined, {signal: ended, ref: false});
		} catch {
			// It is gone.
			return;
		}
	}
}
