import type {Engine, EngineOptions} from '../engine.ts';
import {operate} from './compose.ts';
import {Connection} from './connection.ts';
import {resolveEndpoint, type Endpoint} from './endpoint.ts';
import {dockerEnvironment} from './environment.ts';
import {execute} from './execute.ts';
import {readLogs} from './logs.ts';
import {guessStack, resolveStack, stackConfig} from './resolve.ts';
import {portOwner} from './port-owner.ts';
import {runOnce} from './run-once.ts';
import {readStats} from './stats.ts';
import {dockerStorage} from './storage.ts';
import {watchProject} from './watch.ts';

/** The Docker Engine that the options name, over dockerode; what changes a project goes through `docker compose`. */
export async function openDockerEngine(options: EngineOptions, known?: Endpoint): Promise<Engine> {
	const endpoint = known ?? (await resolveEndpoint(options));
	const connection = new Connection(endpoint, options.environment);
	const docker = {command: 'docker', arguments: endpoint.cliArguments, environment: options.environment};
	return {
		describe: async (signal) => connection.describe(signal),
		resolve: async (request, signal) => resolveStack(request, docker, signal),
		composeConfig: async (stack, signal) => stackConfig(stack, docker, signal),
		environment: async (stack, signal) => dockerEnvironment(connection, docker, stack, signal),
		guess: async (request) => guessStack(request),
		watch: (project, signal) => watchProject(connection, project, signal),
		logs: (request, signal) => readLogs(connection, request, signal),
		stats: (container, signal) => readStats(connection, container, signal),
		operate: (kind, stack, request, signal) => operate(kind, stack, request, docker, signal),
		execute: async (container, command, execution, signal) =>
			execute(connection, container, command, execution, signal),
		portOwner: async (port, signal) => portOwner(connection, port, signal),
		runOnce: (stack, service, command, signal) => runOnce(stack, service, command, docker, signal),
		storage: dockerStorage(connection),
		close: () => connection.close(),
	};
}
