import type {Agent} from 'node:http';
import {Socket} from 'node:net';
import {inspect} from 'node:util';
import type Docker from 'dockerode';
import type {Address} from './address.ts';
import {DialStdio, DialStdioAgent} from './dial-stdio.ts';
import type {Endpoint} from './endpoint.ts';
import {readAhead, MergingSocket} from './merging-socket.ts';
import http from 'node:http';
import https from 'node:https';

/** The pool of connections to an engine. Idle ones are kept for the next request; they do not keep the program alive. */
export function createAgent({address, tls, url}: Endpoint, environment: NodeJS.ProcessEnv): Agent {
	// A server name is TLS's. Looking for one costs 4 ms: Node compiles a regular expression for IPv6.
	const plain = {servername: ''};
	// A remote machine that vanishes without a word is noticed by TCP after some 25 s.
	const options = {
		keepAlive: true,
		keepAliveInitialDelay: 15_000,
		readableHighWaterMark: readAhead,
	};
	let agent: Agent;
	if (address.kind === 'ssh') {
		agent = new DialStdioAgent(url, environment);
	} else if (tls === undefined) {
		agent = new http.Agent({...options, ...plain});
	} else {
		const {verify, ...pem} = tls;
		agent = new https.Agent({...options, ...pem, rejectUnauthorized: verify});
	}

	const connect = agent.createConnection.bind(agent);
	agent.createConnection = (request) => {
		const socket = connect(request);
		return socket instanceof Socket || socket instanceof DialStdio ? new MergingSocket(socket) : socket;
	};

	// docker-modem formats the options of every request for a debug log that is off; with live sockets that is slow.
	return Object.assign(agent, {[inspect.custom]: () => 'Agent'});
}

/** Loads dockerode, which takes longer than the engine's first answer, and points it at the endpoint. */
export async function createDocker({address, tls}: Endpoint, agent: Agent): Promise<Docker> {
	const {default: DockerClient} = await import('dockerode');
	const options =
		address.kind === 'socket'
			? {socketPath: address.path, agent}
			: {...httpAddress(address, tls === undefined ? 'http' : 'https'), agent};
	return withoutDockerHost(() => new DockerClient(options));
}

function httpAddress(
	address: Exclude<Address, {kind: 'socket'}>,
	protocol: 'http' | 'https',
): {protocol: 'http' | 'https'; host: string; port: number} {
	// A bare IPv6 address would be taken for a protocol.
	const host = address.host.includes(':') ? `[${address.host}]` : address.host;
	// Behind ssh the address is that of the remote socket's server: any will do.
	return {protocol, host: `${protocol}://${host}`, port: address.kind === 'tcp' ? address.port : 80};
}

/** docker-modem reads DOCKER_HOST itself, mixes it with what it is given and fails over an address it cannot read. */
function withoutDockerHost<T>(create: () => T): T {
	const host = process.env['DOCKER_HOST'];
	delete process.env['DOCKER_HOST'];
	try {
		return create();
	} finally {
		if (host !== undefined) {
			process.env['DOCKER_HOST'] = host;
		}
	}
}
