import assert from 'node:assert/strict';
import {test} from 'node:test';
import {containerOfEvent, parseContainerList, parseInspect} from '../../../src/engine/docker/containers.ts';
import {Failure} from '../../../src/failure.ts';

const composeLabels = {
	'com.docker.compose.project': 'kws',
	'com.docker.compose.service': 'postgres',
	'com.docker.compose.container-number': '2',
	'com.docker.compose.oneoff': 'False',
};

/** An item of `GET /containers/json` of Docker Engine 28.5, shortened. */
const listed = {
	Id: 'c0ffee',
	Names: ['/kws-postgres-2'],
	Image: 'postgres:18',
	ImageID: 'sha256:1',
	Command: 'docker-entrypoint.sh postgres',
	Ports: [
		{PrivatePort: 9187, Type: 'tcp'},
		{IP: '::', PrivatePort: 5432, PublicPort: 5432, Type: 'tcp'},
		{IP: '0.0.0.0', PrivatePort: 5432, PublicPort: 5432, Type: 'tcp'},
	],
	Labels: composeLabels,
	State: 'running',
	Status: 'Up 3 minutes (healthy)',
	Mounts: [{Type: 'volume', Destination: '/var/lib/postgresql'}],
};

test('a listed container is read with everything that the list knows', () => {
	assert.deepEqual(parseContainerList([listed]), [
		{
			id: 'c0ffee',
			name: 'kws-postgres-2',
			service: 'postgres',
			role: 'database',
			number: 2,
			image: 'postgres:18',
			status: 'running',
			health: 'healthy',
			ports: [
				{address: '0.0.0.0', published: 5432, target: 5432, protocol: 'tcp'},
				{address: '::', published: 5432, target: 5432, protocol: 'tcp'},
			],
		},
	]);
});

/** The texts are those of moby's container state. */
const texts: readonly [state: string, text: string, health: string, exitCode: number | undefined][] = [
	['running', 'Up Less than a second', 'none', undefined],
	['running', 'Up 2 seconds (health: starting)', 'starting', undefined],
	['running', 'Up 5 days (unhealthy)', 'unhealthy', undefined],
	['paused', 'Up 2 minutes (Paused)', 'none', undefined],
	['exited', 'Exited (0) 3 minutes ago', 'none', 0],
	['exited', 'Exited (137) Less than a second ago', 'none', 137],
	['restarting', 'Restarting (1) 3 seconds ago', 'none', undefined],
	['created', 'Created', 'none', undefined],
	['removing', 'Removal In Progress', 'none', undefined],
	['dead', 'Dead', 'none', undefined],
];

for (const [State, Status, health, exitCode] of texts) {
	test(`the list's '${Status}' is ${State}, health ${health}, exit code ${exitCode}`, () => {
		const [container] = parseContainerList([{...listed, State, Status}]);
		assert.equal(container?.status, State);
		assert.equal(container?.health, health);
		assert.equal(container?.exitCode, exitCode);
	});
}

test('one-off containers, and what is no container, are left out of a list', () => {
	const oneOff = {...listed, Labels: {...composeLabels, 'com.docker.compose.oneoff': 'True'}};
	assert.deepEqual(parseContainerList([oneOff, null, 'text', {}, {...listed, State: 'dreaming'}]), []);
});

test('an answer that is no list is a failure', () => {
	assert.throws(
		() => parseContainerList({message: 'x'}),
		(error) => error instanceof Failure && error.code === 'not-docker',
	);
});

/** An answer of `GET /containers/{id}/json` of Docker Engine 28.5, shortened. */
const inspected = {
	Id: 'c0ffee',
	Name: '/kws-mlflow-1',
	RestartCount: 3,
	State: {
		Status: 'running',
		OOMKilled: false,
		ExitCode: 0,
		StartedAt: '2026-11-24T05:38:56.601521397Z',
		FinishedAt: '2026-11-24T05:38:50.5Z',
		Health: {Status: 'starting'},
	},
	Config: {
		Image: 'python:3.13-slim',
		Entrypoint: ['mlflow'],
		Cmd: ['server', '--host', '0.0.0.0'],
		Env: ['PATH=/bin', 'EMPTY=', 'A=b=c'],
		Labels: {...composeLabels, 'com.docker.compose.service': 'mlflow'},
		Tty: true,
		Healthcheck: {Test: ['CMD', 'true']},
	},
	NetworkSettings: {
		Ports: {
			'5000/tcp': [{HostIp: '127.0.0.1', HostPort: '5001'}],
			'53/udp': [{HostIp: '', HostPort: '53'}],
			'8080/tcp': null,
		},
	},
	Mounts: [],
};

