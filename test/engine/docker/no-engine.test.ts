import assert from 'node:assert/strict';
import {test} from 'node:test';
import {type Address, hostOf} from '../../../src/engine/docker/address.ts';
import type {Endpoint} from '../../../src/engine/docker/endpoint.ts';
import {type Facts, gatherFacts} from '../../../src/engine/docker/facts.ts';
import {noEngineFailure, shortReason} from '../../../src/engine/docker/no-engine.ts';
import {Failure, failureText} from '../../../src/failure.ts';

const linux: Facts = {
	platform: 'linux',
	installed: true,
	systemd: true,
	wsl: false,
	user: 'ana',
	otherSockets: [],
};
const mac: Facts = {...linux, platform: 'darwin', systemd: false};
const windows: Facts = {...linux, platform: 'win32', systemd: false};

function endpoint(url: string, address: Address, more: Partial<Endpoint> = {}): Endpoint {
	return {
		url,
		address,
		context: 'default',
		host: hostOf(address),
		tried: ['DOCKER_HOST: not set', '/var/run/docker.sock: not there'],
		cliArguments: [],
		...more,
	};
}

const socket = endpoint('unix:///var/run/docker.sock', {kind: 'socket', path: '/var/run/docker.sock'});
const remote = endpoint('tcp://lab:2376', {kind: 'tcp', host: 'lab', port: 2376, prefix: ''});
const ssh = endpoint('ssh://ana@gpu-box:2222', {kind: 'ssh', host: 'gpu-box'});

function systemError(code: string, message = `connect ${code}`): Error {
	return Object.assign(new Error(message), {code});
}

interface Case {
	readonly what: string;
	readonly endpoint: Endpoint;
	readonly error: unknown;
	readonly facts: Facts;
	readonly code: string;
	/** All of it is in the text that the user reads. */
	readonly says: readonly string[];
}

