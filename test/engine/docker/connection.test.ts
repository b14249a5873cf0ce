import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {createServer as createHttpServer} from 'node:http';
import {createServer} from 'node:https';
import type {AddressInfo, Server} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {Connection} from '../../../src/engine/docker/connection.ts';
import {type Endpoint, resolveEndpoint, type TlsMaterial} from '../../../src/engine/docker/endpoint.ts';
import {Failure} from '../../../src/failure.ts';
import {openFakeHarness} from '../../support/docker-harness.ts';
import {DockerServer} from '../../support/docker-server.ts';
import {skipWithoutEngine} from '../../support/engine-available.ts';

async function open(t: TestContext): Promise<Awaited<ReturnType<typeof openFakeHarness>>> {
	const harness = await openFakeHarness();
	t.after(async () => harness.close());
	return harness;
}

async function folder(t: TestContext): Promise<string> {
	const path = await mkdtemp(join(tmpdir(), 'mlstack-connection-'));
	t.after(async () => rm(path, {recursive: true, force: true}));
	return path;
}

test('an engine describes itself in one request', async (t) => {
	const {connection, server} = await open(t);
	assert.deepEqual(await connection.describe(), {
		kind: 'docker',
		version: '28.5.2',
		apiVersion: '1.51',
		context: '--host',
		endpoint: server.url,
		host: 'localhost',
		os: 'linux',
		arch: 'x86_64',
		cpus: 4,
		memory: 8_000_000_000,
	});
	assert.equal(server.requests.length, 1);
});

test('the real engine describes itself', {skip: skipWithoutEngine}, async () => {
	const connection = new Connection(await resolveEndpoint({environment: process.env}));
	const info = await connection.describe();
	connection.close();
	assert.match(info.version, /^\d+\.\d+/);
	assert.match(info.apiVersion, /^1\.\d+$/);
	assert.ok(info.cpus > 0 && info.memory > 0);
});

for (const [engine, asked] of [
	['1.41', 'v1.41'],
	['1.51', 'v1.51'],
	['1.60', 'v1.51'],
] as const) {
	test(`an engine that speaks ${engine} is asked for ${asked} after its first answer`, async (t) => {
		const {connection, server} = await open(t);
		server.apiVersion = engine;
		await connection.json('GET', '/info');
		await connection.json('GET', '/containers/json', {query: {all: true}});
		assert.deepEqual(server.requests, ['/info', `/${asked}/containers/json?all=true`]);
		assert.equal(connection.apiVersion, engine);
	});
}

test('the engine that comes back may speak another version', async (t) => {
	const {connection, server} = await open(t);
	await connection.json('GET', '/info');
	await server.vanish();
	await assert.rejects(connection.json('GET', '/info'));
	server.apiVersion = '1.43';
	await server.return();
	await connection.json('GET', '/info');
	await connection.json('GET', '/info');
	assert.deepEqual(server.requests.slice(-2), ['/info', '/v1.43/info']);
});

test('an engine older than 20.10 is a failure that names its version', async (t) => {
	const {connection, server} = await open(t);
	server.apiVersion = '1.40';
	await assert.rejects(
		connection.describe(),
		(error) =>
			error instanceof Failure &&
			error.code === 'engine-too-old' &&
			error.reason === 'noEngine' &&
			error.why.includes('1.40'),
	);
});

for (const [status, code] of [
	[400, 'refused'],
	[403, 'refused'],
	[404, 'not-found'],
	[409, 'conflict'],
	[500, 'engine-error'],
	[501, 'not-supported'],
	[503, 'engine-error'],
] as const) {
	test(`status ${status} is a failure with Docker's message and the code ${code}`, async (t) => {
		const {connection, server} = await open(t);
		server.faults.push({path: /info/, status, message: 'no, because'});
		await assert.rejects(
			connection.json('GET', '/info'),
			(error) =>
				error instanceof Failure &&
				error.message === 'no, because' &&
				error.code === code &&
				error.why.includes(String(status)),
		);
	});
}

