import assert from 'node:assert/strict';
import {test} from 'node:test';
import {hasDisplay} from '../../src/commands/browse.ts';
import {runCli} from '../support/cli.ts';
import {FakeEngine} from '../support/fake-engine.ts';
import {FakeMlflow} from '../support/fake-mlflow.ts';
import {aContainer, aService, aStack} from '../support/stack.ts';

function running(server: FakeMlflow): FakeEngine {
	return new FakeEngine(
		aContainer('postgres'),
		aContainer('mlflow', {startedAt: Date.now() - 5000, ports: server.ports}),
	);
}

test('prints the address and opens it', async () => {
	await using server = await FakeMlflow.start();
	const {stdout, stderr, opened, code} = await runCli(['open'], {engine: running(server)});
	assert.deepEqual([stdout, stderr, opened, code], [`${server.url}\n`, '', [server.url], 0]);
});

test('--print opens nothing', async () => {
	await using server = await FakeMlflow.start();
	const {stdout, opened, code} = await runCli(['open', '--print'], {engine: running(server)});
	assert.deepEqual([stdout, opened, code], [`${server.url}\n`, [], 0]);
});

test('without a browser the address is still printed, and that is no failure', async () => {
	await using server = await FakeMlflow.start();
	const {stdout, stderr, code} = await runCli(['open'], {engine: running(server), browser: false});
	assert.equal(stdout, `${server.url}\n`);
	assert.match(stderr, /no browser here/);
	assert.equal(code, 0);
});

test('a server whose database is down is opened, with a note', async () => {
	await using server = await FakeMlflow.start();
	server.hasDatabase = false;
	const {stderr, opened, code} = await runCli(['open'], {engine: running(server)});
	assert.match(stderr, /cannot reach its database/);
	assert.deepEqual([opened, code], [[server.url], 0]);
});

test('where nothing answers yet nothing is opened: exit code 4', async () => {
	const server = await FakeMlflow.start();
	const {url} = server;
	const engine = running(server);
	await server[Symbol.asyncDispose]();
	const {stdout, stderr, opened, code} = await runCli(['open'], {engine});
	assert.equal(stdout, `${url}\n`);
	assert.match(stderr, /nothing answers there yet: Nothing listens at this address yet/);
	assert.deepEqual([opened, code], [[], 4]);
});

test('where nothing runs the address comes from the file: exit code 4', async () => {
	const {stdout, stderr, code} = await runCli(['open'], {engine: new FakeEngine()});
	assert.equal(stdout, 'http://localhost:5000\n');
	assert.match(stderr, /`mlstack up --wait` starts it/);
	assert.equal(code, 4);
});

test('--json says whether it answers and whether it was opened', async () => {
	await using server = await FakeMlflow.start();
	const {stdout} = await runCli(['open', '--json', '--print'], {engine: running(server)});
	assert.deepEqual(JSON.parse(stdout), {
		version: 1,
		url: server.url,
		opened: false,
		answers: true,
		works: true,
	});
});

test('a stack without a tracking server, or without a port of it, says what to do', async () => {
	const engine = new FakeEngine();
	engine.stack = aStack({services: [aService('postgres')]});
	const none = await runCli(['open'], {engine});
	assert.match(none.stderr, /none of its services is an MLflow server\n {2}next: .*mlstack\.role: tracking/);
	engine.stack = aStack({services: [aService('mlflow', {ports: []})]});
	const hidden = await runCli(['open'], {engine});
	assert.match(hidden.stderr, /publishes no port/);
	assert.deepEqual([none.code, hidden.code], [4, 4]);
});

const displays: ReadonlyArray<
	readonly [environment: Record<string, string>, platform: NodeJS.Platform, expected: boolean]
> = [
	[{}, 'darwin', true],
	[{}, 'win32', true],
	[{}, 'linux', false],
	[{DISPLAY: ':0'}, 'linux', true],
	[{WAYLAND_DISPLAY: 'wayland-0'}, 'linux', true],
	[{WSL_DISTRO_NAME: 'Debian'}, 'linux', true],
	[{DISPLAY: 'localhost:10.0', SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22'}, 'linux', false],
	[{SSH_TTY: '/dev/ttys001'}, 'darwin', false],
];
for (const [environment, platform, expected] of displays) {
	test(`a browser on ${platform} with ${Object.keys(environment).join(', ') || 'nothing set'}: ${expected}`, () => {
		assert.equal(hasDisplay(environment, platform), expected);
	});
}
