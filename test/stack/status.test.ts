import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Card} from '../../src/stack/diagnosis/card.ts';
import type {Container, ServiceDefinition, Stack, TrackingHealth} from '../../src/stack/model.ts';
import {initialState, serviceViews, type StackState} from '../../src/stack/state.ts';
import {
	overallStates,
	portText,
	serviceStates,
	serviceStatus,
	stackStatus,
	trackingUrl,
	type ServiceState,
	type Severity,
} from '../../src/stack/status.ts';
import {width} from '../../src/text.ts';
import {statusJson, statusJsonFields, statusJsonMarkdown} from '../../src/stack/status-json.ts';

const now = Date.parse('2026-11-24T08:00:00Z');
const url = 'http://localhost:5000';
const mlflowPort = {address: '127.0.0.1', published: 5000, target: 5000, protocol: 'tcp'};

function definition(name: string, part: Partial<ServiceDefinition> = {}): ServiceDefinition {
	return {name, role: 'other', build: false, ports: [], dependsOn: [], hasHealthcheck: false, ...part};
}

const stack: Stack = {
	project: 'kws',
	origin: 'files',
	files: ['/home/ada/kws/compose.yaml'],
	directory: '/home/ada/kws',
	services: [
		definition('postgres', {role: 'database', image: 'postgres:18', hasHealthcheck: true}),
		definition('mlflow', {role: 'tracking', build: true, dependsOn: ['postgres'], ports: [mlflowPort]}),
	],
};

function container(service: string, part: Partial<Container> = {}): Container {
	return {
		id: `${service}-id`,
		name: `kws-${service}-1`,
		service,
		role: service === 'mlflow' ? 'tracking' : service === 'postgres' ? 'database' : 'other',
		number: 1,
		status: 'running',
		health: 'none',
		startedAt: now - 60_000,
		image: `${service}:1`,
		ports: service === 'mlflow' ? [mlflowPort] : [],
		...part,
	};
}

function stateOf(...containers: readonly Container[]): StackState {
	return {known: true, containers: new Map(containers.map((each) => [each.id, each]))};
}

function answer(part: Partial<TrackingHealth>): TrackingHealth {
	return {at: now, url, answers: true, works: true, word: 'works', why: '', ...part};
}

const silent = answer({answers: false, works: false, word: 'no answer', why: 'Nothing listens.'});
const databaseDown = answer({works: false, word: 'database down', why: 'It cannot reach it.'});

interface Case {
	readonly name: string;
	readonly container?: Partial<Container>;
	readonly tracking?: TrackingHealth;
	readonly state: ServiceState;
	readonly word?: string;
}

const cases: readonly Case[] = [
	{name: 'no container', state: 'absent'},
	{name: 'created', container: {status: 'created'}, state: 'created'},
	{name: 'running without a healthcheck', container: {}, state: 'running'},
	{name: 'its healthcheck passes', container: {health: 'healthy'}, state: 'healthy'},
	{name: 'its healthcheck has not passed yet', container: {health: 'starting'}, state: 'starting'},
	{name: 'its healthcheck fails', container: {health: 'unhealthy'}, state: 'unhealthy'},
	{name: 'paused', container: {status: 'paused'}, state: 'paused'},
	{name: 'restarting', container: {status: 'restarting', exitCode: 1}, state: 'restarting'},
	{name: 'removing', container: {status: 'removing'}, state: 'removing'},
	{name: 'dead', container: {status: 'dead'}, state: 'dead'},
	{name: 'exited with 0', container: {status: 'exited', exitCode: 0}, state: 'stopped'},
	{name: 'ended by SIGTERM', container: {status: 'exited', exitCode: 143}, state: 'stopped'},
	{
		name: 'exited with 1',
		container: {status: 'exited', exitCode: 1},
		state: 'exited',
		word: 'exited (1)',
	},
	{
		name: 'killed for its memory',
		container: {status: 'exited', exitCode: 137, oomKilled: true},
		state: 'out of memory',
		word: 'out of memory (137)',
	},
	{name: 'MLflow works', container: {health: 'healthy'}, tracking: answer({}), state: 'healthy'},
	{name: 'MLflow works without a healthcheck', container: {}, tracking: answer({}), state: 'running'},
	{name: 'silent for a minute', container: {}, tracking: silent, state: 'starting'},
	{
		name: 'silent for ten minutes',
		container: {startedAt: now - 600_000},
		tracking: silent,
		state: 'silent',
		word: 'no answer',
	},
	{
		name: 'healthy by its own healthcheck, but silent from here',
		container: {health: 'healthy', startedAt: now - 600_000},
		tracking: silent,
		state: 'silent',
		word: 'no answer',
	},
	{
		name: 'the database down behind a healthy server',
		container: {health: 'healthy'},
		tracking: databaseDown,
		state: 'failing',
		word: 'database down',
	},
	{
		name: 'an answer from before the start is not its own',
		container: {startedAt: now - 1000},
		tracking: {...databaseDown, at: now - 2000},
		state: 'running',
	},
	{
		name: 'an answer from another address is not its own',
		container: {},
		tracking: {...databaseDown, url: 'http://localhost:5001'},
		state: 'running',
	},
	{
		name: 'the engine says more than an answer does',
		container: {health: 'unhealthy'},
		tracking: answer({}),
		state: 'unhealthy',
	},
];
for (const {name, container: part, tracking, state, word} of cases) {
	test(`a tracking server, ${name}: ${state}`, () => {
		const state_ = part ? stateOf(container('mlflow', part)) : initialState;
		const view = serviceViews(stack, state_).find((each) => each.name === 'mlflow');
		assert.ok(view);
		const found = serviceStatus(view, {tracking, now});
		assert.equal(found.state, state);
		assert.equal(found.word, word ?? serviceStates[state].word);
		assert.equal(found.ok, serviceStates[state].severity === 'fine');
	});
}