test('an answer that is no JSON is no Docker Engine', async (t) => {
	const {connection, server} = await open(t);
	server.faults.push({path: /info/, body: '<html>It works!</html>'});
	await assert.rejects(
		connection.json('GET', '/info'),
		(error) => error instanceof Failure && error.code === 'not-docker' && error.reason === 'noEngine',
	);
});

test('an answer that breaks off is explained as an engine that went away', async (t) => {
	const {connection, server} = await open(t);
	server.faults.push({path: /info/, cutAfter: 10});
	await assert.rejects(
		connection.describe(),
		(error) => error instanceof Failure && error.code === 'engine-lost',
	);
});

test('an absent engine is a failure that says what was tried', async (t) => {
	const {connection, server} = await open(t);
	await server.vanish();
	await assert.rejects(
		connection.describe(),
		(error) =>
			error instanceof Failure && error.reason === 'noEngine' && error.why.includes(`--host ${server.url}`),
	);
});

test('an abort rejects with its reason, before and during a slow answer', async (t) => {
	const {connection, server} = await open(t);
	await assert.rejects(
		connection.json('GET', '/info', {signal: AbortSignal.abort(new Error('at once'))}),
		/at once/,
	);
	server.faults.push({path: /info/, delay: 60_000});
	const abort = new AbortController();
	setTimeout(() => abort.abort(new Error('too slow')), 30);
	await assert.rejects(connection.json('GET', '/info', {signal: abort.signal}), /too slow/);
});

test('closing ends the requests that are under way', async (t) => {
	const {connection, server} = await open(t);
	server.faults.push({path: /info/, delay: 60_000});
	setTimeout(() => connection.close(), 30);
	await assert.rejects(connection.json('GET', '/info'));
	assert.equal(connection.closed.aborted, true);
});

test('DOCKER_HOST of the process does not disturb a connection to another engine', async (t) => {
	const {server} = await open(t);
	const before = process.env['DOCKER_HOST'];
	process.env['DOCKER_HOST'] = 'tcp://not an address';
	t.after(() => {
		delete process.env['DOCKER_HOST'];
		if (before !== undefined) {
			process.env['DOCKER_HOST'] = before;
		}
	});
	const connection = new Connection(await resolveEndpoint({host: server.url, environment: {}}));
	assert.equal((await connection.describe()).version, '28.5.2');
	assert.equal(process.env['DOCKER_HOST'], 'tcp://not an address');
	connection.close();
});

test('behind ssh the docker CLI dials: its standard input and output are the connection', async (t) => {
	const {server} = await open(t);
	const path = await folder(t);
	const {connection} = await behindSsh(
		path,
		`require('node:fs').appendFileSync(${JSON.stringify(join(path, 'calls'))}, process.argv.slice(2).join(' ') + '\\n');
const socket = require('node:net').connect(${JSON.stringify(server.socketPath)});
process.stdin.pipe(socket).pipe(process.stdout);`,
	);
	t.after(() => connection.close());
	assert.equal((await connection.describe()).host, 'gpu-box');
	const container = server.create({name: 'x'});
	container.start();
	for (let count = 0; count < 5; count++) {
		await connection.json('GET', `/containers/${container.id}/json`);
	}

	const calls = (await readFile(join(path, 'calls'), 'utf8')).trim().split('\n');
	assert.deepEqual(calls, ['--host ssh://ana@gpu-box system dial-stdio'], 'one connection serves them all');
});

test('what ssh says when it cannot connect is in the failure', async (t) => {
	const {connection} = await behindSsh(
		await folder(t),
		`console.error('command [ssh ...] has exited with exit status 255: stderr=ssh: Could not resolve hostname gpu-box');
process.exit(1);`,
	);
	t.after(() => connection.close());
	await assert.rejects(
		connection.describe(),
		(error) =>
			error instanceof Failure &&
			error.code === 'engine-ssh' &&
			error.why.startsWith('ssh says: Could not resolve hostname gpu-box'),
	);
});

