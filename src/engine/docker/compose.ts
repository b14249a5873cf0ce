import {Failure} from '../../failure.ts';
import type {OperationKind, OperationRequest, Progress, Stack} from '../../stack/model.ts';
import {explainFailure} from './compose-missing.ts';
import {ComposeRun} from './compose-run.ts';
import {type DockerCommand, runDocker} from './docker-command.ts';
import {ensureOwnStack, isOwnStackWritten} from './own-stack-files.ts';
import {ProgressReader} from './progress.ts';

/** What follows `docker compose -p PROJECT -f FILE`. */
const commands: Readonly<Record<OperationKind, readonly string[]>> = {
	up: ['up', '--detach'],
	down: ['down'],
	restart: ['restart'],
	stop: ['stop'],
	start: ['start'],
};

/** Lines of output that are kept for the case that compose fails: a build's cause stands in its last ones. */
const linesKept = 40;

/**
 * Carries an operation out with `docker compose`, and reports its progress. The signal interrupts compose as Ctrl-C
 * does, and the iteration ends quietly: what was made so far stays. Throws a Failure when compose fails, or is not
 * there. The volumes are kept unless `request.volumes` says otherwise.
 */
export async function* operate(
	kind: OperationKind,
	stack: Stack,
	request: OperationRequest,
	docker: DockerCommand,
	signal: AbortSignal,
): AsyncGenerator<Progress, void, undefined> {
	try {
		signal.throwIfAborted();
		yield* callCompose(kind, stack, request, docker, signal);
	} catch (error) {
		if (!signal.aborted) {
			throw error;
		}
	}
}

async function* callCompose(
	kind: OperationKind,
	stack: Stack,
	request: OperationRequest,
	docker: DockerCommand,
	signal: AbortSignal,
): AsyncGenerator<Progress, void, undefined> {
	const options: string[] = [];
	if (kind === 'up') {
		mustHaveFiles(stack);
		const own = stack.origin === 'own' ? await ensureOwnStack(docker, signal) : undefined;
		for (const text of own?.notes ?? []) {
			yield {type: 'output', at: Date.now(), level: 'info', text};
		}

		// The name of the own stack's image says how it was built; else only a build knows whether it is still right.
		if (own ? own.isEdited : stack.services.some(({build}) => build)) {
			options.push('--build');
		}
	}

	if (kind === 'down' && request.volumes === true) {
		options.push('--volumes');
	}

	const files = filesOf(stack);
	const project = ['-p', stack.project, ...files.flatMap((file) => ['-f', file])];
	const command = [...project, ...commands[kind], ...options, ...request.services];
	const context = {command: kind, origin: stack.origin, files, project: stack.project};
	for (const progress of [['--progress', 'json'], []]) {
		const reader = new ProgressReader(stack.services);
		const run = new ComposeRun(docker, ['compose', ...progress, ...command], stack.directory, signal);
		const last: string[] = [];
		for await (const line of run.lines()) {
			for (const item of reader.read(line, Date.now())) {
				if (item.type === 'output') {
					last.push(item.text);
				}

				yield item;
			}

			last.splice(0, last.length - linesKept);
		}

		signal.throwIfAborted();
		if (run.exitCode !== 0 && progress.length > 0 && (await isBeforeJson(reader.message, docker))) {
			continue;
		}

		yield* reader.end(run.exitCode === 0, Date.now());
		if (run.exitCode !== 0) {
			throw await explainFailure(docker, reader.message, context, last);
		}

		return;
	}
}

/** The version of the compose plugin, `2.40.3`. Throws a Failure when it is not there. */
export async function composeVersion(docker: DockerCommand, signal?: AbortSignal): Promise<string> {
	const {exitCode, output, errors} = await runDocker(docker, ['compose', 'version', '--short'], {signal});
	if (exitCode !== 0) {
		throw await explainFailure(docker, errors, {command: 'version', origin: 'project', files: []});
	}

	return output.trim().replace(/^v/, '');
}

/**
 * Compose before 2.29 has no JSON progress: it says so at once, and has done nothing. Without the plugin the docker
 * CLI complains of the same option.
 */
async function isBeforeJson(message: string, docker: DockerCommand): Promise<boolean> {
	if (!/unknown flag: --progress|(?:unsupported|invalid) .*progress/i.test(message)) {
		return false;
	}

	try {
		await composeVersion(docker);
		return true;
	} catch {
		return false;
	}
}

function mustHaveFiles({origin, project}: Stack): void {
	if (origin === 'project') {
		throw new Failure(`no compose file is known for the project ${project}, so it cannot be brought up`, {
			code: 'compose-file-unknown',
			why: 'A project that is named by -p alone is found by its containers; what it is made of stands in its file.',
			next: [`mlstack up -f FILE -p ${project}`],
			reason: 'wrongCall',
		});
	}
}

/** mlstack's own stack can be taken down, stopped and started without its files: by the name of its project. */
function filesOf({origin, files, directory}: Stack): readonly string[] {
	return origin === 'own' && !isOwnStackWritten(directory) ? [] : files;
}
