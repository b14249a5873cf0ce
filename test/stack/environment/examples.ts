import {Failure} from '../../../src/failure.ts';
import type {EnvironmentFacts} from '../../../src/stack/environment/facts.ts';
import {aService, aStack} from '../../support/stack.ts';

const GiB = 1024 ** 3;

const engine = {
	kind: 'docker',
	version: '28.5.2',
	apiVersion: '1.51',
	context: 'default',
	endpoint: 'unix:///var/run/docker.sock',
	host: 'localhost',
	os: 'linux',
	arch: 'x86_64',
	cpus: 2,
	memory: 8 * GiB,
	rootless: false,
} as const;

/** An environment in which nothing is wrong. */
export const wellFacts: EnvironmentFacts = {
	kind: 'docker',
	engine,
	tools: {docker: true, compose: '2.40.3', buildx: '0.29.1'},
	disks: [
		{place: 'engine', path: '/var/lib/docker', free: 40 * GiB},
		{place: 'project', path: '/home/ana/kws', free: 40 * GiB},
	],
	ports: [
		{service: 'postgres', port: 5432, state: 'free'},
		{service: 'mlflow', port: 5000, state: 'ours'},
	],
	images: [{service: 'postgres', image: 'postgres:18', arch: 'amd64'}],
	clock: {ahead: 40, uncertainty: 5},
	stack: aStack(),
};

/** For each check: what differs from an environment in which all is well, and what is then said. */
export const environmentExamples: Readonly<
	Record<string, readonly [differs: Partial<EnvironmentFacts>, what: string]>
> = {
	'engine-away': [
		{
			away: new Failure('no engine answers at unix:///var/run/docker.sock', {
				code: 'engine-away',
				next: ['start it'],
			}),
		},
		'no engine answers at unix:///var/run/docker.sock',
	],
	'engine-old': [
		{engine: {...engine, version: '24.0.7'}},
		'Docker Engine 24.0.7 gets no security updates any more',
	],
	'rootless-port': [
		{engine: {...engine, rootless: true}, ports: [{service: 'mlflow', port: 80, state: 'free'}]},
		'A rootless engine may not publish port 80 of mlflow',
	],
	'docker-command-missing': [{tools: {docker: false}}, 'There is no docker command'],
	'compose-v1-only': [
		{tools: {docker: true, composeV1: '1.29.2', buildx: '0.29.1'}},
		'Compose is there as version 1 only (docker-compose 1.29.2)',
	],
	'compose-missing': [{tools: {docker: true, buildx: '0.29.1'}}, 'The docker command has no Compose plugin'],
	'compose-old': [
		{tools: {docker: true, compose: 'v2.17.3', buildx: '0.29.1'}},
		'Compose v2.17.3 is older than 2.20',
	],
	'buildx-missing': [
		{
			tools: {docker: true, compose: '2.40.3'},
			stack: aStack({services: [aService('postgres'), aService('mlflow', {build: true})]}),
		},
		'The docker command has no buildx plugin, and mlflow is built',
	],
	'engine-disk-full': [
		{disks: [{place: 'engine', path: '/var/lib/docker', free: 0.25 * GiB}]},
		'Only 256 MiB are free where the engine keeps its data (/var/lib/docker)',
	],
	'engine-disk-low': [
		{disks: [{place: 'engine', path: '/var/lib/docker', free: 3 * GiB}]},
		'Only 3.00 GiB are free where the engine keeps its data (/var/lib/docker)',
	],
	'project-disk-low': [
		{disks: [{place: 'project', path: '/home/ana/kws', free: 1024 * 1024}]},
		'Only 1.00 MiB are free in the project’s folder (/home/ana/kws)',
	],
	'memory-short': [
		{engine: {...engine, memory: 2 * GiB}},
		'The engine has 2.00 GiB of memory; this stack wants about 2.10 GiB',
	],
	'port-taken': [
		{ports: [{service: 'mlflow', port: 5000, state: 'taken', owner: 'the container other-mlflow-1'}]},
		'Port 5000, which mlflow publishes, is taken by the container other-mlflow-1',
	],
	'port-moves': [
		{kind: 'native', ports: [{service: 'mlflow', port: 5000, state: 'taken'}]},
		'Port 5000, which mlflow would listen on, is taken by another program',
	],
	'clock-skew': [{clock: {ahead: -90_000, uncertainty: 5}}, 'The engine’s clock is 1m 30s behind'],
	emulated: [
		{
			engine: {...engine, arch: 'aarch64'},
			images: [{service: 'mlflow', image: 'kws-mlflow', arch: 'amd64'}],
		},
		'mlflow runs an image for amd64 on arm64',
	],
};
