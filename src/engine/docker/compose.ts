import {setTimeout as delay} from 'node:timers/promises';
import {Failure} from '../../failure.ts';
import type {OperationKind, OperationRequest, Progress, Stack} from '../../stack/model.ts';
import {existsSync} from 'node:fs';
import {stringIn} from '../json.ts';
import {composeFailure} from './compose-failures.ts';
import {type DockerCommand, quietly, runDocker, spawnFailure} from './docker-command.ts';
import {ensureOwnStack} from './own-stack-files.ts';
import {ProgressReader} from './progress.ts';

/** What follows `docker compose -p PROJECT -f FILE`. */
const commands: Readonly<Record<OperationKind, readonly string[]>> = {
	up: ['up', '--detach'],
	down: ['down'],
	restart: ['restart'],
	stop: ['stop'],
	start: ['start'],
};

/** How long compose may take to end after SIGINT, and then after SIGTERM, in ms. */
const patience = 5000;

/** Lines that are kept for the case that compose fails: a build's cause stands in its last ones. */
const linesKept = 40;

/**
 * Carries an operation out with `docker compose`, and reports its progress. The signal interrupts compose as Ctrl-C
 * does: what it made so far stays. Throws a Failure when compose fails, or is not there.
 */
export async function* operate(
	kind: OperationKind,
	stack: Stack,
	request: OperationRequest,
	docker: DockerCommand,
	signal: AbortSignal,
): AsyncGenerator<Progress, void, undefined> {
	if (kind === 'up' && stack.origin === 'project') {
		throw new Failure(`No compose file is known for the project ${stack.project}, so it cannot be started.`, {
			code: 'compose-file-unknown',
			why: '-p names a project that runs; what it is made of stands in its compose file.',
			next: [`mlstack -f FILE -p ${stack.project} up`],
			reason: 'wrongCall',
		});
	}

	if (kind === 'up' && stack.origin === 'own') {
		for (const text of (await ensureOwnStack(docker, signal)).notes) {
			yield {type: 'output', at: Date.now(), level: 'info', text};
		}
	}

	const arguments_ = [
		'-p',
		stack.project,
		// mlstack's own stack can be looked at, and taken down, before its files were ever written.
		...stack.files.flatMap((file) => (existsSync(file) ? ['-f', file] : [])),
		...commands[kind],
		...(kind === 'down' && request.volumes === true ? ['--volumes'] : []),
		...request.services,
	];
	const reader = new ProgressReader(stack.services);
	const context = {command: kind, origin: stack.origin, files: stack.files, project: stack.project};
	for (const progress of [['--progress', 'json'], []]) {
		const last: string[] = [];
		const run = new ComposeRun(docker, ['compose', ...progress, ...arguments_], stack.directory, signal);
		for await (const line of run.lines()) {
			last.push(line);
			last.splice(0, last.length - linesKept);
			yield* reader.read(line, Date.now());
		}

		const exitCode = await run.ended;
		signal.throwIfAborted();
		if (exitCode !== 0 && progress.length > 0 && knowsNoJson(last)) {
			continue;
		}

		yield* reader.end(exitCode === 0, Date.now());
		if (exitCode !== 0) {
			throw composeFailure(reader.message, context, last);
		}

		return;
	}
}

/** Compose before 2.29 has no JSON: it says so at once, and has done nothing. */
function knowsNoJson(lines: readonly string[]): boolean {
	return lines.some((line) =>
		/unknown flag: --progress|(?:unsupported|invalid) .*progress.*json/i.test(line),
	);
}

/** One call of compose; its plugin is a child of the docker CLI, so signals go to the whole group. */
class ComposeRun {
	readonly ended: Promise<number | undefined>;
	readonly #docker: DockerCommand;
	readonly #arguments: readonly string[];
	readonly #directory: string;
	readonly #signal: AbortSignal;
	#end: (exitCode: number | undefined) => void = () => {};

	constructor(docker: DockerCommand, arguments_: readonly string[], directory: string, signal: AbortSignal) {
		this.#docker = docker;
		this.#arguments = arguments_;
		this.#directory = directory;
		this.#signal = signal;
		this.ended = new Promise((resolve) => {
			this.#end = resolve;
		});
	}

	async *lines(): AsyncGenerator<string, void, undefined> {
		const {execa} = await import('execa');
		const subprocess = execa(this.#docker.command, [...this.#docker.arguments, ...this.#arguments], {
			...(this.#directory !== '' && existsSync(this.#directory) && {cwd: this.#directory}),
			env: {...this.#docker.environment, ...quietly},
			extendEnv: false,
			stdin: 'ignore',
			all: true,
			buffer: false,
			reject: false,
			detached: process.platform !== 'win32',
		});
		let runs = true;
		const interrupt = () => void interruptGroup(subprocess.pid, () => runs);
		this.#signal.addEventListener('abort', interrupt, {once: true});
		if (this.#signal.aborted) {
			interrupt();
		}

		try {
			for await (const line of subprocess.iterable({from: 'all'})) {
				yield line;
			}

			const result = await subprocess;
			runs = false;
			if (result.exitCode === undefined && result.signal === undefined) {
				throw spawnFailure(result, this.#directory);
			}

			this.#end(result.exitCode);
		} finally {
			runs = false;
			this.#signal.removeEventListener('abort', interrupt);
		}
	}
}

/** As Ctrl-C in a terminal, then harder. */
async function interruptGroup(pid: number | undefined, runs: () => boolean): Promise<void> {
	if (pid === undefined) {
		return;
	}

	for (const name of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
		if (!runs()) {
			return;
		}

		try {
			process.kill(process.platform === 'win32' ? pid : -pid, name);
		} catch {
			return;
		}

		await delay(patience, undefined, {ref: false});
	}
}

/** The version of the compose plugin, `2.40.3`. Throws a Failure when it is not there. */
export async function composeVersion(docker: DockerCommand, signal?: AbortSignal): Promise<string> {
	const {exitCode, output, errors} = await runDocker(docker, ['compose', 'version', '--format', 'json'], {
		signal,
	});
	if (exitCode !== 0) {
		throw composeFailure(errors, {command: 'version', origin: 'project', files: []});
	}

	return stringIn(JSON.parse(output), 'version') ?? '';
}
