import assert from 'node:assert/strict';
import {test} from 'node:test';
import * as fc from 'fast-check';
import {Failure} from '../../src/failure.ts';
import {parseComposeConfig} from '../../src/stack/compose-config.ts';

/** What Compose 2.40 prints for the 20-line file of the blog posts, shortened by its networks. */
const blog = {
	name: 'kws',
	services: {
		mlflow: {
			command: [
				'bash',
				'-c',
				'\n  pip install mlflow psycopg2-binary &&\n  mlflow server \n  --backend-store-uri postgresql://root:0000@postgres:5432/KWS\n  --default-artifact-root ./mlruns\n  --host 0.0.0.0\n  --port 5000\n',
			],
			depends_on: {postgres: {condition: 'service_started', required: true}},
			entrypoint: null,
			image: 'python:3.9',
			ports: [{mode: 'ingress', target: 5000, published: '5000', protocol: 'tcp'}],
			volumes: [{type: 'volume', source: 'mlflow_data', target: '/app/mlruns', volume: {}}],
		},
		postgres: {
			command: null,
			entrypoint: null,
			environment: {POSTGRES_DB: 'KWS', POSTGRES_PASSWORD: '0', POSTGRES_USER: 'root'},
			image: 'postgres',
			ports: [{mode: 'ingress', target: 5432, published: '5432', protocol: 'tcp'}],
			volumes: [{type: 'volume', source: 'postgres_data', target: '/var/lib/postgresql/data', volume: {}}],
		},
	},
	volumes: {mlflow_data: {name: 'kws_mlflow_data'}, postgres_data: {name: 'kws_postgres_data'}},
};

const oneService = (service: object) => {
	const [parsed] = parseComposeConfig({name: 'kws', services: {one: service}}).services;
	assert.ok(parsed);
	return parsed;
};

test('the file of the blog posts gives a database, then the tracking server that depends on it', () => {
	const {project, services} = parseComposeConfig(blog);
	assert.equal(project, 'kws');
	assert.deepEqual(
		services.map(({definition}) => definition),
		[
			{
				name: 'postgres',
				role: 'database',
				image: 'postgres',
				build: false,
				ports: [{address: '0.0.0.0', published: 5432, target: 5432, protocol: 'tcp'}],
				dependsOn: [],
				hasHealthcheck: false,
			},
			{
				name: 'mlflow',
				role: 'tracking',
				image: 'python:3.9',
				build: false,
				ports: [{address: '0.0.0.0', published: 5000, target: 5000, protocol: 'tcp'}],
				dependsOn: ['postgres'],
				hasHealthcheck: false,
			},
		],
	);
});

test('neither JSON nor a service’s fields hold a password; raw() does', () => {
	const {services} = parseComposeConfig(blog);
	const shown = JSON.stringify(services);
	assert.match(shown, /postgresql:\/\/root:\*\*\*@postgres/);
	assert.match(shown, /"POSTGRES_PASSWORD":"\*\*\*"/);
	assert.doesNotMatch(shown, /0000/);
	assert.equal(services[0]?.raw().environment['POSTGRES_PASSWORD'], '0');
	assert.match(services[1]?.raw().command.join(' ') ?? '', /root:0000@/);
});

test('mounts, volumes, dependencies and a fixed name are kept', () => {
	const {services, volumes} = parseComposeConfig({
		name: 'kws',
		services: {
			app: {
				image: 'busybox',
				container_name: 'fixed',
				depends_on: {db: {condition: 'service_healthy', required: true}},
				volumes: [
					{type: 'bind', source: '/home/kws', target: '/work', read_only: true},
					{type: 'volume', target: '/anonymous'},
				],
			},
			db: {image: 'postgres:18'},
		},
		volumes: {data: {name: 'elsewhere', external: true}, other: {}},
	});
	const app = services.find(({definition}) => definition.name === 'app');
	assert.deepEqual(app?.mounts, [
		{type: 'bind', source: '/home/kws', target: '/work', readOnly: true},
		{type: 'volume', source: '', target: '/anonymous', readOnly: false},
	]);
	assert.deepEqual(app?.dependencies, [{service: 'db', condition: 'service_healthy'}]);
	assert.equal(app?.containerName, 'fixed');
	assert.deepEqual(volumes, [
		{key: 'data', name: 'elsewhere', external: true},
		{key: 'other', name: 'kws_other', external: false},
	]);
});

