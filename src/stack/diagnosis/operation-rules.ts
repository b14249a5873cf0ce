import type {LineRule} from './rule.ts';

/** What compose and the engine say when an operation fails, or goes on with a doubt. */
export const operationRules: readonly LineRule[] = [
	{
		// Engine 20 to 27, 28 and later, a userland proxy, Docker Desktop; and as mlstack itself puts it.
		id: 'port-taken',
		reads: ['operation'],
		pattern:
			/Bind for \S*?:(\d+) failed: port is already allocated|failed to bind host port (?:for )?\S*?:(\d+)[:/]\S*.*address already in use|listen tcp[46]? \S*?:(\d+): bind: |exposing port TCP \S*?:(\d+) |^port (\d+) is taken on this machine/,
		severity: 'error',
		title: 'Port {1} is taken by {owner}',
		why: 'A port of this machine can be published once. On macOS the AirPlay Receiver listens on 5000 and 7000.',
		mend: [
			{
				text: 'Publish another one; the first number is this machine’s.',
				change: 'ports:\n  - "{example}"',
			},
			{
				text: 'Or stop what has it: a container can be found by its port.',
				command: 'docker ps --filter publish={1}',
			},
		],
	},
	{
		id: 'image-not-found',
		reads: ['operation'],
		pattern:
			/manifest for (\S+) not found|pull access denied for ([^\s,]+)|(?:failed to resolve (?:source metadata|reference)[^\n]*?|^|\s)(\S+): not found$|manifest unknown|name unknown$/,
		severity: 'error',
		title: 'There is no image {1}',
		why: 'The registry has no image of that name and tag, or shows it only to those who are logged in.',
		mend: [
			{text: 'Check name and tag. Of MLflow’s images, tags with -full exist from 3.9 on.'},
			{text: 'Tags that are known to be good.', change: 'image: postgres:18-trixie'},
			{text: 'If it is private, log in.', command: 'docker login'},
		],
	},
	{
		id: 'registry-refuses',
		reads: ['operation'],
		pattern:
			/(toomanyrequests[^\n]{0,80}|unauthorized(?:: [^\n]{0,80}|$)|denied$|denied: requested access[^\n]{0,60}|no basic auth credentials|unexpected status[^\n]*: (?:401|403|429) [A-Za-z ]+)/,
		severity: 'error',
		title: 'The registry refuses the pull',
		why: 'It wants a login, or too many pulls came from this address. ("{1}")',
		mend: [
			{text: 'Log in, which also raises the limit.', command: 'docker login'},
			{text: 'Or wait: the limit is counted over six hours.'},
		],
		unless: ['image-not-found'],
	},
	{
		id: 'registry-unreachable',
		reads: ['operation'],
		pattern:
			/(?:https?:\/\/\S+\/v2\/|registry|failed to do request|failed to resolve)[^\n]*?(dial tcp[^\n]*|TLS handshake timeout|i\/o timeout|no such host|network is unreachable|context deadline exceeded|proxyconnect[^\n]*|Client\.Timeout[^\n]*)/,
		severity: 'error',
		title: 'The registry cannot be reached, so the image cannot be pulled',
		why: 'The engine has no network, no name server, or needs a proxy. ("{1}")',
		mend: [
			{text: 'See whether the engine reaches it.', command: 'docker pull busybox'},
			{text: 'Behind a proxy, the engine needs it in its own configuration (daemon.json, "proxies").'},
		],
	},
	{
		id: 'name-taken',
		reads: ['operation'],
		pattern: /container name "\/?([^"]+)" is already in use/,
		severity: 'error',
		title: 'A container named {1} exists already, of another project',
		why: 'The compose file gives its container a fixed name, which can exist once on an engine.',
		mend: [
			{
				text: 'Remove `container_name` from the compose file: compose names containers by project and service.',
			},
			{text: 'Or remove the other one, if it is not needed.', command: 'docker rm -f {1}'},
		],
	},
	{
		id: 'orphans',
		reads: ['operation'],
		pattern: /Found orphan containers \(\[?([^\])]+)/,
		severity: 'warning',
		title: 'Containers of this project belong to no service: {1}',
		why: 'A service was renamed or removed from the compose file, or two files share a project’s name.',
		mend: [
			{
				text: 'If none of them is needed, remove them. Only this project’s are touched.',
				command: '{compose} up -d --remove-orphans',
			},
		],
	},
	{
		// Compose's own words up to 2.3x, and those of the engine's client library in later ones.
		id: 'start-interval',
		reads: ['operation'],
		pattern:
			/(can't set healthcheck\.start_interval)|("specify health-check start interval" requires API version [\d.]+)/,
		severity: 'error',
		title: 'The compose file is newer than the engine: healthcheck.start_interval',
		why: 'It needs Engine 25 or later, and compose refuses the whole file with it.',
		mend: [{text: 'Remove `start_interval`, and shorten `interval` instead.', change: 'interval: 3s'}],
	},
];
