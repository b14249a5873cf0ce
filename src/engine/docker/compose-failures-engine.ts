import type {ComposeFailure} from './compose-context.ts';

/** The engine or compose itself is missing, out of reach, or too old. */
export const engineFailures: readonly ComposeFailure[] = [
	{
		// The docker CLI takes compose's options for its own when it does not know the plugin.
		code: 'compose-missing',
		pattern:
			/unknown command: docker compose|'compose' is not a docker command|unknown shorthand flag: '[fp]' in -[fp]|unknown flag: --(?:progress|ansi|project-name|file)\b[^]*docker (?:\[OPTIONS\]|--help)/,
		what: () => 'the docker command is there, but its Compose plugin is not',
		why: () =>
			'mlstack starts and stops stacks through `docker compose`, which is a plugin of the docker command.',
		next: () => [
			'On Debian or Ubuntu: sudo apt-get install docker-compose-plugin',
			'Elsewhere: https://docs.docker.com/compose/install/',
		],
		example: `unknown shorthand flag: 'p' in -p\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]\n\nRun 'docker --help' for more information`,
	},
	{
		code: 'engine-no-permission',
		pattern:
			/permission denied while trying to connect to the docker (?:daemon socket|api) at (?<endpoint>\S+)/i,
		what: ({endpoint = ''}) => `this user may not talk to the Docker Engine at ${plainEnd(endpoint)}`,
		why: () => 'Its socket belongs to root and the group docker.',
		next: () => ['sudo usermod -aG docker "$USER"', 'Then log out and in again.'],
		reason: 'noEngine',
		example:
			'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.51/info": dial unix /var/run/docker.sock: connect: permission denied',
	},
	{
		code: 'engine-unreachable',
		pattern:
			/(?:cannot connect to the docker daemon at (?<endpoint>\S+)|failed to connect to the docker api at (?<api>[^\s;]+)|error during connect: )/i,
		what: ({endpoint, api}) =>
			`no Docker Engine answers${endpoint || api ? ` at ${plainEnd(endpoint ?? api ?? '')}` : ''}`,
		next: () => [
			'docker context ls',
			'Start Docker, then try again: mlstack doctor says how on this system.',
		],
		reason: 'noEngine',
		example:
			"unable to get image 'busybox': Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
	},
	{
		code: 'context-unknown',
		pattern: /context "(?<name>[^"]+)": context not found/,
		what: ({name = ''}) => `the docker context ${name} does not exist`,
		next: () => ['docker context ls', 'docker context use default'],
		reason: 'noEngine',
		example:
			'Failed to initialize: unable to resolve docker endpoint: context "nope": context not found: open /root/.docker/contexts/meta/ca37/meta.json: no such file or directory',
	},
	{
		code: 'engine-too-old',
		pattern:
			/client version (?<client>[\d.]+) is too new\. Maximum supported API version is (?<engine>[\d.]+)/,
		what: ({engine = ''}) =>
			`the Docker Engine is too old for this docker command: it speaks API ${engine} at most`,
		next: ({engine = ''}) => ['Update the Docker Engine.', `Until then: export DOCKER_API_VERSION=${engine}`],
		example:
			'Error response from daemon: client version 1.51 is too new. Maximum supported API version is 1.41',
	},
	{
		code: 'docker-cli-too-old',
		pattern:
			/client version (?<client>[\d.]+) is too old\. Minimum supported API version is (?<engine>[\d.]+)/,
		what: ({engine = ''}) =>
			`the docker command is too old for this Docker Engine, which wants API ${engine} at least`,
		next: () => ['Update the docker command and its Compose plugin.', 'docker version'],
		example:
			'Error response from daemon: client version 1.24 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version',
	},
	{
		code: 'file-needs-newer-engine',
		pattern: /can't set (?<option>\S+) as feature require Docker Engine v(?<version>[\d.]+)/i,
		what: ({option = '', version = ''}) =>
			`the compose file uses ${option}, which needs Docker Engine ${version}`,
		next: ({option = '', version = ''}, {files}) => [
			`Take ${option} out of ${files.join(', ') || 'the compose file'},`,
			`or update the engine to ${version} or newer.`,
		],
		example: `can't set healthcheck.start_interval as feature require Docker Engine v25 or later`,
	},
	{
		// The same of newer Composes, in the words of the engine's client library (errdefs: NewVersionError).
		code: 'file-needs-newer-engine',
		pattern: /"(?<feature>[^"]+)" requires API version (?<api>[\d.]+), but the Docker daemon API version is/,
		what: ({feature = '', api = ''}) =>
			`the compose file asks to ${feature}, which needs a Docker Engine with API ${api}`,
		next: (_, {files}) => [
			`Take it out of ${files.join(', ') || 'the compose file'},`,
			'or update the engine. What it speaks now: docker version',
		],
		example:
			'"specify health-check start interval" requires API version 1.44, but the Docker daemon API version is 1.43',
	},
	{
		code: 'disk-full',
		pattern: /no space left on device|disk quota exceeded/i,
		inOutput: true,
		what: () => 'the disk of the Docker Engine is full',
		next: () => ['docker system df', 'mlstack prune shows what could go, and what would be lost.'],
		example: 'failed to register layer: write /usr/lib/postgresql/18/bin/postgres: no space left on device',
	},
];

/** An endpoint without the full stop that ends compose's sentence. */
function plainEnd(endpoint: string): string {
	return endpoint.replace(/[.:]$/, '');
}