const cases: readonly Case[] = [
	{
		what: 'Docker is not installed on Linux',
		endpoint: socket,
		error: systemError('ENOENT'),
		facts: {...linux, installed: false},
		code: 'engine-not-installed',
		says: ['not installed', 'docs.docker.com/engine/install'],
	},
	{
		what: 'Docker is not installed on macOS',
		endpoint: socket,
		error: systemError('ENOENT'),
		facts: {...mac, installed: false},
		code: 'engine-not-installed',
		says: ['mac-install', 'colima'],
	},
	{
		what: 'Docker is not installed on Windows',
		endpoint: socket,
		error: systemError('ENOENT'),
		facts: {...windows, installed: false},
		code: 'engine-not-installed',
		says: ['windows-install'],
	},
	{
		what: 'the engine does not run, with systemd',
		endpoint: socket,
		error: systemError('ENOENT'),
		facts: linux,
		code: 'engine-not-running',
		says: ['sudo systemctl start docker', 'systemctl --user start docker', 'DOCKER_HOST: not set'],
	},
	{
		what: 'the engine does not run, without systemd, and left its socket',
		endpoint: socket,
		error: systemError('ECONNREFUSED'),
		facts: {...linux, systemd: false},
		code: 'engine-not-running',
		says: ['sudo service docker start'],
	},
	{
		what: 'the engine does not run on macOS',
		endpoint: socket,
		error: systemError('ENOENT'),
		facts: mac,
		code: 'engine-not-running',
		says: ['open -a Docker', 'colima start'],
	},
	{
		what: 'the engine does not run on Windows',
		endpoint: socket,
		error: systemError('ENOENT'),
		facts: windows,
		code: 'engine-not-running',
		says: ['start Docker Desktop'],
	},
	{
		what: 'the engine does not run in WSL',
		endpoint: socket,
		error: systemError('ENOENT'),
		facts: {...linux, wsl: true},
		code: 'engine-not-running',
		says: ['WSL integration'],
	},
	{
		what: 'another engine’s socket is there',
		endpoint: socket,
		error: systemError('ENOENT'),
		facts: {...mac, otherSockets: ['/Users/ana/.colima/default/docker.sock']},
		code: 'engine-not-running',
		says: ['mlstack --host unix:///Users/ana/.colima/default/docker.sock', 'docker context ls'],
	},
	{
		what: 'the user may not use the socket',
		endpoint: socket,
		error: systemError('EACCES'),
		facts: linux,
		code: 'engine-no-permission',
		says: ['no permission', 'sudo usermod -aG docker ana', 'newgrp docker', 'rootless'],
	},
	{
		what: 'the engine closed the connection',
		endpoint: socket,
		error: systemError('ECONNRESET', 'socket hang up'),
		facts: linux,
		code: 'engine-lost',
		says: ['closed the connection', 'systemctl'],
	},
	{
		what: 'a remote machine is known by no name',
		endpoint: remote,
		error: systemError('ENOTFOUND'),
		facts: linux,
		code: 'engine-unreachable',
		says: ['tcp://lab:2376', 'no machine is known by the name lab'],
	},
	{
		what: 'a remote port is closed',
		endpoint: remote,
		error: systemError('ECONNREFUSED'),
		facts: linux,
		code: 'engine-unreachable',
		says: ['nothing listens on that port'],
	},
	{
		what: 'a name has several addresses, and none answers',
		endpoint: remote,
		error: new AggregateError([systemError('ECONNREFUSED'), systemError('ECONNREFUSED')]),
		facts: linux,
		code: 'engine-unreachable',
		says: ['nothing listens on that port'],
	},
	{
		what: 'a remote machine does not answer',
		endpoint: remote,
		error: systemError('ETIMEDOUT'),
		facts: linux,
		code: 'engine-unreachable',
		says: ['lab does not answer'],
	},
	{
		what: 'a certificate is out of date',
		endpoint: {...remote, context: 'gpu', tls: {ca: 'x', verify: true}},
		error: systemError('CERT_HAS_EXPIRED', 'certificate has expired'),
		facts: linux,
		code: 'engine-tls',
		says: ['certificate has expired', 'the context gpu'],
	},
	{
		what: 'a certificate is of an unknown authority',
		endpoint: {...remote, context: 'DOCKER_HOST', tls: {verify: true}},
		error: systemError('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'),
		facts: linux,
		code: 'engine-tls',
		says: ['self-signed certificate', 'DOCKER_CERT_PATH'],
	},
	{
		what: 'the engine wants TLS, and we do not speak it',
		endpoint: remote,
		error: new Error('Client sent an HTTP request to an HTTPS server.'),
		facts: linux,
		code: 'engine-tls',
		says: ['DOCKER_TLS_VERIFY=1'],
	},
	{
		what: 'ssh has no key',
		endpoint: ssh,
		error: systemError(
			'EDIALSTDIO',
			'error during connect: command [ssh -l ana ...] has exited with exit status 255: stderr=ana@gpu-box: Permission denied (publickey).',
		),
		facts: linux,
		code: 'engine-ssh',
		says: ['ana@gpu-box: Permission denied (publickey).', 'ssh -p 2222 ana@gpu-box docker version'],
	},
	{
		what: 'the remote machine has no docker command',
		endpoint: ssh,
		error: systemError('EDIALSTDIO', 'stderr=bash: line 1: docker: command not found'),
		facts: linux,
		code: 'engine-ssh',
		says: ['finds no docker command there'],
	},
	{
		what: 'the docker CLI that dials through ssh is missing',
		endpoint: ssh,
		error: systemError('ENOENT', 'spawn docker ENOENT'),
		facts: linux,
		code: 'engine-ssh',
		says: ['docker CLI is missing'],
	},
	{
		what: 'something that nobody thought of',
		endpoint: socket,
		error: 'a thrown text',
		facts: linux,
		code: 'engine-unreachable',
		says: ['a thrown text', 'systemctl'],
	},
];

for (const {what, endpoint: at, error, facts, code, says} of cases) {
	test(`no engine: ${what}`, () => {
		const failure = noEngineFailure(at, error, facts);
		assert.equal(failure.code, code);
		assert.equal(failure.reason, 'noEngine');
		assert.ok(failure.next.length > 0);
		const text = failureText(failure);
		for (const part of says) {
			assert.ok(text.includes(part), `${JSON.stringify(part)} is missing in:\n${text}`);
		}
	});
}

test('a reason in a few words is never empty', () => {
	assert.equal(shortReason(systemError('ENOENT')), 'its socket is not there');
	assert.equal(shortReason(systemError('ECONNRESET')), 'it closed the connection');
	assert.equal(shortReason(new Failure('too old', {code: 'x'})), 'too old');
	assert.equal(shortReason(new Error('first\nlast')), 'last');
	assert.equal(shortReason('text'), 'text');
});

test('this machine says what advice depends on', async () => {
	const facts = await gatherFacts({PATH: ''});
	assert.equal(facts.platform, process.platform);
	assert.equal(typeof facts.systemd, 'boolean');
	assert.ok(Array.isArray(facts.otherSockets));
});
