import {arch, availableParallelism, platform, totalmem} from 'node:os';
import {dirname, join} from 'node:path';
import {Failure} from '../../failure.ts';
import type {EngineInfo} from '../../stack/model.ts';
import type {Engine, ExecuteOptions, Execution} from '../engine.ts';
import {processOnPort} from '../port-process.ts';
import {bundledSupervisor} from './client.ts';
import {containerLog, type KnownContainer} from './container-log.ts';
import {containerSamples} from './container-samples.ts';
import {nativeEnvironment} from './environment.ts';
import {executeIn} from './execute.ts';
import {operate, type OperationContext} from './operate.ts';
import {ownStack} from './own-stack.ts';
import {nativePaths, projectPaths} from './paths.ts';
import {findClients} from './postgres-programs.ts';
import {reporting} from './progress.ts';
import {planPrune, prune} from './prune.ts';
import {runOnce} from './run-once.ts';
import {readState} from './state-file.ts';
import {openStores, storesContainer, storesOf} from './stores.ts';
import {watchProject} from './watch-project.ts';

export interface NativeOptions {
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** The supervisor's program in JavaScript, when it is not beside the bundle. */
	readonly supervisor?: string;
}

/**
 * The engine without Docker: PostgreSQL and MLflow as processes of the user's own, under a supervisor that outlives
 * mlstack. On Linux and macOS. Asks nothing of the machine before it is asked itself.
 */
export function createNativeEngine({environment, supervisor = bundledSupervisor}: NativeOptions): Engine {
	const closed = new AbortController();
	const native = nativePaths(environment);
	const context: OperationContext = {native, supervisor, environment};
	const either = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, closed.signal]);
	const find = (container: string): KnownContainer => findEntry(context, container);
	const run: Engine['execute'] = async (container, command, options, signal) => {
		if (container.endsWith(storesContainer(''))) {
			const plain = {environment: {PATH: environment['PATH'] ?? '/usr/bin:/bin'}, directory: native.root};
			return executeIn(plain, command, options, [], either(signal));
		}

		return execute(context, find(container), command, options, either(signal));
	};
	return {
		async describe(signal) {
			signal?.throwIfAborted();
			checkPlatform();
			return engineInfo(native.root);
		},
		async resolve(request, signal) {
			signal?.throwIfAborted();
			return ownStack(native, request);
		},
		async composeConfig({project}, signal) {
			signal?.throwIfAborted();
			throw new Failure(`${project} has no compose file`, {
				code: 'no-compose-file',
				why: 'Without Docker, mlstack runs PostgreSQL and MLflow as plain processes.',
			});
		},
		async environment(stack, signal = closed.signal) {
			signal.throwIfAborted();
			return nativeEnvironment(native, engineInfo(native.root), stack, either(signal));
		},
		async guess(request) {
			return request.files.length > 0 || request.environment['COMPOSE_FILE']
				? undefined
				: ownStack(native, request);
		},
		watch(project, signal) {
			return watchProject(projectPaths(native, project), supervisor, either(signal));
		},
		async *logs(request, signal) {
			yield* containerLog(find(request.container), request, either(signal));
		},
		async *stats(container, signal) {
			yield* containerSamples(find(container).entry, memoryLimit(), either(signal));
		},
		operate(kind, stack, request, signal) {
			checkPlatform();
			return reporting(
				async (report, inner) => operate(context, kind, stack, request, report, inner),
				either(signal),
			);
		},
		execute: run,
		portOwner: async (port, signal) => processOnPort(port, signal),
		runOnce({project}, service, command, signal) {
			return runOnce(native, project, service, command, either(signal));
		},
		storage: {
			planPrune: (stack, scope, signal) => planPrune(context, {execute: run}, stack, scope, either(signal)),
			prune: (plan, chosen, signal) =>
				reporting(async (report, inner) => prune(context, plan, chosen, report, inner), either(signal)),
			stores: async (stack) => storesOf(native, stack),
			openStores: async (stack, stores) => openStores(native, stack, stores),
		},
		close() {
			closed.abort(new Failure('the engine was closed', {code: 'closed'}));
		},
	};
}

/** Throws a Failure on a system that the native engine does not know. */
function checkPlatform(): void {
	if (process.platform !== 'linux' && process.platform !== 'darwin') {
		throw new Failure(`without Docker, mlstack runs on Linux and macOS, not on ${process.platform}`, {
			code: 'native-platform',
			why: 'It needs named pipes, process groups and signals as POSIX has them; this system lacks them.',
			next: [
				'on Windows: use it inside WSL (wsl --install), where it runs as on Linux',
				'or install Docker Desktop',
			],
			reason: 'noEngine',
		});
	}
}

function engineInfo(root: string): EngineInfo {
	return {
		kind: 'native',
		version: '',
		apiVersion: '',
		context: '',
		endpoint: root,
		host: 'localhost',
		os: platform(),
		arch: arch(),
		cpus: availableParallelism(),
		memory: memoryLimit(),
	};
}

/** Bytes: what the control group allows, where there is one, else the machine's. */
function memoryLimit(): number {
	const constrained = process.constrainedMemory();
	return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
}

/** A container's id is PROJECT/SERVICE/CREATION. */
function findEntry({native}: OperationContext, container: string): KnownContainer {
	const [project = ''] = container.split('/');
	const paths = projectPaths(native, project);
	const entry = readState(paths.state).entries.find((known) => known.container.id === container);
	if (!entry) {
		throw new Failure(`there is no ${container} any more`, {
			code: 'no-such-container',
			why: 'It was taken down, or never started.',
		});
	}

	return {paths, entry};
}

async function execute(
	{native, environment}: OperationContext,
	{paths, entry}: KnownContainer,
	command: readonly string[],
	options: ExecuteOptions,
	signal: AbortSignal,
): Promise<Execution> {
	if (entry.container.status !== 'running') {
		throw new Failure(`${entry.container.name} is not running`, {
			code: 'not-running',
			next: [`mlstack -p ${paths.project} up`],
		});
	}

	const {entries} = readState(paths.state);
	const python = entries.find(({spec}) => spec.name === 'mlflow')?.spec.command[0];
	const major = Number(
		/:(\d+)/.exec(entries.find(({spec}) => spec.name === 'postgres')?.spec.image ?? '')?.[1],
	);
	const clients = await findClients({
		environment,
		copies: native.postgres,
		pythonEnvironment: python === undefined ? undefined : join(dirname(python), '..'),
		major: Number.isNaN(major) ? undefined : major,
		signal,
	});
	return executeIn(entry.spec, command, options, clients === undefined ? [] : [clients], signal);
}
