import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {parseAddress} from '../../../src/engine/docker/address.ts';
import {type Machine, resolveEndpoint} from '../../../src/engine/docker/endpoint.ts';
import {Failure} from '../../../src/failure.ts';

/** A home folder of its own, and helpers that fill it. */
async function fakeMachine(t: TestContext): Promise<{
	machine: Machine;
	write: (path: string, text: string) => Promise<void>;
	writeContext: (name: string, meta: unknown, pem?: Record<string, string>) => Promise<void>;
	listen: (path: string) => Promise<string>;
}> {
	const home = await mkdtemp(join(tmpdir(), 'mlstack-home-'));
	t.after(() => rm(home, {recursive: true, force: true}));
	const write = async (path: string, text: string): Promise<void> => {
		await mkdir(join(home, path, '..'), {recursive: true});
		await writeFile(join(home, path), text);
	};

	return {
		machine: {platform: 'linux', home, defaultSocket: join(home, 'var', 'docker.sock')},
		write,
		writeContext: async (name, meta, pem = {}) => {
			const id = createHash('sha256').update(name).digest('hex');
			await write(`.docker/contexts/meta/${id}/meta.json`, JSON.stringify(meta));
			for (const [file, text] of Object.entries(pem)) {
				await write(`.docker/contexts/tls/${id}/docker/${file}`, text);
			}
		},
		listen: async (path) => {
			await mkdir(join(home, path, '..'), {recursive: true});
			const server = createServer();
			await new Promise<void>((resolve) => {
				server.listen(join(home, path), resolve);
			});
			t.after(() => server.close());
			return join(home, path);
		},
	};
}

function dockerContext(Host: string, more: object = {}): unknown {
	return {Name: 'x', Metadata: {}, Endpoints: {docker: {Host, SkipTLSVerify: false, ...more}}};
}

test('--host comes before everything else and goes on to the docker CLI', async (t) => {
	const {machine, write} = await fakeMachine(t);
	await write('.docker/config.json', '{"currentContext": "gpu"}');
	const endpoint = await resolveEndpoint(
		{
			host: 'tcp://10.0.0.5:2376',
			environment: {DOCKER_HOST: 'unix:///elsewhere', DOCKER_CONTEXT: 'another'},
		},
		machine,
	);
	assert.deepEqual(endpoint, {
		url: 'tcp://10.0.0.5:2376',
		address: {kind: 'tcp', host: '10.0.0.5', port: 2376, prefix: ''},
		context: '--host',
		host: '10.0.0.5',
		tried: ['--host tcp://10.0.0.5:2376'],
		cliArguments: ['--host', 'tcp://10.0.0.5:2376'],
	});
});

test('--context is read from the docker CLI’s store and comes before DOCKER_HOST', async (t) => {
	const {machine, writeContext} = await fakeMachine(t);
	await writeContext('gpu', dockerContext('ssh://ana@gpu-box:2222'));
	const endpoint = await resolveEndpoint(
		{context: 'gpu', environment: {DOCKER_HOST: 'unix:///elsewhere'}},
		machine,
	);
	assert.equal(endpoint.url, 'ssh://ana@gpu-box:2222');
	assert.deepEqual(endpoint.address, {kind: 'ssh', host: 'gpu-box'});
	assert.equal(endpoint.context, 'gpu');
	assert.equal(endpoint.host, 'gpu-box');
	assert.deepEqual(endpoint.cliArguments, ['--context', 'gpu']);
});

test('--host and --context together are a wrong call', async (t) => {
	const {machine} = await fakeMachine(t);
	await assert.rejects(
		resolveEndpoint({host: 'tcp://a', context: 'b', environment: {}}, machine),
		(error) => error instanceof Failure && error.reason === 'wrongCall',
	);
});

test('DOCKER_HOST comes before DOCKER_CONTEXT and the current context', async (t) => {
	const {machine, write} = await fakeMachine(t);
	await write('.docker/config.json', '{"currentContext": "gpu"}');
	const endpoint = await resolveEndpoint(
		{environment: {DOCKER_HOST: 'unix:///run/other.sock', DOCKER_CONTEXT: 'another'}},
		machine,
	);
	assert.deepEqual(endpoint.address, {kind: 'socket', path: '/run/other.sock'});
	assert.equal(endpoint.context, 'DOCKER_HOST');
	assert.equal(endpoint.host, 'localhost');
	assert.deepEqual(endpoint.cliArguments, []);
});

test('DOCKER_CONTEXT comes before the current context', async (t) => {
	const {machine, write, writeContext} = await fakeMachine(t);
	await write('.docker/config.json', '{"currentContext": "gpu"}');
	await writeContext('colima', dockerContext('unix:///Users/ana/.colima/default/docker.sock'));
	const endpoint = await resolveEndpoint({environment: {DOCKER_CONTEXT: 'colima'}}, machine);
	assert.equal(endpoint.url, 'unix:///Users/ana/.colima/default/docker.sock');
	assert.equal(endpoint.context, 'colima');
	assert.deepEqual(endpoint.cliArguments, [], 'the docker CLI reads the variable itself');
});

