import {Failure} from '../../failure.ts';
import {mask} from '../../stack/mask.ts';
import type {Stack} from '../../stack/model.ts';
import {ComposeRun} from './compose-run.ts';
import type {DockerCommand} from './docker-command.ts';

/** Lines of output that a failure tells. */
const linesKept = 5;

/**
 * Runs a command in a new container of a service with `docker compose run`: with its environment, networks and volumes,
 * once what it depends on runs. Gives the lines that it writes; the container is removed when it has ended. An aborted
 * signal ends it, and the iteration quietly. Throws a Failure when the command fails.
 */
export async function* runOnce(
	{project, files, directory}: Stack,
	service: string,
	[program = '', ...rest]: readonly string[],
	docker: DockerCommand,
	signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
	const stack = ['-p', project, ...files.flatMap((file) => ['-f', file])];
	const options = ['--rm', '--no-TTY', '--entrypoint', program];
	const run = new ComposeRun(
		docker,
		['compose', '--progress', 'quiet', ...stack, 'run', ...options, service, ...rest],
		directory,
		signal,
	);
	const last: string[] = [];
	for await (const line of run.lines()) {
		// What compose has to say of the end.
		if (signal.aborted) {
			continue;
		}

		const text = mask(line);
		last.push(text);
		last.splice(0, last.length - linesKept);
		yield text;
	}

	if (!signal.aborted && run.exitCode !== 0) {
		throw new Failure(`${program} in a container of ${service} failed`, {
			code: 'command-failed',
			why: last.join('\n').trim() || `it ended with code ${run.exitCode}`,
		});
	}
}
