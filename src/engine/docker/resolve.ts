import {stat} from 'node:fs/promises';
import {dirname} from 'node:path';
import {Failure} from '../../failure.ts';
import {parseComposeConfig, type ComposeConfig} from '../../stack/compose-config.ts';
import type {Stack, StackRequest} from '../../stack/model.ts';
import {composeFailure} from './compose-failures.ts';
import {findComposeFiles, type ComposeFiles} from './compose-files.ts';
import {type DockerCommand, runDocker} from './docker-command.ts';
import {ownStackDefinition} from './own-stack.ts';
import {isOwnStackWritten} from './own-stack-files.ts';
import {recallStack, rememberStack} from './stack-cache.ts';

/**
 * The stack that is meant: the files of `-f` or COMPOSE_FILE, whatever their services; else the compose file of the
 * folder or a parent, if it holds a PostgreSQL or an MLflow; else mlstack's own. `-p NAME` alone means a project that
 * runs, unless it is the name of the folder's own; COMPOSE_PROJECT_NAME names whatever is found.
 * Compose itself is asked what the files say. Throws a Failure for a file that is missing or that it refuses.
 */
export async function resolveStack(
	request: StackRequest,
	docker: DockerCommand,
	signal?: AbortSignal,
): Promise<Stack> {
	const files = await findComposeFiles(request);
	if (!files) {
		return namesProjectOnly(request) ? projectStack(request) : ownStack(request, docker, signal);
	}

	await mustExist(files.paths);
	const project = files.by === 'found' && namesProjectOnly(request) ? undefined : request.project;
	const config = await askCompose({files: files.paths, project, origin: 'files'}, docker, signal);
	const stack = await chosenStack(request, files, config, docker, signal);
	await rememberStack(files.paths, request.project, stack, request.environment);
	return stack;
}

/** What `resolveStack` said last time, or what needs no asking; undefined when compose must be asked first. */
export async function guessStack(request: StackRequest): Promise<Stack | undefined> {
	const files = await findComposeFiles(request);
	if (!files) {
		return namesProjectOnly(request) ? projectStack(request) : ownStackDefinition(request.environment);
	}

	return recallStack(files.paths, request.project, request.environment);
}

async function chosenStack(
	request: StackRequest,
	files: ComposeFiles,
	config: ComposeConfig,
	docker: DockerCommand,
	signal: AbortSignal | undefined,
): Promise<Stack> {
	if (files.by === 'found') {
		if (namesProjectOnly(request) && request.project !== config.project) {
			return projectStack(request);
		}

		if (config.services.every(({definition}) => definition.role === 'other')) {
			return ownStack(request, docker, signal);
		}
	}

	return {
		project: config.project,
		origin: 'files',
		files: files.paths,
		directory: dirname(files.paths[0] ?? request.directory),
		services: config.services.map(({definition}) => definition),
	};
}

/** Before the first `up` nothing is written that compose could be asked about. */
async function ownStack(
	{environment}: StackRequest,
	docker: DockerCommand,
	signal: AbortSignal | undefined,
): Promise<Stack> {
	const own = ownStackDefinition(environment);
	if (!isOwnStackWritten(own.directory)) {
		return own;
	}

	const config = await askCompose({files: own.files, project: own.project, origin: 'own'}, docker, signal);
	return {...own, project: config.project, services: config.services.map(({definition}) => definition)};
}

function projectStack({project = ''}: StackRequest): Stack {
	return {project, origin: 'project', files: [], directory: '', services: []};
}

/** `-p` was given, and not only COMPOSE_PROJECT_NAME, which names the project of a file. */
function namesProjectOnly({project, files, environment}: StackRequest): boolean {
	return project !== undefined && files.length === 0 && environment['COMPOSE_PROJECT_NAME'] !== project;
}

interface Question {
	readonly files: readonly string[];
	readonly project: string | undefined;
	readonly origin: Stack['origin'];
}

async function askCompose(
	{files, project, origin}: Question,
	docker: DockerCommand,
	signal: AbortSignal | undefined,
): Promise<ComposeConfig> {
	const {exitCode, output, errors} = await runDocker(
		docker,
		[
			'compose',
			...files.flatMap((file) => ['-f', file]),
			...(project === undefined ? [] : ['-p', project]),
			'config',
			'--format',
			'json',
		],
		{signal},
	);
	if (exitCode !== 0) {
		throw composeFailure(errors, {command: 'config', origin, files, project});
	}

	return parseComposeConfig(JSON.parse(output));
}

async function mustExist(paths: readonly string[]): Promise<void> {
	for (const path of paths) {
		const found = await stat(path).catch(() => undefined);
		if (!found?.isFile()) {
			throw new Failure(`There is no compose file ${path}.`, {
				code: 'compose-file-missing',
				why: found ? 'It is a folder.' : '',
				next: [`Look what there is: ls ${dirname(path)}`],
				reason: 'wrongCall',
			});
		}
	}
}