test('the current context is read with its TLS files', async (t) => {
	const {machine, write, writeContext} = await fakeMachine(t);
	await write('.docker/config.json', '{"currentContext": "lab"}');
	await writeContext('lab', dockerContext('tcp://lab.example.org:2376'), {
		'ca.pem': 'CA',
		'cert.pem': 'CERT',
		'key.pem': 'KEY',
	});
	const endpoint = await resolveEndpoint({environment: {}}, machine);
	assert.deepEqual(endpoint.tls, {ca: 'CA', cert: 'CERT', key: 'KEY', verify: true});
	assert.equal(endpoint.host, 'lab.example.org');
	assert.equal(endpoint.context, 'lab');
	assert.ok(endpoint.tried.some((line) => line.includes('config.json')));
});

test('a context that skips verification uses TLS without files', async (t) => {
	const {machine, writeContext} = await fakeMachine(t);
	await writeContext('lab', dockerContext('tcp://lab:2376', {SkipTLSVerify: true}));
	const endpoint = await resolveEndpoint({context: 'lab', environment: {}}, machine);
	assert.deepEqual(endpoint.tls, {verify: false});
});

test('DOCKER_CONFIG moves the configuration', async (t) => {
	const {machine, write} = await fakeMachine(t);
	const id = createHash('sha256').update('moved').digest('hex');
	await write('elsewhere/config.json', '{"currentContext": "moved"}');
	await write(`elsewhere/contexts/meta/${id}/meta.json`, JSON.stringify(dockerContext('unix:///moved.sock')));
	const endpoint = await resolveEndpoint(
		{environment: {DOCKER_CONFIG: join(machine.home, 'elsewhere')}},
		machine,
	);
	assert.equal(endpoint.url, 'unix:///moved.sock');
});

test('a context that does not exist is a failure that names it and who asked for it', async (t) => {
	const {machine} = await fakeMachine(t);
	await assert.rejects(
		resolveEndpoint({environment: {DOCKER_CONTEXT: 'gone'}}, machine),
		(error) =>
			error instanceof Failure &&
			error.code === 'context-unknown' &&
			error.message.includes('gone') &&
			error.why.includes('DOCKER_CONTEXT') &&
			error.next.includes('docker context ls'),
	);
});

test('a context without a Docker endpoint is a failure', async (t) => {
	const {machine, writeContext} = await fakeMachine(t);
	await writeContext('cluster', {Name: 'cluster', Endpoints: {kubernetes: {Host: 'https://k'}}});
	await assert.rejects(
		resolveEndpoint({context: 'cluster', environment: {}}, machine),
		(error) => error instanceof Failure && error.code === 'context-unknown',
	);
});

test('the context named default is the default socket, or DOCKER_HOST', async (t) => {
	const {machine} = await fakeMachine(t);
	const socket = await resolveEndpoint({context: 'default', environment: {}}, machine);
	assert.equal(socket.url, `unix://${machine.defaultSocket}`);
	const variable = await resolveEndpoint(
		{context: 'default', environment: {DOCKER_HOST: 'unix:///other.sock'}},
		machine,
	);
	assert.equal(variable.url, 'unix:///other.sock');
	assert.deepEqual(variable.cliArguments, ['--context', 'default']);
});

test('without any socket the default one is named, with everything that was tried', async (t) => {
	const {machine} = await fakeMachine(t);
	const endpoint = await resolveEndpoint({environment: {XDG_RUNTIME_DIR: '/run/user/1000'}}, machine);
	assert.equal(endpoint.url, `unix://${machine.defaultSocket}`);
	assert.equal(endpoint.context, 'default');
	assert.deepEqual(endpoint.cliArguments, []);
	assert.deepEqual(endpoint.tried, [
		'DOCKER_HOST and DOCKER_CONTEXT: not set',
		`${machine.home}/.docker/config.json: not there`,
		`${machine.defaultSocket}: not there`,
		`${machine.home}/.docker/run/docker.sock: not there`,
		'/run/user/1000/docker.sock: not there',
	]);
});

test('the sockets of Docker Desktop and of a rootless engine are found after the default one', async (t) => {
	const {machine, listen} = await fakeMachine(t);
	const rootless = await listen('run/docker.sock');
	const environment = {XDG_RUNTIME_DIR: join(machine.home, 'run')};
	const first = await resolveEndpoint({environment}, machine);
	assert.equal(first.url, `unix://${rootless}`);
	assert.deepEqual(first.cliArguments, ['--host', `unix://${rootless}`]);

	const desktop = await listen('.docker/run/docker.sock');
	assert.equal((await resolveEndpoint({environment}, machine)).url, `unix://${desktop}`);

	await listen('var/docker.sock');
	const last = await resolveEndpoint({environment}, machine);
	assert.equal(last.url, `unix://${machine.defaultSocket}`);
	assert.deepEqual(last.cliArguments, []);
});

