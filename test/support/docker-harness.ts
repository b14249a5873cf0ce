import {execFile} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {promisify} from 'node:util';
import {Connection} from '../../src/engine/docker/connection.ts';
import {resolveEndpoint} from '../../src/engine/docker/endpoint.ts';
import type {FakeContainer} from './docker-containers.ts';
import {DockerServer} from './docker-server.ts';
import {skipWithoutEngine} from './engine-available.ts';

export interface ContainerOptions {
	/** What the container writes whenever it starts. */
	readonly says?: readonly {readonly stream: 'stdout' | 'stderr'; readonly text: string}[];
	/** It then ends with this code; otherwise it runs on. */
	readonly exits?: number;
	readonly tty?: boolean;
	/** It is unhealthy until `becomesHealthy`. */
	readonly healthcheck?: boolean;
	/** A container of `docker compose run`. */
	readonly oneOff?: boolean;
	readonly project?: string;
	readonly logDriver?: string;
}

/** An engine that a test moves: our own API server, or the real one. Ids are full ids. */
export interface Harness {
	readonly connection: Connection;
	/** A project of its own for each test. */
	readonly project: string;
	create(service: string, options?: ContainerOptions): Promise<string>;
	start(id: string): Promise<void>;
	kill(id: string): Promise<void>;
	pause(id: string): Promise<void>;
	unpause(id: string): Promise<void>;
	/** Gives the new name. */
	rename(id: string): Promise<string>;
	remove(id: string): Promise<void>;
	becomesHealthy(id: string): Promise<void>;
	/** A line on the standard output of a running container. */
	write(id: string, text: string): Promise<void>;
	close(): Promise<void>;
}

/** Every engine that the same tests run against. */
export const engines: readonly {
	readonly name: string;
	readonly skip: string | false;
	readonly open: () => Promise<Harness>;
}[] = [
	{name: 'an API server', skip: false, open: openFakeHarness},
	{name: 'the real engine', skip: skipWithoutEngine, open: openRealHarness},
];

function labelsOf(project: string, service: string, {oneOff = false}: ContainerOptions) {
	return {
		'com.docker.compose.project': project,
		'com.docker.compose.service': service,
		'com.docker.compose.container-number': '1',
		'com.docker.compose.oneoff': oneOff ? 'True' : 'False',
	};
}

/** Our own API server; `server` makes things go wrong. */
export async function openFakeHarness(): Promise<Harness & {readonly server: DockerServer}> {
	const server = await DockerServer.start();
	const connection = new Connection(await resolveEndpoint({host: server.url, environment: {}}));
	const project = 'mlstack-test';
	const containers = new Map<string, {container: FakeContainer; options: ContainerOptions}>();
	const find = (id: string) => {
		const found = containers.get(id);
		if (found === undefined) {
			throw new Error(`no container ${id}`);
		}

		return found;
	};

	return {
		server,
		connection,
		project,
		create: async (service, options = {}) => {
			const container = server.create({
				name: `${options.project ?? project}-${service}-1`,
				labels: labelsOf(options.project ?? project, service, options),
				tty: options.tty ?? false,
				healthcheck: options.healthcheck ?? false,
				...(options.logDriver === undefined ? {} : {logDriver: options.logDriver}),
			});
			containers.set(container.id, {container, options});
			return container.id;
		},
		start: async (id) => {
			const {container, options} = find(id);
			container.start();
			for (const {stream, text} of options.says ?? []) {
				container.write(stream, text);
			}

			if (options.exits !== undefined) {
				container.end(options.exits);
			}
		},
		kill: async (id) => find(id).container.kill(),
		pause: async (id) => find(id).container.pause(),
		unpause: async (id) => find(id).container.unpause(),
		rename: async (id) => {
			const {container} = find(id);
			container.rename(`${container.name}-renamed`);
			return container.name;
		},
		remove: async (id) => {
			const {container} = find(id);
			if (container.running) {
				container.kill();
			}

			server.remove(container);
		},
		becomesHealthy: async (id) => find(id).container.becomes('healthy'),
		write: async (id, text) => find(id).container.write('stdout', text),
		close: async () => {
			connection.close();
			await server.close();
		},
	};
}

/** The real engine, moved by the docker CLI. Its containers are made of `busybox` and removed at the end. */
async function openRealHarness(): Promise<Harness> {
	const endpoint = await resolveEndpoint({environment: process.env});
	const connection = new Connection(endpoint);
	const project = `mlstack-test-adapter-${randomBytes(4).toString('hex')}`;
	const docker = async (...words: readonly string[]): Promise<string> => {
		const {stdout} = await promisify(execFile)('docker', [...endpoint.cliArguments, ...words]);
		return stdout.trim();
	};

	const ids = new Set<string>();
	return {
		connection,
		project,
		create: async (service, options = {}) => {
			const labels = labelsOf(options.project ?? project, service, options);
			const id = await docker(
				'create',
				`--name=${project}-${service}-1`,
				...Object.entries(labels).map(([name, value]) => `--label=${name}=${value}`),
				...(options.tty ? ['--tty'] : []),
				...(options.logDriver === undefined ? [] : [`--log-driver=${options.logDriver}`]),
				...(options.healthcheck
					? ['--health-cmd=test -f /healthy', '--health-interval=200ms', '--health-retries=50']
					: []),
				'busybox',
				'sh',
				'-c',
				script(options),
			);
			ids.add(id);
			return id;
		},
		start: async (id) => void (await docker('start', id)),
		kill: async (id) => void (await docker('kill', id)),
		pause: async (id) => void (await docker('pause', id)),
		unpause: async (id) => void (await docker('unpause', id)),
		rename: async (id) => {
			await docker('rename', id, `${project}-renamed`);
			return `${project}-renamed`;
		},
		remove: async (id) => {
			await docker('rm', '--force', id);
			ids.delete(id);
		},
		becomesHealthy: async (id) => void (await docker('exec', id, 'touch', '/healthy')),
		write: async (id, text) => {
			await docker('exec', id, 'sh', '-c', `printf '%s\\n' '${text}' > /proc/1/fd/1`);
		},
		close: async () => {
			connection.close();
			if (ids.size > 0) {
				await docker('rm', '--force', ...ids);
			}
		},
	};
}

/** The lines come apart in time, so that the engine stamps the two streams in the order of writing. */
function script({says = [], exits}: ContainerOptions): string {
	const lines = says.map(
		({stream, text}) => `printf '%s\\n' '${text}'${stream === 'stderr' ? ' >&2' : ''}; sleep 0.05`,
	);
	return [...lines, exits === undefined ? 'exec sleep 1000' : `exit ${exits}`].join('; ');
}
