import assert from 'node:assert/strict';
import {once} from 'node:events';
import {createServer, type RequestListener} from 'node:http';
import {writeFile} from 'node:fs/promises';
import type {FailureRow, Place, Scene} from './row.ts';
import {composeV1} from '../../support/compose-v1.ts';
import {docker, runCommand} from '../../support/project.ts';
import {types} from './stacks.ts';

/** A stack of two containers that do nothing: the operation fails before, or beside them. */
const light = (_: unknown, mlflow: object = {}) => ({
	services: {
		postgres: {
			image: 'busybox',
			command: ['sleep', '1000'],
			init: true,
			labels: {'mlstack.role': 'database'},
		},
		mlflow: {
			image: 'busybox',
			command: ['sleep', '1000'],
			init: true,
			labels: {'mlstack.role': 'tracking'},
			...mlflow,
		},
	},
});

/** A server of this process on a port of this machine, for as long as the row takes. */
async function serve(
	{defer}: Pick<Scene, 'defer'>,
	port: number,
	answer: RequestListener = (_, response) => response.end(),
): Promise<void> {
	const server = createServer(answer);
	server.listen(port, '127.0.0.1');
	await once(server, 'listening');
	defer(async () => {
		server.closeAllConnections();
		server.close();
		return Promise.resolve();
	});
}

/** An image of a registry on this machine, which the engine asks without TLS. */
const atRegistry = (place: Place) => light(place, {image: `127.0.0.1:${place.port}/kws/mlflow:v3.1.4-full`});

/** A registry that is there, and says only this to whoever wants an image. */
const registry =
	(status: number, code: string, message: string): NonNullable<FailureRow['before']> =>
	async (scene) =>
		serve(scene, scene.port, (request, response) => {
			const isPing = request.url === '/v2/';
			response.writeHead(isPing ? 200 : status, {'content-type': 'application/json'});
			response.end(isPing ? '{}' : JSON.stringify({errors: [{code, message}]}));
		});

const publishing = (place: Place) => light(place, {ports: [`127.0.0.1:${place.port}:5000`]});

