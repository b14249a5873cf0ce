import {readFile} from 'node:fs/promises';
import {createConnection} from 'node:net';
import {asFailure, Failure} from '../failure.ts';
import type {EngineChoice, EngineKind, StackRequest} from '../stack/model.ts';
import {chooseEngine} from './choice.ts';
import {findComposeFiles} from './docker/compose-files.ts';
import {resolveEndpoint, type Endpoint} from './docker/endpoint.ts';
import type {Engine, EngineOptions} from './engine.ts';
import {lastEngine, rememberEngine, rememberingFound} from './last-engine.ts';

/**
 * The engine that the options name; `auto` is settled here (choice.ts). At most one connection is tried, and closed
 * again: whether an engine really answers is said by its first request.
 * Throws a Failure for an option that names nothing: an unknown context, a URL that cannot be read.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
	const {kind, request, environment} = options;
	const files = request && (await findComposeFiles(request));
	const findsFile = files?.by === 'found' && (await holdsStack(files.paths));
	const project = request && (request.project ?? (findsFile ? files.paths.join('\n') : ownProject(request)));
	const endpoint = kind === 'native' ? undefined : await resolveEndpoint(options);
	const isFree = kind === 'auto' && request !== undefined;
	const last = isFree && project !== undefined ? await lastEngine(project, environment) : undefined;
	const choice = chooseEngine({
		...(kind !== 'auto' && {asked: kind}),
		namesFile: files?.by === 'named',
		namesEngine: namesEngine(options),
		...(last && {last}),
		answers: !isFree || last === 'native' || (endpoint !== undefined && (await listens(endpoint))),
		findsFile,
		hasNative: process.platform === 'linux' || process.platform === 'darwin',
	});
	const engine = await openKind(choice, options, endpoint);
	return {...engine, ...chosen(engine, choice, {project, last}, environment)};
}

async function openKind(
	{kind}: EngineChoice,
	options: EngineOptions,
	endpoint: Endpoint | undefined,
): Promise<Engine> {
	if (kind === 'native') {
		const {createNativeEngine} = await import('./native/native-engine.ts');
		return createNativeEngine({environment: options.environment});
	}

	const {openDockerEngine} = await import('./docker/docker-engine.ts');
	return openDockerEngine(options, endpoint);
}

/**
 * What a choice adds to the engine that was chosen: it remembers the project's `up`, or that Docker has containers of it,
 * and says what else there is.
 */
function chosen(
	engine: Engine,
	choice: EngineChoice,
	{project, last}: {readonly project: string | undefined; readonly last: EngineKind | undefined},
	environment: EngineOptions['environment'],
): Pick<Engine, 'choice' | 'describe' | 'operate' | 'watch'> {
	return {
		choice,
		watch(watched, signal) {
			const events = engine.watch(watched, signal);
			return choice.kind === 'docker' && last === undefined
				? rememberingFound(events, project ?? watched, choice.kind, environment)
				: events;
		},
		async describe(signal) {
			try {
				return await engine.describe(signal);
			} catch (error) {
				signal?.throwIfAborted();
				throw withOther(asFailure(error), choice);
			}
		},
		async *operate(kind, stack, request, signal) {
			if (kind === 'up') {
				await rememberEngine(project ?? stack.project, choice.kind, environment);
			}

			yield* engine.operate(kind, stack, request, signal);
		},
	};
}

function withOther(failure: Failure, {other}: EngineChoice): Failure {
	const {message, code, why, next, reason, cause} = failure;
	return reason === 'noEngine' && other === 'native'
		? new Failure(message, {
				code,
				why,
				next: [
					...next,
					`mlstack --engine ${other} up   (without Docker, as plain processes; data of its own)`,
				],
				reason,
				cause,
			})
		: failure;
}

/** The project of mlstack's own stack. */
function ownProject({environment}: StackRequest): string {
	return environment['MLSTACK_PROJECT'] || 'mlstack';
}

function namesEngine({host, context, environment}: EngineOptions): boolean {
	return Boolean(host || context || environment['DOCKER_HOST'] || environment['DOCKER_CONTEXT']);
}

/** Whether compose files may hold a stack that is meant; compose itself, which knows, may be missing. */
async function holdsStack(paths: readonly string[]): Promise<boolean> {
	const texts = await Promise.all(paths.map(async (path) => readFile(path, 'utf8').catch(() => '')));
	return texts.some((text) => /postg|pgvector|timescale|mlflow/i.test(text));
}

/** Whether something listens at a socket of this machine; an engine elsewhere was named by somebody, and is waited for. */
async function listens({address}: Endpoint): Promise<boolean> {
	if (address.kind !== 'socket') {
		return true;
	}

	return new Promise((resolve) => {
		const socket = createConnection(address.path);
		socket.once('connect', () => {
			socket.destroy();
			resolve(true);
		});
		socket.once('error', () => resolve(false));
	});
}