test('an inspected container is read with its times, ports and role', () => {
	assert.deepEqual(parseInspect(inspected), {
		container: {
			id: 'c0ffee',
			name: 'kws-mlflow-1',
			service: 'mlflow',
			role: 'tracking',
			number: 2,
			image: 'python:3.13-slim',
			status: 'running',
			health: 'starting',
			startedAt: Date.parse('2026-11-24T05:38:56.601Z'),
			restartCount: 3,
			ports: [
				{address: '', published: 53, target: 53, protocol: 'udp'},
				{address: '127.0.0.1', published: 5001, target: 5000, protocol: 'tcp'},
			],
			tty: true,
		},
		hasHealthcheck: true,
	});
});

test('the end of a container is told once it has ended, and its health no more', () => {
	const {container} =
		parseInspect({
			...inspected,
			State: {
				...inspected.State,
				Status: 'exited',
				ExitCode: 137,
				OOMKilled: true,
				Health: {Status: 'unhealthy'},
			},
		}) ?? assert.fail();
	assert.equal(container.exitCode, 137);
	assert.equal(container.oomKilled, true);
	assert.equal(container.finishedAt, Date.parse('2026-11-24T05:38:50.5Z'));
	assert.equal(container.health, 'none');
});

test('a container that never started has no times and no exit code', () => {
	const never = '0001-01-01T00:00:00Z';
	const {container} =
		parseInspect({
			...inspected,
			State: {Status: 'created', ExitCode: 0, StartedAt: never, FinishedAt: never},
		}) ?? assert.fail();
	assert.equal(container.startedAt, undefined);
	assert.equal(container.finishedAt, undefined);
	assert.equal(container.exitCode, undefined);
});

for (const [what, healthcheck, expected] of [
	['is switched off', {Test: ['NONE']}, false],
	['is empty', {}, false],
	['is a command', {Test: ['CMD-SHELL', 'pg_isready']}, true],
] as const) {
	test(`a healthcheck that ${what} ${expected ? 'counts' : 'does not count'}`, () => {
		const answer = {...inspected, Config: {...inspected.Config, Healthcheck: healthcheck}};
		assert.equal(parseInspect(answer)?.hasHealthcheck, expected);
	});
}

test('what is no inspection is nothing', () => {
	for (const answer of [undefined, null, [], {}, {Id: 'x'}, {Id: 'x', State: {Status: 7}}]) {
		assert.equal(parseInspect(answer), undefined);
	}
});

test('an event alone is enough for a container with its name, service and role', () => {
	assert.deepEqual(
		containerOfEvent('c0ffee', {...composeLabels, name: 'kws-postgres-2', image: 'postgres:18'}),
		{
			id: 'c0ffee',
			name: 'kws-postgres-2',
			service: 'postgres',
			role: 'database',
			number: 2,
			image: 'postgres:18',
			status: 'created',
			health: 'none',
			ports: [],
		},
	);
	assert.equal(
		containerOfEvent('c0ffee', {...composeLabels, 'com.docker.compose.oneoff': 'True'}),
		undefined,
	);
});

test('the role that a label names is the container’s, wherever it is read from', () => {
	const labels = {...composeLabels, 'mlstack.role': 'tracking'};
	assert.equal(parseContainerList([{...listed, Labels: labels}])[0]?.role, 'tracking');
	assert.equal(containerOfEvent('x', labels)?.role, 'tracking');
	assert.equal(
		parseInspect({...inspected, Config: {...inspected.Config, Labels: labels}})?.container.role,
		'tracking',
	);
});