test('a service says since when it is so', () => {
	const ended = container('postgres', {status: 'exited', exitCode: 1, finishedAt: now - 5});
	const status = stackStatus(stack, stateOf(container('mlflow'), ended), {now});
	assert.deepEqual(
		status.services.map(({service, since}) => [service, since]),
		[
			['postgres', now - 5],
			['mlflow', now - 60_000],
		],
	);
});

const overall: ReadonlyArray<
	readonly [name: string, state: StackState, expected: string, mlflow?: TrackingHealth]
> = [
	['nothing exists', stateOf(), 'down'],
	['all runs', stateOf(container('postgres'), container('mlflow')), 'up'],
	['only the database runs', stateOf(container('postgres')), 'degraded'],
	[
		'all was stopped',
		stateOf(
			container('postgres', {status: 'exited', exitCode: 0}),
			container('mlflow', {status: 'exited', exitCode: 143}),
		),
		'down',
	],
	[
		'the server waits for the database',
		stateOf(container('postgres', {health: 'starting'}), container('mlflow', {status: 'created'})),
		'starting',
	],
	[
		'one exited, one starts',
		stateOf(
			container('postgres', {status: 'exited', exitCode: 1}),
			container('mlflow', {health: 'starting'}),
		),
		'degraded',
	],
	[
		'a job of another service is done',
		stateOf(container('postgres'), container('mlflow'), container('bucket', {status: 'exited', exitCode: 0})),
		'up',
	],
	[
		'a job of another service failed',
		stateOf(container('postgres'), container('mlflow'), container('bucket', {status: 'exited', exitCode: 2})),
		'degraded',
	],
	[
		'the database is down behind the server',
		stateOf(container('postgres'), container('mlflow')),
		'degraded',
		databaseDown,
	],
	[
		'the engine is away',
		{...stateOf(container('postgres'), container('mlflow')), away: {since: now, why: 'it was stopped'}},
		'unknown',
	],
];
for (const [name, state, expected, tracking] of overall) {
	test(`the stack when ${name}: ${expected}`, () => {
		assert.equal(stackStatus(stack, state, {now, tracking}).overall, expected);
	});
}

test('of a scaled service the container that wants attention speaks', () => {
	const status = stackStatus(
		stack,
		stateOf(
			container('postgres'),
			container('mlflow', {id: 'a'}),
			container('mlflow', {id: 'b', number: 2, status: 'exited', exitCode: 3}),
		),
		{now},
	);
	assert.deepEqual(
		status.services.map(({word, containers}) => [word, containers.length]),
		[
			['running', 1],
			['exited (3)', 2],
		],
	);
});

const addresses: ReadonlyArray<readonly [address: string, host: string, expected: string | undefined]> = [
	['127.0.0.1', 'localhost', 'http://localhost:5000'],
	['0.0.0.0', 'localhost', 'http://localhost:5000'],
	['::', 'gpu-box', 'http://gpu-box:5000'],
	['192.168.1.4', 'localhost', 'http://192.168.1.4:5000'],
	['fd00::1', 'localhost', 'http://[fd00::1]:5000'],
	['127.0.0.1', 'gpu-box', undefined],
];
for (const [address, host, expected] of addresses) {
	test(`a port bound to ${address} on ${host} is opened at ${expected ?? 'nothing that is known here'}`, () => {
		const view = serviceViews(stack, stateOf(container('mlflow', {ports: [{...mlflowPort, address}]}))).find(
			({role}) => role === 'tracking',
		);
		assert.ok(view);
		assert.equal(trackingUrl(view, host), expected);
	});
}

test('the address is known from the file before there is a container', () => {
	assert.equal(stackStatus(stack, initialState, {now}).url, url);
});

