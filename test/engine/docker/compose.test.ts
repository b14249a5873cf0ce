import assert from 'node:assert/strict';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {once} from 'node:events';
import {basename, join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {composeVersion, operate} from '../../../src/engine/docker/compose.ts';
import {type DockerCommand, runDocker} from '../../../src/engine/docker/docker-command.ts';
import {ownStackDefinition} from '../../../src/engine/docker/own-stack.ts';
import {Failure} from '../../../src/failure.ts';
import type {OperationKind, OperationRequest, Progress, Stack} from '../../../src/stack/model.ts';
import {skipWithoutEngine} from '../../support/engine-available.ts';
import {fakeDocker, temporaryFolder} from './fake-docker.ts';

const never = new AbortController().signal;
const all: OperationRequest = {services: []};

function stackOf(changes: Partial<Stack> = {}): Stack {
	return {
		project: 'kws',
		origin: 'files',
		files: ['/kws/compose.yaml', '/kws/compose.override.yaml'],
		directory: '/kws',
		services: [
			{
				name: 'db',
				role: 'database',
				image: 'postgres',
				build: false,
				ports: [],
				dependsOn: [],
				hasHealthcheck: false,
			},
		],
		...changes,
	};
}

async function run(
	docker: DockerCommand,
	kind: OperationKind,
	{
		stack = stackOf(),
		request = all,
		signal = never,
	}: {stack?: Stack; request?: OperationRequest; signal?: AbortSignal} = {},
): Promise<Progress[]> {
	const progress: Progress[] = [];
	for await (const item of operate(kind, stack, request, docker, signal)) {
		progress.push(item);
	}

	return progress;
}

const states = (progress: readonly Progress[]) =>
	progress.flatMap((item) => (item.type === 'step' ? [`${item.id}: ${item.state} ${item.status}`] : []));

const project = 'compose --progress json -p kws -f /kws/compose.yaml -f /kws/compose.override.yaml';

const calls: ReadonlyArray<readonly [kind: OperationKind, request: OperationRequest, call: string]> = [
	['up', all, `${project} up --detach`],
	['up', {services: ['db', 'web']}, `${project} up --detach db web`],
	['down', all, `${project} down`],
	['down', {services: [], volumes: true}, `${project} down --volumes`],
	['up', {services: [], volumes: true}, `${project} up --detach`],
	['restart', {services: ['db']}, `${project} restart db`],
	['stop', all, `${project} stop`],
	['start', all, `${project} start`],
];

for (const [kind, request, call] of calls) {
	test(`${kind} ${JSON.stringify(request)} calls: docker ${call}`, async (t) => {
		const docker = fakeDocker(t, '');
		await run(docker, kind, {request});
		assert.deepEqual(docker.calls(), [call]);
	});
}

test('up builds when a service is built from a folder', async (t) => {
	const docker = fakeDocker(t, '');
	const [service] = stackOf().services;
	assert.ok(service);
	await run(docker, 'up', {stack: stackOf({services: [{...service, build: true}]})});
	assert.deepEqual(docker.calls(), [`${project} up --detach --build`]);
});

test('global options stand before compose', async (t) => {
	const docker = {...fakeDocker(t, ''), arguments: ['--context', 'far']};
	await run(docker, 'stop');
	assert.match(docker.calls()[0] ?? '', /^--context far compose /);
});

test('lines of both streams become progress, in order; what still works at the end is done', async (t) => {
	const docker = fakeDocker(
		t,
		`echo '{"id":"Container kws-db-1","status":"Starting"}' >&2
		sleep 0.1
		echo '{"id":"Network kws_default","status":"Created"}'`,
	);
	assert.deepEqual(states(await run(docker, 'up')), [
		'container kws-db-1: working Starting',
		'network kws_default: done Created',
		'container kws-db-1: done Starting',
	]);
});

test('what compose says of its failure becomes a Failure', async (t) => {
	const docker = fakeDocker(
		t,
		`echo '{"error":true,"message":"Bind for 127.0.0.1:15081 failed: port is already allocated"}' >&2; exit 1`,
	);
	await assert.rejects(run(docker, 'up'), {
		code: 'port-taken',
		message: 'port 15081 is taken on this machine',
	});
});

test('a build’s failure holds what the build printed last', async (t) => {
	const log = Buffer.from('ERROR: data.csv is not there\n').toString('base64');
	const docker = fakeDocker(
		t,
		`echo '{"logs":[{"vertex":"sha256:1","stream":2,"data":"${log}"}]}'
		echo '{"error":true,"message":"failed to solve: process \\"x\\" did not complete successfully: exit code: 1"}' >&2
		exit 17`,
	);
	await assert.rejects(run(docker, 'up'), (error) => {
		assert.ok(error instanceof Failure);
		assert.equal(error.code, 'build-failed');
		assert.match(error.why, /data\.csv is not there/);
		return true;
	});
});

const olderComposes = ['unsupported --progress value "json"', 'unknown flag: --progress'];
for (const complaint of olderComposes) {
	test(`a compose that says \`${complaint}\` is asked again for plain lines`, async (t) => {
		const docker = fakeDocker(
			t,
			`case "$*" in
				*--progress*) echo '${complaint}' >&2; exit 1 ;;
				*version*) echo 2.5.0 ;;
				*) echo ' Container kws-db-1  Started' >&2 ;;
			esac`,
		);
		assert.deepEqual(states(await run(docker, 'up')), ['container kws-db-1: done Started']);
	});
}

const noPlugin = `echo "unknown shorthand flag: 'p' in -p" >&2; exit 125`;

test('without the plugin the failure says how to get it', async (t) => {
	const docker = fakeDocker(
		t,
		`echo 'unknown flag: --progress

Usage:  docker [OPTIONS] COMMAND [ARG...]' >&2; exit 125`,
	);
	await assert.rejects(run(docker, 'up'), {code: 'compose-missing'});
	await assert.rejects(composeVersion(fakeDocker(t, noPlugin)), {code: 'compose-missing'});
});

test('only docker-compose 1 is there: that is said', async (t) => {
	const docker = fakeDocker(t, noPlugin, {programs: {'docker-compose': 'echo 1.29.2'}});
	await assert.rejects(composeVersion(docker), {code: 'compose-v1', message: /docker-compose 1\.29\.2/});
});

test('docker-compose 2 that is no plugin can be made one', async (t) => {
	const docker = fakeDocker(t, noPlugin, {programs: {'docker-compose': 'echo v2.40.3'}});
	await assert.rejects(composeVersion(docker), (error) => {
		assert.ok(error instanceof Failure);
		assert.match(error.next.join('\n'), /cli-plugins/);
		return true;
	});
});

test('without a docker command the failure says so', async (t) => {
	const docker = {...fakeDocker(t, ''), environment: {PATH: '/nonexistent'}};
	await assert.rejects(run(docker, 'up'), {code: 'docker-cli-missing'});
});

test('the version of compose has no v before it', async (t) => {
	assert.equal(await composeVersion(fakeDocker(t, 'echo v2.29.1')), '2.29.1');
});

test('up of a project without files is refused; down, stop, start and restart go by its name', async (t) => {
	const docker = fakeDocker(t, '');
	const stack = stackOf({origin: 'project', files: [], directory: '', services: []});
	await assert.rejects(run(docker, 'up', {stack}), {code: 'compose-file-unknown', reason: 'wrongCall'});
	assert.deepEqual(docker.calls(), []);
	await run(docker, 'down', {stack});
	assert.deepEqual(docker.calls(), ['compose --progress json -p kws down']);
});

test('mlstack’s own stack is written at up; before that it is taken down by its name', async (t) => {
	const docker = fakeDocker(
		t,
		`case "$*" in
			"volume inspect"*) echo "no such volume" >&2; exit 1 ;;
		esac`,
	);
	const stack = ownStackDefinition(docker.environment);
	await run(docker, 'down', {stack});
	assert.equal(docker.calls().at(-1), 'compose --progress json -p mlstack down');
	assert.equal(existsSync(stack.directory), false);
	await run(docker, 'up', {stack});
	assert.equal(
		docker.calls().at(-1),
		`compose --progress json -p mlstack -f ${join(stack.directory, 'compose.yaml')} up --detach`,
	);
	writeFileSync(join(stack.directory, 'constraints.txt'), 'mine\n');
	await run(docker, 'up', {stack});
	assert.match(docker.calls().at(-1) ?? '', /up --detach --build$/);
});

/** A docker command with a child, as the plugin is one of the docker CLI's; `ends` says who heard the interruption. */
function dockerWithPlugin(t: TestContext): {docker: DockerCommand; ends: () => readonly string[]} {
	const file = join(temporaryFolder(t), 'ends');
	const atInterrupt = (who: string): string => `trap 'echo ${who} >> ${file}; exit 130' INT`;
	const plugin = `${atInterrupt('plugin')}
		echo '{"id":"Container kws-db-1","status":"Starting"}'
		while :; do sleep 0.05; done`;
	return {
		docker: fakeDocker(t, `${atInterrupt('docker')}; docker-compose`, {programs: {'docker-compose': plugin}}),
		ends: () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').toSorted() : []),
	};
}

async function firstStep(iteration: AsyncGenerator<Progress>): Promise<void> {
	const first = await iteration.next();
	assert.equal(first.done, false);
}

test('an abort interrupts compose and its plugin, waits for them and ends quietly', async (t) => {
	const {docker, ends} = dockerWithPlugin(t);
	const abort = new AbortController();
	const iteration = operate('up', stackOf(), all, docker, abort.signal);
	await firstStep(iteration);
	abort.abort();
	assert.deepEqual(await iteration.next(), {done: true, value: undefined});
	assert.deepEqual(ends(), ['docker', 'plugin']);
});

test('a reader that stops early interrupts them too, and waits', async (t) => {
	const {docker, ends} = dockerWithPlugin(t);
	const iteration = operate('up', stackOf(), all, docker, never);
	await firstStep(iteration);
	await iteration.return(undefined);
	assert.deepEqual(ends(), ['docker', 'plugin']);
});

test('aborted before it began, nothing is run', async (t) => {
	const docker = fakeDocker(t, 'sleep 5');
	assert.deepEqual(await run(docker, 'up', {signal: AbortSignal.abort()}), []);
});

/** A project of its own on the real engine, gone after the test. */
function realStack(t: TestContext, text: string): {docker: DockerCommand; stack: Stack; name: string} {
	const directory = temporaryFolder(t);
	// A folder's name is unique, and its last part makes a project's name.
	const name = basename(directory).toLowerCase();
	const file = join(directory, 'compose.yaml');
	writeFileSync(file, text);
	const docker = {command: 'docker', arguments: [], environment: process.env};
	t.after(async () => runDocker(docker, ['compose', '-p', name, 'down', '--volumes', '--timeout', '1']));
	return {docker, stack: stackOf({project: name, files: [file], directory}), name};
}

test(
	'up, restart, stop, start and down of a real project; down keeps the volume',
	{skip: skipWithoutEngine},
	async (t) => {
		const {docker, stack, name} = realStack(
			t,
			`services:
  db:
    image: busybox
    command: sleep 300
    init: true
    healthcheck: {test: 'true', interval: 1s}
    volumes: ['data:/data']
  web:
    image: busybox
    command: sleep 300
    init: true
    depends_on: {db: {condition: service_healthy}}
volumes: {data: {}}
`,
		);
		const up = states(await run(docker, 'up', {stack}));
		assert.ok(up.includes(`volume ${name}_data: done Created`));
		assert.ok(
			up.indexOf(`container ${name}-db-1: done Healthy`) <
				up.indexOf(`container ${name}-web-1: done Started`),
		);
		const byName: Stack = {...stack, origin: 'project', files: [], directory: '', services: []};
		assert.ok(
			states(await run(docker, 'restart', {stack: byName, request: {services: ['db']}})).some((state) =>
				state.includes('db-1: done'),
			),
		);
		assert.ok(
			states(await run(docker, 'stop', {stack: byName})).includes(`container ${name}-web-1: done Stopped`),
		);
		assert.ok(
			states(await run(docker, 'start', {stack: byName})).includes(`container ${name}-web-1: done Started`),
		);
		assert.ok(
			states(await run(docker, 'down', {stack: byName})).includes(`container ${name}-db-1: done Removed`),
		);
		assert.equal((await runDocker(docker, ['volume', 'inspect', `${name}_data`])).exitCode, 0);
		assert.ok(
			states(await run(docker, 'down', {stack, request: {services: [], volumes: true}})).includes(
				`volume ${name}_data: done Removed`,
			),
		);
	},
);

test(
	'a port that is taken on the real engine names it, and the container has failed',
	{skip: skipWithoutEngine},
	async (t) => {
		const server = createServer().listen(0, '127.0.0.1');
		t.after(() => server.close());
		await once(server, 'listening');
		const address = server.address();
		assert.ok(address !== null && typeof address === 'object');
		const {docker, stack, name} = realStack(
			t,
			`services: {db: {image: busybox, command: sleep 300, init: true, ports: ['127.0.0.1:${address.port}:80']}}\n`,
		);
		const seen: Progress[] = [];
		await assert.rejects(
			async () => {
				for await (const item of operate('up', stack, all, docker, never)) {
					seen.push(item);
				}
			},
			{code: 'port-taken', message: `port ${address.port} is taken on this machine`},
		);
		assert.ok(states(seen).includes(`container ${name}-db-1: failed Starting`));
	},
);