/** What compose and the engine refuse, before a container says anything. */
export const operationRows: readonly FailureRow[] = [
	{
		what: 'an image that the registry does not have',
		before: registry(404, 'MANIFEST_UNKNOWN', 'manifest unknown'),
		stack: atRegistry,
		cards: ['image-not-found'],
		title: /^There is no image 127\.0\.0\.1:\d+\/kws\/mlflow:v3\.1\.4-full$/,
	},
	{
		what: 'a registry that wants a login',
		before: registry(401, 'UNAUTHORIZED', 'authentication required'),
		stack: atRegistry,
		cards: ['registry-refuses'],
		title: /^The registry refuses the pull$/,
	},
	{
		what: 'a registry that counts pulls',
		before: registry(429, 'TOOMANYREQUESTS', 'You have reached your unauthenticated pull rate limit.'),
		stack: atRegistry,
		cards: ['registry-refuses'],
		title: /^The registry refuses the pull$/,
	},
	{
		what: 'a registry that nothing answers for',
		stack: atRegistry,
		cards: ['registry-unreachable'],
		title: /^The registry cannot be reached, so the image cannot be pulled$/,
	},
	{
		what: 'a registry whose name no name server knows',
		stack: (place) => light(place, {image: 'registry.invalid/kws/mlflow:3'}),
		cards: ['registry-unreachable'],
		title: /^The registry cannot be reached, so the image cannot be pulled$/,
	},
	{
		what: 'an image whose build finds no package',
		stack: (place) =>
			light(place, {
				image: `${place.mlflow}-half-published`,
				build: {
					dockerfile_inline:
						'FROM python:3.13-slim-trixie\nRUN pip install --no-index mlflow-skinny==3.18.0\n',
				},
			}),
		cards: ['package-missing'],
		title: /^pip finds no mlflow-skinny==3\.18\.0$/,
	},
	{
		what: 'a port that another container has',
		before: async ({port, project, defer}) => {
			const name = `${project.name}-other`;
			await docker(
				'run',
				'--detach',
				'--init',
				'--name',
				name,
				'--publish',
				`127.0.0.1:${port}:80`,
				'--publish',
				`127.0.0.1:${port + 1}:81`,
				'busybox',
				'sleep',
				'1000',
			);
			defer(async () => runCommand('docker', ['rm', '--force', name]));
		},
		stack: publishing,
		cards: ['port-taken'],
		title: /^Port \d+ is taken by the container mlstack-test-\S+-other$/,
		mend: async ({project, witness, ...place}, [card]) => {
			const published = /^ports:\n {2}- "(127\.0\.0\.1:\d+:5000)"$/.exec(card?.mend[0]?.change ?? '')?.[1];
			await writeFile(project.file, JSON.stringify(light(place, {ports: [published]})));
			await witness.up();
		},
	},
	{
		what: 'a port that another program has',
		before: async (scene) => serve(scene, scene.port),
		stack: publishing,
		cards: ['port-taken'],
		title: /^Port \d+ is taken by \S+ \(process \d+\)$/,
	},
	{
		what: "a container's name that another project has",
		before: async ({port, defer}) => {
			const name = fixedName(port);
			await docker('create', '--name', name, 'busybox');
			defer(async () => runCommand('docker', ['rm', '--force', name]));
		},
		stack: (place) => light(place, {container_name: fixedName(place.port)}),
		cards: ['name-taken'],
		title: /^A container named mlflow-server-\S+ exists already, of another project$/,
	},
	{
		what: 'containers of a service that was renamed',
		before: async ({project}) => {
			const file = `${project.folder}/former.yaml`;
			const {services} = light(undefined);
			await writeFile(file, JSON.stringify({services: {ui: services.mlflow}}));
			await docker('compose', '-p', project.name, '-f', file, 'up', '--detach');
		},
		stack: light,
		cards: ['orphans'],
		title: /^Containers of this project belong to no service: mlstack-test-\S+-ui-1$/,
	},
	{
		what: 'a healthcheck that does not pass',
		stack: (place) => light(place, {healthcheck: {test: ['CMD', 'false'], interval: '1s', retries: 2}}),
		cards: ['unhealthy'],
		title: /^mlflow runs, but its healthcheck fails$/,
	},
	{
		// The plugin asks for what an engine can do by the version that the docker command speaks.
		what: 'a healthcheck that is newer than the engine',
		environment: {DOCKER_API_VERSION: '1.43'},
		stack: (place) =>
			light(place, {healthcheck: {test: ['CMD', 'true'], start_period: '10s', start_interval: '1s'}}),
		cards: ['start-interval'],
		title: /^The compose file is newer than the engine: healthcheck\.start_interval$/,
	},
	{
		what: 'a docker-compose 1 in another window, which cannot replace containers on this engine',
		stack: light,
		after: async ({project}) => {
			const {exitCode, stderr} = await composeV1(project, 'up', '--detach');
			assert.notEqual(exitCode, 0);
			assert.match(stderr, /KeyError: 'ContainerConfig'/);
		},
		cards: ['compose-v1'],
		title: /^docker-compose 1 stopped this stack and could not start it again$/,
		mend: async (scene, [card]) => {
			await types(scene, card?.mend[0]?.command ?? 'false');
		},
	},
	{
		what: 'a server that ends without an error',
		stack: (place) => light(place, {command: ['true']}),
		cards: ['ended'],
		title: /^mlflow ended by itself \(0\)$/,
	},
	{
		what: 'a web server that is not MLflow',
		stack: (place) =>
			light(place, {command: ['httpd', '-f', '-p', '5000'], ports: [`127.0.0.1:${place.port}:5000`]}),
		cards: ['stranger'],
		title: /^Something else than mlflow answers at http:\/\/localhost:\d+/,
	},
	{
		what: 'an image for another processor',
		files: {mlflow: `${String.fromCharCode(0x7f)}ELF\u0002\u0001\u0001\u0000 not of this machine`},
		stack: (place) =>
			light(place, {volumes: ['./mlflow:/usr/bin/mlflow:ro'], entrypoint: ['/usr/bin/mlflow'], init: false}),
		cards: ['wrong-architecture'],
		title: /^mlflow stopped: its image is made for another processor$/,
	},
];

const fixedName = (part: number): string => `mlflow-server-${part}`;
