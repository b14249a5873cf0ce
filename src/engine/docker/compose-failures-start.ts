import {type ComposeContext, type ComposeFailure, composeLine, type Found} from './compose-context.ts';

/** The engine cannot create or start what the file describes. */
export const startFailures: readonly ComposeFailure[] = [
	{
		// Engine 28, the engine's own allocator, the userland proxy, and Docker Desktop, each in its own words.
		code: 'port-taken',
		pattern:
			/(?:endpoint (?<endpoint>\S+) \([^]*?)?(?:failed to bind host port for (?:\S+?):(?<port>\d+):\S+: address already in use|Bind for \S+?:(?<allocated>\d+) failed: port is already allocated|listen (?:tcp|udp)[46]? \S*?:(?<listen>\d+): bind: (?:address already in use|Only one usage|An attempt was made)|Ports are not available: exposing port \S+ \S*?:(?<exposed>\d+))/,
		what: (found) => `port ${portOf(found)} is taken on this machine`,
		why: (found) =>
			/^[57]000$/.test(portOf(found))
				? 'Another program or container listens there; on macOS it may be the AirPlay Receiver.'
				: 'Another program or container listens there.',
		next: (found, context) => [
			...otherPort(found, context),
			`Or stop what listens there: docker ps --filter publish=${portOf(found)}`,
		],
		example:
			'Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint kws-postgres-1 (5f35): failed to bind host port for 127.0.0.1:5432:172.19.0.2:5432/tcp: address already in use',
	},
	{
		code: 'bind-address',
		pattern: /failed to bind host port for (?<address>\S+?):\d+:\S+: cannot assign requested address/,
		what: ({address = ''}) => `this machine has no address ${address} to publish a port on`,
		next: (_, {origin, files}) => [
			origin === 'own'
				? 'Set MLSTACK_BIND to 127.0.0.1, or to an address that this machine has.'
				: `Change the address under \`ports:\` in ${files.join(', ')}.`,
		],
		example:
			'Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint kws-a-1 (53a8): failed to bind host port for 10.99.99.99:15034:172.19.0.2:80/tcp: cannot assign requested address',
	},
	{
		code: 'name-taken',
		pattern: /container name "\/?(?<name>[^"]+)" is already in use by container "(?<id>[0-9a-f]{12})/,
		what: ({name = ''}) => `another container is already called ${name}`,
		why: () =>
			'The compose file gives its container a fixed name (`container_name`), and an engine has each name once.',
		next: ({name = ''}) => [
			`Look at it: docker inspect --format '{{json .Config.Labels}}' ${name}`,
			`If nothing needs it: docker rm ${name}`,
			'Or take `container_name` out of the compose file.',
		],
		example:
			'Error response from daemon: Conflict. The container name "/mlflow-server" is already in use by container "e018043feefaf8c295c37a5bbefeb33ed6ebef7245cd58d3256284943906c230". You have to remove (or rename) that container to be able to reuse that name.',
	},
	{
		code: 'dependency-failed',
		pattern:
			/dependency failed to start: container (?<container>\S+) (?<state>exited \(\d+\)|is unhealthy)|service "(?<service>[^"]+)" didn't complete successfully: exit (?<code>\d+)|container (?<waited>\S+) (?<end>exited \(\d+\)|is unhealthy)/,
		what: ({container, state, service, code, waited, end}) => {
			const name = container ?? waited ?? service ?? '';
			return `${name} ${(state ?? end ?? `exited (${code ?? '?'})`).replace(/^is /, 'is ')}, so what depends on it was not started`;
		},
		why: () => 'Its log says why.',
		next: ({container, waited, service}, context) => [
			(container ?? waited)
				? `docker logs --tail 50 ${container ?? waited ?? ''}`
				: composeLine({...context, command: 'logs'}, service ?? ''),
		],
		example: 'dependency failed to start: container kws-postgres-1 exited (1)',
	},
	{
		code: 'nothing-to-start',
		pattern: /service "(?<service>[^"]+)" has no container to start/,
		what: ({service = ''}) => `${service} has no container that could be started`,
		why: () => '`start` only starts containers that `up` has made.',
		next: () => ['mlstack up'],
		example: 'service "postgres" has no container to start',
	},
	{
		code: 'network-gone',
		pattern: /network (?<id>[0-9a-f]{12,64}) not found|could not find a network matching network mode/,
		what: () => 'the network that the containers were made with is gone',
		next: (_, context) => [
			composeLine({...context, command: 'down'}),
			composeLine({...context, command: 'up'}),
		],
		example:
			'Error response from daemon: failed to set up container networking: network 4f1c2a9be0d35a7f66c01f5cbb8fd1b4a3d0b3b3c0c8a52a44cf4f6f9df7d1aa not found',
	},
	{
		code: 'network-pool',
		pattern:
			/all predefined address pools have been fully subnetted|Pool overlaps with other one on this address space/,
		what: () => 'the engine has no addresses left for another network',
		next: () => ['docker network ls', 'docker network prune removes those that no container uses.'],
		example: 'Error response from daemon: all predefined address pools have been fully subnetted',
	},
	{
		code: 'mount-failed',
		pattern:
			/error mounting "(?<source>[^"]+)" to rootfs at "(?<target>[^"]+)"|bind source path does not exist: (?<missing>\S+)|Mounts denied/,
		what: ({source, missing, target}) =>
			`${source ?? missing ?? 'a folder of this machine'} cannot be mounted${target ? ` at ${target}` : ''}`,
		next: ({source, missing}) => [
			...((source ?? missing) ? [`ls -ld ${source ?? missing ?? ''}`] : []),
			'A file can only be mounted over a file, and a folder over a folder.',
			'With Docker Desktop the folder must also be shared: Settings, Resources, File sharing.',
		],
		example:
			'Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error mounting "/home/ana/kws/mlflow.ini" to rootfs at "/etc": not a directory: Are you trying to mount a directory onto a file (or vice-versa)?',
	},
	{
		code: 'command-not-found',
		pattern:
			/exec: "(?<command>[^"]+)": (?:executable file not found|stat \S+: no such file)|exec (?<path>\S+): no such file or directory/,
		what: ({command, path}) => `the image holds no program ${command ?? path ?? ''}`,
		why: () => 'The command of the service starts a program that is not in its image.',
		next: (_, {files}) => [
			`Look at \`command:\` and \`entrypoint:\` in ${files.join(', ') || 'the compose file'}.`,
		],
		example:
			'Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "mlflow": executable file not found in $PATH',
	},
	{
		code: 'runtime-missing',
		pattern:
			/could not select device driver "(?<driver>[^"]*)" with capabilities: \[\[gpu\]\]|unknown or invalid runtime name: (?<runtime>\S+)/,
		what: () => 'the engine cannot hand the GPU to a container',
		next: () => [
			'Install the NVIDIA container toolkit, then restart Docker: https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/install-guide.html',
			'Or take `gpus:` and `runtime:` out of the compose file.',
		],
		example: 'Error response from daemon: could not select device driver "" with capabilities: [[gpu]]',
	},
];

function portOf({port, allocated, listen, exposed}: Found): string {
	return port ?? allocated ?? listen ?? exposed ?? '';
}

function otherPort(found: Found, {origin, files}: ComposeContext): readonly string[] {
	const free = Number(portOf(found)) + 1;
	if (origin === 'own') {
		const variable = found['endpoint']?.includes('postgres') ? 'MLSTACK_PG_PORT' : 'MLFLOW_PORT';
		return [`${variable}=${free} mlstack up`];
	}

	return files.length > 0
		? [`Publish another one, such as ${free}, under \`ports:\` in ${files.join(', ')}.`]
		: [];
}