test('without the docker CLI an engine behind ssh is out of reach, and the failure says so', async (t) => {
	const endpoint = await resolveEndpoint({host: 'ssh://ana@gpu-box', environment: {}});
	const connection = new Connection(endpoint, {PATH: await folder(t)});
	await assert.rejects(
		connection.describe(),
		(error) => error instanceof Failure && error.message.includes('docker CLI is missing'),
	);
	connection.close();
});

/** A connection whose docker command is this script. */
async function behindSsh(path: string, script: string): Promise<{connection: Connection}> {
	await writeFile(join(path, 'docker'), `#!${process.execPath}\n${script}\n`, {mode: 0o755});
	const endpoint = await resolveEndpoint({host: 'ssh://ana@gpu-box', environment: {}});
	return {connection: new Connection(endpoint, {PATH: path})};
}

test(
	'a TLS engine is verified against the context’s certificate, and knows us by ours',
	{
		skip: hasOpenssl() ? false : 'openssl, which makes the certificates, is not here',
	},
	async (t) => {
		const path = await folder(t);
		makeCertificate(path);
		const cert = await readFile(join(path, 'cert.pem'), 'utf8');
		const key = await readFile(join(path, 'key.pem'), 'utf8');
		// It is signed by itself, so that it is its own authority.
		const ca = cert;
		const server = createServer({ca, cert, key, requestCert: true}, (_request, response) => {
			response.setHeader('Api-Version', '1.51');
			response.end('{"ServerVersion": "28.5.2"}');
		});
		const port = await listen(t, server);

		const trusted = new Connection(tlsEndpoint(port, {ca, cert, key, verify: true}));
		assert.equal((await trusted.describe()).version, '28.5.2');
		trusted.close();

		const unknown = new Connection(tlsEndpoint(port, {cert, key, verify: true}));
		await assert.rejects(unknown.describe(), isTlsFailure);
		unknown.close();

		const nobody = new Connection(tlsEndpoint(port, {ca, verify: true}));
		await assert.rejects(
			nobody.describe(),
			(error) => error instanceof Failure && error.reason === 'noEngine',
		);
		nobody.close();
	},
);

test('an engine that wants TLS says so to a plain request', async (t) => {
	// The answer of Go's TLS server.
	const server = createHttpServer((_request, response) => {
		response.statusCode = 400;
		response.end('Client sent an HTTP request to an HTTPS server.\n');
	});
	const connection = new Connection(tlsEndpoint(await listen(t, server), undefined));
	await assert.rejects(connection.describe(), isTlsFailure);
	connection.close();
});

function isTlsFailure(error: unknown): boolean {
	return error instanceof Failure && error.code === 'engine-tls' && error.reason === 'noEngine';
}

async function listen(t: TestContext, server: Server): Promise<number> {
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.close());
	return (server.address() as AddressInfo).port;
}

function tlsEndpoint(port: number, tls: TlsMaterial | undefined): Endpoint {
	return {
		url: `tcp://127.0.0.1:${port}`,
		address: {kind: 'tcp', host: '127.0.0.1', port, prefix: ''},
		context: 'lab',
		host: 'localhost',
		tried: [],
		cliArguments: [],
		...(tls === undefined ? {} : {tls}),
	};
}

function hasOpenssl(): boolean {
	try {
		execFileSync('openssl', ['version'], {stdio: 'pipe'});
		return true;
	} catch {
		return false;
	}
}

/** One certificate for both sides. */
function makeCertificate(cwd: string): void {
	const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'key.pem'];
	const subject = ['-subj', '/CN=mlstack test', '-addext', 'subjectAltName=IP:127.0.0.1'];
	execFileSync('openssl', ['req', '-x509', ...newKey, ...subject, '-out', 'cert.pem'], {
		cwd,
		stdio: 'pipe',
	});
}

test('a server of our own leaves nothing behind', async () => {
	const server = await DockerServer.start();
	await server.close();
	await assert.rejects(readFile(server.socketPath), /ENOENT/);
});