test('a published port is written as docker writes it', () => {
	assert.deepEqual(
		[mlflowPort, {...mlflowPort, address: '::'}, {...mlflowPort, address: '', protocol: 'udp'}].map((port) =>
			portText(port),
		),
		['127.0.0.1:5000', '[::]:5000', '5000/udp'],
	);
});

test('the vocabulary: one column a glyph, and trouble never looks fine', () => {
	const tones: Readonly<Record<Severity, readonly string[]>> = {
		fine: ['ok'],
		busy: ['busy'],
		idle: ['muted'],
		trouble: ['warning', 'error'],
	};
	for (const [state, {glyph, ascii, severity, tone, meaning}] of Object.entries(serviceStates)) {
		assert.equal(width(glyph), 1, state);
		assert.match(ascii, /^[ -~]$/, state);
		assert.ok(tones[severity].includes(tone), state);
		assert.notEqual(meaning, '', state);
	}

	assert.deepEqual(Object.keys(overallStates), ['up', 'starting', 'degraded', 'down', 'unknown']);
});

const engine = {
	kind: 'docker',
	version: '28.5.2',
	apiVersion: '1.51',
	context: 'default',
	endpoint: 'unix:///var/run/docker.sock',
	host: 'localhost',
	os: 'Debian',
	arch: 'amd64',
	cpus: 2,
	memory: 8e9,
} as const;

/** The paths of a document's fields, `services[].word`, in their order. */
function paths(value: unknown, prefix = ''): readonly string[] {
	if (Array.isArray(value)) {
		return value.flatMap((item: unknown) => paths(item, `${prefix}[]`));
	}

	if (typeof value !== 'object' || value === null) {
		return [];
	}

	return Object.entries(value).flatMap(([name, field]) => {
		const path = prefix === '' ? name : `${prefix}.${name}`;
		return [path].concat(paths(field, path));
	});
}

test('every field of the JSON is documented, and every documented field can be printed', () => {
	const state = stateOf(
		container('postgres', {
			status: 'exited',
			exitCode: 1,
			oomKilled: false,
			finishedAt: now,
			restartCount: 2,
		}),
		container('mlflow'),
	);
	const line = {service: 'postgres', at: now, text: 'FATAL:  no'};
	const card: Card = {
		id: 'password-refused mlflow',
		rule: 'password-refused',
		service: 'mlflow',
		severity: 'error',
		title: 'The password is refused',
		why: 'It is another one.',
		mend: [{text: 'Change it.', command: 'docker compose up -d', change: 'POSTGRES_PASSWORD: "0000"'}],
		line,
		at: now,
	};
	const unknown: Card = {...card, service: '', errors: [line]};
	const document = statusJson(
		stack,
		stackStatus(stack, state, {now, tracking: answer({})}),
		engine,
		[card, unknown],
		now,
	);
	const printed = new Set(paths(JSON.parse(JSON.stringify(document))));
	// `engine` itself is only the parent of its fields.
	printed.delete('engine');
	assert.deepEqual([...printed].toSorted(), Object.keys(statusJsonFields).toSorted());
	for (const path of printed) {
		assert.ok(statusJsonMarkdown().includes(`| \`${path}\` | `), path);
	}
});

test('the JSON keeps its shape', () => {
	const state = stateOf(container('postgres', {health: 'healthy'}));
	assert.deepEqual(statusJson(stack, stackStatus(stack, state, {now}), engine, [], now), {
		version: 1,
		at: '2026-11-24T08:00:00.000Z',
		project: 'kws',
		overall: 'degraded',
		url,
		origin: 'files',
		files: ['/home/ada/kws/compose.yaml'],
		engine: {
			kind: 'docker',
			version: '28.5.2',
			context: 'default',
			endpoint: 'unix:///var/run/docker.sock',
		},
		services: [
			{
				service: 'postgres',
				role: 'database',
				state: 'healthy',
				word: 'healthy',
				ok: true,
				image: 'postgres:1',
				ports: [],
				containers: [
					{
						id: 'postgres-id',
						name: 'kws-postgres-1',
						number: 1,
						status: 'running',
						health: 'healthy',
						startedAt: '2026-11-24T07:59:00.000Z',
					},
				],
			},
			{
				service: 'mlflow',
				role: 'tracking',
				state: 'absent',
				word: 'absent',
				ok: false,
				url,
				ports: [mlflowPort],
				containers: [],
			},
		],
		cards: [],
	});
});

test('a password in an address is masked in the JSON', () => {
	const document = statusJson(
		stack,
		stackStatus(stack, stateOf(), {now}),
		{...engine, endpoint: 'tcp://ada:hunter2@gpu-box:2376'},
		[],
		now,
	);
	assert.equal(document.engine.endpoint, 'tcp://ada:***@gpu-box:2376');
});
