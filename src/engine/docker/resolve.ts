import {dirname} from 'node:path';
import {Failure} from '../../failure.ts';
import {type ComposeConfig, parseComposeConfig} from '../../stack/compose-config.ts';
import {mask} from '../../stack/mask.ts';
import type {Stack, StackRequest} from '../../stack/model.ts';
import {type ComposeFiles, findComposeFiles, mustExist} from './compose-files.ts';
import {explainFailure} from './compose-missing.ts';
import {type DockerCommand, runDocker} from './docker-command.ts';
import {readPlainLine} from './progress-plain.ts';
import {ownStackDefinition} from './own-stack.ts';
import {isOwnStackWritten} from './own-stack-files.ts';
import {recallStack, rememberStack} from './stack-cache.ts';

/**
 * The stack that is meant: the files of `-f` or COMPOSE_FILE, whatever their services; else the compose file of the
 * folder or a parent, if it holds a PostgreSQL or an MLflow; else mlstack's own. Compose itself is asked what files say.
 *
 * A project's name alone (`-p`, or COMPOSE_PROJECT_NAME where no file is found) means the project of that name that
 * runs, without its file; unless it is the name of the folder's own project, or of mlstack's own stack. So `-p` never
 * makes a second copy of what happens to lie in the folder. COMPOSE_PROJECT_NAME renames what is found, as for compose.
 *
 * Throws a Failure for a file that is missing or that compose refuses.
 */
export async function resolveStack(
	request: StackRequest,
	docker: DockerCommand,
	signal?: AbortSignal,
): Promise<Stack> {
	const files = await findComposeFiles(request);
	if (!files) {
		return withoutFile(request) ?? ownStack(request, docker, signal);
	}

	await mustExist(files.paths);
	const isNamedAlone = files.by === 'found' && namesProject(request);
	const project = isNamedAlone ? undefined : request.project;
	const question: Question = {files: files.paths, project, origin: 'files'};
	const config = await askCompose(question, docker, signal);
	const stack = await chosenStack(request, files, config, docker, signal);
	await rememberStack(files.paths, request.project, stack, request.environment);
	return stack;
}

/**
 * What `resolveStack` said last time, if no file of it changed since, or what needs no asking; undefined when compose
 * must be asked first. Reads a few small files, and never throws.
 */
export async function guessStack(request: StackRequest): Promise<Stack | undefined> {
	const files = await findComposeFiles(request);
	if (files) {
		return recallStack(files.paths, request.project, request.environment);
	}

	const named = withoutFile(request);
	if (named) {
		return named;
	}

	const own = ownStackDefinition(request.environment);
	return (await recallStack(own.files, undefined, request.environment)) ?? own;
}

async function chosenStack(
	request: StackRequest,
	files: ComposeFiles,
	config: Resolved,
	docker: DockerCommand,
	signal: AbortSignal | undefined,
): Promise<Stack> {
	if (files.by === 'found') {
		if (namesProject(request) && request.project !== config.project) {
			return withoutFile(request) ?? ownStack(request, docker, signal);
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
		...(config.warnings.length > 0 && {warnings: config.warnings}),
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

	// Its file names the project, from MLSTACK_PROJECT; COMPOSE_PROJECT_NAME is meant for others.
	const unnamed = {...docker, environment: {...docker.environment, COMPOSE_PROJECT_NAME: undefined}};
	const config = await askCompose({files: own.files, project: undefined, origin: 'own'}, unnamed, signal);
	const services = config.services.map(({definition}) => definition);
	const {warnings} = config;
	const stack: Stack = {...own, project: config.project, services, ...(warnings.length > 0 && {warnings})};
	await rememberStack(own.files, undefined, stack, environment);
	return stack;
}

/** The project that a name alone stands for; undefined without a name, and for that of mlstack's own stack. */
function withoutFile({project, environment}: StackRequest): Stack | undefined {
	const name = project ?? environment['COMPOSE_PROJECT_NAME'];
	return name === undefined || name === '' || name === ownStackDefinition(environment).project
		? undefined
		: {project: name, origin: 'project', files: [], directory: '', services: []};
}

/** `-p` was given, and not only COMPOSE_PROJECT_NAME. */
function namesProject({project, environment}: StackRequest): boolean {
	return project !== undefined && environment['COMPOSE_PROJECT_NAME'] !== project;
}

/**
 * What compose makes of a stack's files, with passwords. Throws a Failure for files that it refuses, and for a stack
 * without files.
 */
export async function stackConfig(
	{project, origin, files}: Stack,
	docker: DockerCommand,
	signal?: AbortSignal,
): Promise<unknown> {
	if (files.length === 0) {
		throw new Failure(`no compose file of ${project} is known`, {
			code: 'no-compose-file',
			next: ['Name the file: mlstack -f compose.yaml'],
		});
	}

	await mustExist(files);
	const {config} = await rawConfig({files, project, origin}, docker, signal);
	return config;
}

interface Question {
	readonly files: readonly string[];
	readonly project: string | undefined;
	readonly origin: Stack['origin'];
}

/** The files as compose resolves them, and what it warns of. */
type Resolved = ComposeConfig & {readonly warnings: readonly string[]};

async function askCompose(
	question: Question,
	docker: DockerCommand,
	signal: AbortSignal | undefined,
): Promise<Resolved> {
	const {config, errors} = await rawConfig(question, docker, signal);
	return {...parseComposeConfig(config), warnings: warningsIn(errors)};
}

/** Each once: compose says some things for each service. */
function warningsIn(errors: string): readonly string[] {
	const texts = errors.split('\n').flatMap((line) => {
		const read = readPlainLine(line);
		return read.kind === 'message' && read.level === 'warning' ? [mask(read.text)] : [];
	});
	return [...new Set(texts)];
}

async function rawConfig(
	{files, project, origin}: Question,
	docker: DockerCommand,
	signal: AbortSignal | undefined,
): Promise<{readonly config: unknown; readonly errors: string}> {
	const named = project === undefined ? [] : ['-p', project];
	const {exitCode, output, errors} = await runDocker(
		docker,
		['compose', ...files.flatMap((file) => ['-f', file]), ...named, 'config', '--format', 'json'],
		{directory: dirname(files[0] ?? ''), signal},
	);
	if (exitCode !== 0) {
		throw await explainFailure(docker, complaint(errors), {command: 'config', origin, files, project});
	}

	return {config: parseJson(output), errors};
}

/** What compose says without its warnings, which come before. */
function complaint(errors: string): string {
	const lines = errors.split('\n').filter((line) => !/^time="[^"]*" level=(?:warning|info|debug)/.test(line));
	return lines.join('\n');
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new Failure('`docker compose config` answered something that is no JSON', {
			code: 'compose-config',
			why: text.slice(0, 200),
			next: ['docker compose version', 'Update the Compose plugin to 2.20 or newer.'],
			cause: error,
		});
	}
}
