import {type ComposeFailure, composeLine} from './compose-context.ts';

/** An image cannot be had: not pulled, or not built. */
export const imageFailures: readonly ComposeFailure[] = [
	{
		code: 'pull-limit',
		pattern: /toomanyrequests|pull rate limit/i,
		what: () => 'the registry refuses more pulls for now',
		why: () => 'Docker Hub counts the pulls of an address that is not logged in.',
		next: () => ['docker login', 'Or wait, and try again: what was pulled is kept.'],
		example:
			'Error response from daemon: toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit',
	},
	{
		code: 'platform-missing',
		pattern:
			/no matching manifest for (?<platform>\S+) in the manifest list|does not match the specified platform \((?<wanted>[^)]+)\)|does not provide the specified platform \((?<asked>[^)]+)\)/,
		what: ({platform, wanted, asked}) =>
			`the image is not there for ${platform ?? wanted ?? asked ?? 'this platform'}`,
		next: ({platform}) => [
			platform
				? 'Run it by emulation: add `platform: linux/amd64` to the service.'
				: 'Take `platform:` out of the service, or pull the image for it: docker pull --platform linux/amd64 IMAGE',
		],
		example:
			'Error response from daemon: image with reference busybox was found but its platform (linux/amd64) does not match the specified platform (linux/arm64)',
	},
	{
		code: 'image-denied',
		pattern: /pull access denied for (?<image>[^\s,]+)|unauthorized: |denied: requested access/,
		what: ({image}) => `the registry does not hand out ${image ?? 'the image'}`,
		why: () => 'Either there is no such image, or it is private.',
		next: () => [
			'Check the name for a spelling mistake.',
			'docker login, with the registry’s name if it is not Docker Hub',
		],
		example:
			"Error response from daemon: pull access denied for kws/mlflow, repository does not exist or may require 'docker login'",
	},
	{
		code: 'image-not-found',
		pattern:
			/manifest for (?<image>\S+) not found|manifest unknown|failed to resolve source metadata for (?<base>\S+): \S+: not found|No such image: (?<local>\S+)/,
		what: ({image, base, local}) => `there is no image ${image ?? base ?? local ?? 'of that name'}`,
		why: () => 'The registry knows no such tag.',
		next: () => ['Check the tag: the registry’s page lists those that exist.'],
		example:
			'Error response from daemon: manifest for ghcr.io/mlflow/mlflow:v3.1.4-full not found: manifest unknown: manifest unknown',
	},
	{
		code: 'registry-certificate',
		pattern: /x509: (?<why>[^\n]*)/,
		what: () => 'the registry’s certificate is not trusted',
		next: () => [
			'Behind a company’s proxy, its certificate must be known to the Docker Engine:',
			'https://docs.docker.com/engine/security/certificates/',
		],
		example:
			'Error response from daemon: Get "https://registry-1.docker.io/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
	},
	{
		code: 'registry-unreachable',
		pattern:
			/lookup (?<host>\S+?)(?: on \S+)?: (?:no such host|server misbehaving|i\/o timeout|Temporary failure)|(?:dial tcp|proxyconnect) [^\n]*(?:connection refused|i\/o timeout|network is unreachable|no route to host)|TLS handshake timeout|Client\.Timeout exceeded|request canceled while waiting for connection|Failed to establish a new connection|Temporary failure in name resolution/,
		inOutput: true,
		what: ({host}) => `${host ?? 'the network'} cannot be reached from the Docker Engine`,
		next: () => [
			'Check the network, and the engine’s proxy if there is one: docker info',
			'Then try again: what was pulled is kept.',
		],
		example:
			'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 192.168.1.1:53: no such host',
	},
	{
		code: 'build-context-missing',
		pattern:
			/unable to prepare context: path "(?<path>[^"]+)" not found|failed to read dockerfile: open (?<dockerfile>\S+): no such file/,
		what: ({path, dockerfile}) =>
			`${path ?? dockerfile ?? 'the Dockerfile'} is not there, but a service is built from it`,
		next: (_, {files}) => [`Look at \`build:\` in ${files.join(', ') || 'the compose file'}.`],
		example: 'unable to prepare context: path "/home/ana/kws/server" not found',
	},
	{
		code: 'package-not-found',
		pattern: /No matching distribution found for (?<requirement>\S+)/,
		inOutput: true,
		what: ({requirement = ''}) => `the image cannot be built: pip finds no ${requirement} for this Python`,
		next: () => ['Pin a version that exists for the image’s Python, then try again.'],
		example: 'ERROR: No matching distribution found for mlflow-skinny==3.18.0',
	},
	{
		code: 'build-failed',
		pattern: /failed to solve|process "[^\n]*" did not complete successfully: exit code: (?<code>\d+)/,
		isBuild: true,
		what: () => 'an image could not be built',
		next: (_, context) => [composeLine({...context, command: 'build'}, '--progress plain')],
		example:
			'Dockerfile:2\n--------------------\n   2 | >>> RUN pip install mlflow\n--------------------\nfailed to solve: process "/bin/sh -c pip install mlflow" did not complete successfully: exit code: 1\n',
	},
];