test('a file in the place of a socket is passed over', async (t) => {
	const {machine, write} = await fakeMachine(t);
	await write('var/docker.sock', '');
	const endpoint = await resolveEndpoint({environment: {}}, machine);
	assert.ok(endpoint.tried.includes(`${machine.defaultSocket}: not a socket`));
});

test('on Windows the default is the named pipe', async (t) => {
	const {machine} = await fakeMachine(t);
	const endpoint = await resolveEndpoint(
		{environment: {}},
		{...machine, platform: 'win32', defaultSocket: '//./pipe/docker_engine'},
	);
	assert.equal(endpoint.url, 'npipe:////./pipe/docker_engine');
	assert.deepEqual(endpoint.address, {kind: 'socket', path: '//./pipe/docker_engine'});
});

test('a configuration that cannot be read is passed over, as the docker CLI does', async (t) => {
	const {machine, write} = await fakeMachine(t);
	await write('.docker/config.json', '{"currentContext": ');
	const endpoint = await resolveEndpoint({environment: {}}, machine);
	assert.equal(endpoint.context, 'default');
	assert.ok(endpoint.tried.includes(`${machine.home}/.docker/config.json: cannot be read`));
});

test('DOCKER_TLS_VERIFY takes its files from DOCKER_CERT_PATH, and means nothing for a socket', async (t) => {
	const {machine, write} = await fakeMachine(t);
	await write('certificates/ca.pem', 'CA');
	const environment = {DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: join(machine.home, 'certificates')};
	const remote = await resolveEndpoint({host: 'tcp://lab:2376', environment}, machine);
	assert.deepEqual(remote.tls, {ca: 'CA', verify: true});
	const local = await resolveEndpoint({host: 'unix:///x.sock', environment}, machine);
	assert.equal(local.tls, undefined);
});

test('DOCKER_TLS alone does not verify, and takes its files from beside config.json', async (t) => {
	const {machine, write} = await fakeMachine(t);
	await write('.docker/ca.pem', 'CA');
	const endpoint = await resolveEndpoint(
		{environment: {DOCKER_TLS: '1', DOCKER_HOST: 'tcp://lab:2376'}},
		machine,
	);
	assert.deepEqual(endpoint.tls, {ca: 'CA', verify: false});
});

test('missing TLS files are a failure that says where they should be', async (t) => {
	const {machine} = await fakeMachine(t);
	await assert.rejects(
		resolveEndpoint(
			{
				environment: {
					DOCKER_TLS_VERIFY: '1',
					DOCKER_CERT_PATH: '/nowhere',
					DOCKER_HOST: 'tcp://lab:2376',
				},
			},
			machine,
		),
		(error) =>
			error instanceof Failure && error.code === 'tls-files' && error.why.includes('/nowhere/ca.pem'),
	);
});

const addresses: readonly [text: string, address: unknown][] = [
	['unix:///run/docker.sock', {kind: 'socket', path: '/run/docker.sock'}],
	['unix://', {kind: 'socket', path: '/var/run/docker.sock'}],
	['npipe:////./pipe/docker_engine', {kind: 'socket', path: '//./pipe/docker_engine'}],
	['tcp://10.0.0.5:2376', {kind: 'tcp', host: '10.0.0.5', port: 2376, prefix: ''}],
	['tcp://lab', {kind: 'tcp', host: 'lab', port: 2375, prefix: ''}],
	['tcp://lab:80', {kind: 'tcp', host: 'lab', port: 80, prefix: ''}],
	['tcp://', {kind: 'tcp', host: '127.0.0.1', port: 2375, prefix: ''}],
	['tcp://:4243', {kind: 'tcp', host: '127.0.0.1', port: 4243, prefix: ''}],
	['tcp://lab:2375/docker/', {kind: 'tcp', host: 'lab', port: 2375, prefix: '/docker'}],
	['tcp://[fd00::5]:2376', {kind: 'tcp', host: 'fd00::5', port: 2376, prefix: ''}],
	['lab:2376', {kind: 'tcp', host: 'lab', port: 2376, prefix: ''}],
	[' ssh://ana@gpu-box ', {kind: 'ssh', host: 'gpu-box'}],
	['ssh://[fd00::5]:22', {kind: 'ssh', host: 'fd00::5'}],
];

for (const [text, address] of addresses) {
	test(`the address '${text}' is read as the docker CLI reads it`, () => {
		assert.deepEqual(parseAddress(text, 'DOCKER_HOST'), address);
	});
}

for (const text of ['http://lab:2375', 'fd://3', 'unix://tcp://lab', 'tcp://la b']) {
	test(`the address '${text}' is refused with what would be right`, () => {
		assert.throws(
			() => parseAddress(text, 'DOCKER_HOST'),
			(error) => error instanceof Failure && error.code === 'bad-host' && error.why.includes('DOCKER_HOST'),
		);
	});
}
