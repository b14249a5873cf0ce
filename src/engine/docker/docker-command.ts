import {statSync} from 'node:fs';
import {Failure} from '../../failure.ts';
import {stringIn} from '../json.ts';

/** How the docker CLI is called so that it talks to the engine that is meant. */
export interface DockerCommand {
	/** `docker`, found on the PATH of `environment`. */
	readonly command: string;
	/** Global options, such as `--context x`: they stand before the command. */
	readonly arguments: readonly string[];
	readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface DockerResult {
	/** Undefined when a signal ended it. */
	readonly exitCode: number | undefined;
	readonly output: string;
	readonly errors: string;
}

/**
 * Runs a docker command to its end, without standard input. An exit code other than 0 is the caller's to judge.
 * Throws the signal's reason when aborted, and a Failure when there is no docker CLI.
 */
export async function runDocker(
	docker: DockerCommand,
	command: readonly string[],
	{directory, signal}: {directory?: string | undefined; signal?: AbortSignal | undefined} = {},
): Promise<DockerResult> {
	signal?.throwIfAborted();
	// Imported late: a first frame needs no child process.
	const {execa} = await import('execa');
	const result = await execa(docker.command, [...docker.arguments, ...command], {
		...(directory !== undefined && {cwd: directory}),
		...(signal !== undefined && {cancelSignal: signal}),
		env: {...docker.environment, ...quietly},
		extendEnv: false,
		stdin: 'ignore',
		reject: false,
	});
	signal?.throwIfAborted();
	if (result.exitCode === undefined && result.signal === undefined) {
		throw spawnFailure(result, directory);
	}

	return {exitCode: result.exitCode, output: result.stdout, errors: result.stderr};
}

/** Hints and advertisements have no place among the lines that are read here. */
export const quietly = {DOCKER_CLI_HINTS: 'false', COMPOSE_MENU: 'false'} as const;

/** Why a process could not be started at all: node says ENOENT for a missing command and for a missing folder. */
export function spawnFailure(error: unknown, directory: string | undefined): Failure {
	const code = stringIn(error, 'code');
	if (code === 'ENOENT' && directory !== undefined && !isFolder(directory)) {
		return new Failure(`the folder ${directory} does not exist any more`, {
			code: 'folder-missing',
			next: ['Change to a folder that exists, and try again.'],
			cause: error,
		});
	}

	if (code === 'ENOENT') {
		return new Failure('the docker command is not installed, or not on the PATH', {
			code: 'docker-cli-missing',
			why: 'mlstack starts and stops stacks through `docker compose`.',
			next: [
				'Install Docker: https://docs.docker.com/get-started/get-docker/',
				'On Debian or Ubuntu with an engine already there: sudo apt-get install docker-cli docker-compose-plugin',
			],
			cause: error,
		});
	}

	return new Failure('the docker command could not be started', {
		code: 'docker-cli-failed',
		why: stringIn(error, 'originalMessage') ?? stringIn(error, 'message') ?? '',
		next: ['docker version'],
		cause: error,
	});
}

function isFolder(path: string): boolean {
	return statSync(path, {throwIfNoEntry: false})?.isDirectory() ?? false;
}