test('a dollar that compose doubled is single again', () => {
	const service = oneService({
		image: 'postgres',
		environment: {PRICE: 'x$$y'},
		command: ['sh', '-c', 'echo $$HOME'],
		healthcheck: {test: ['CMD-SHELL', 'pg_isready -U "$$POSTGRES_USER"']},
	});
	assert.equal(service.environment['PRICE'], 'x$y');
	assert.deepEqual(service.command, ['sh', '-c', 'echo $HOME']);
	assert.deepEqual(service.healthcheck, ['CMD-SHELL', 'pg_isready -U "$POSTGRES_USER"']);
	assert.equal(service.definition.hasHealthcheck, true);
});

test('a healthcheck that is turned off is none', () => {
	assert.equal(oneService({healthcheck: {disable: true}}).definition.hasHealthcheck, false);
	assert.equal(oneService({healthcheck: {test: ['NONE']}}).definition.hasHealthcheck, false);
});

test('only ports that are fixed beforehand are given', () => {
	const {ports} = oneService({
		ports: [
			{mode: 'ingress', host_ip: '::1', target: 85, published: '15005', protocol: 'udp'},
			{mode: 'ingress', target: 80, published: '15001-15003', protocol: 'tcp'},
			{mode: 'ingress', target: 8080, protocol: 'tcp'},
		],
	}).definition;
	assert.deepEqual(ports, [{address: '::1', published: 15005, target: 85, protocol: 'udp'}]);
});

test('the entry point counts for the role, and so does a label', () => {
	assert.equal(
		oneService({build: {context: '/kws'}, entrypoint: ['mlflow', 'server']}).definition.role,
		'tracking',
	);
	assert.equal(
		oneService({image: 'redis', labels: {'mlstack.role': 'database'}}).definition.role,
		'database',
	);
});

test('services come after those they depend on; databases first where nothing depends', () => {
	const service = (...names: string[]) => ({
		image: 'busybox',
		depends_on: Object.fromEntries(names.map((name) => [name, {condition: 'service_started'}])),
	});
	const order = (services: object) =>
		parseComposeConfig({name: 'kws', services}).services.map(({definition}) => definition.name);
	assert.deepEqual(order({a: service('c'), b: service('a'), c: service()}), ['c', 'a', 'b']);
	assert.deepEqual(order({a: service(), m: {command: ['mlflow', 'ui']}, p: {image: 'postgres'}}), [
		'p',
		'm',
		'a',
	]);
});

test('dependencies in a circle, on itself and on nobody are survived', () => {
	const {services} = parseComposeConfig({
		name: 'kws',
		services: {a: {depends_on: {b: {}}}, b: {depends_on: {a: {}}}, c: {depends_on: {c: {}, nobody: {}}}},
	});
	assert.deepEqual(services.map(({definition}) => definition.name).toSorted(), ['a', 'b', 'c']);
});

test('what names no project is refused with a Failure', () => {
	for (const value of [undefined, null, 3, 'x', [], {}, {name: 3}]) {
		assert.throws(
			() => parseComposeConfig(value),
			(error) => error instanceof Failure && error.code === 'compose-config',
		);
	}
});

test('no shape of a project makes the parser throw', () => {
	fc.assert(
		fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (services, volumes) => {
			assert.equal(
				parseComposeConfig({name: 'kws', services, volumes}).services.length,
				Object.keys(services).length,
			);
		}),
	);
	const key = fc.constantFrom(
		'image',
		'command',
		'environment',
		'ports',
		'volumes',
		'depends_on',
		'healthcheck',
		'labels',
	);
	fc.assert(
		fc.property(fc.dictionary(key, fc.jsonValue()), (service) => {
			assert.equal(oneService(service).definition.name, 'one');
		}),
	);
});
