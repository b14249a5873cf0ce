import {Failure} from '../../failure.ts';

/** Where an engine listens, ready to be dialled. */
export type Address =
	/** A unix socket's path, or a named pipe's on Windows. */
	| {readonly kind: 'socket'; readonly path: string}
	| {readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly prefix: string}
	/** Dialled by the docker CLI, with the user's own ssh configuration. */
	| {readonly kind: 'ssh'; readonly host: string};

/** Where the ports that this engine publishes answer, as seen from here. */
export function hostOf(address: Address): string {
	if (address.kind === 'socket' || /^(?:127\.[\d.]+|::1|0\.0\.0\.0)$/.test(address.host)) {
		return 'localhost';
	}

	return address.host;
}

/**
 * Reads an address as the docker CLI does (docker/cli, opts/hosts.go): `HOST:PORT` alone is tcp, the port is 2375.
 * Throws a Failure that names `namedBy`, the option, variable or context that the address comes from.
 */
export function parseAddress(text: string, namedBy: string): Address {
	const url = text.trim();
	const [, scheme = 'tcp', rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/.exec(url) ?? [];
	if ((scheme === 'unix' || scheme === 'npipe') && !rest.includes('://')) {
		const fallback = scheme === 'unix' ? '/var/run/docker.sock' : '//./pipe/docker_engine';
		return {kind: 'socket', path: rest || fallback};
	}

	if (scheme === 'ssh' && URL.canParse(url)) {
		return {kind: 'ssh', host: withoutBrackets(new URL(url).hostname)};
	}

	// With http's scheme, URL keeps the port apart from the address even for IPv6.
	const http = `http://${/^(?::|$)/.test(rest) ? `127.0.0.1${rest}` : rest}`;
	if (scheme === 'tcp' && URL.canParse(http)) {
		const {hostname, pathname} = new URL(http);
		// URL drops the port that is http's own.
		const port = /^(?:\[[^\]]*\]|[^:/]*):(\d+)/.exec(rest)?.[1] ?? '2375';
		return {
			kind: 'tcp',
			host: withoutBrackets(hostname),
			port: Number(port),
			prefix: pathname.replace(/\/+$/, ''),
		};
	}

	throw new Failure(`${url} is no address of a Docker Engine`, {
		code: 'bad-host',
		why: `it comes from ${namedBy}`,
		next: [
			'write it as unix:///var/run/docker.sock, tcp://HOST:PORT or ssh://USER@HOST',
			'docker context ls',
		],
		reason: 'wrongCall',
	});
}

function withoutBrackets(hostname: string): string {
	return hostname.replace(/^\[(.*)\]$/, '$1');
}
