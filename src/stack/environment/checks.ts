import type {Values} from '../diagnosis/card.ts';
import {engineLine} from '../engine-line.ts';
import {formatBytes, formatCount, formatDuration} from '../format.ts';
import type {LintSeverity} from '../lint/rule.ts';
import {architecture, type DiskFacts, type EnvironmentFacts} from './facts.ts';

/** Something that a stack runs on, and that can be wrong. The texts take `{names}` from what `holds` gives. */
export interface EnvironmentCheck {
	/** A stable word: `port-taken`. */
	readonly id: string;
	readonly severity: LintSeverity;
	/** One sentence on what is wrong, without a full stop. */
	readonly what: string;
	/** What comes of it, or why it is so. */
	readonly reason: string;
	/** What to do. */
	readonly fix: string;
	/** The values of each case that is found; none when all is well, or nothing is known. */
	readonly holds: (facts: EnvironmentFacts) => readonly Values[];
}

const once = (holds: boolean, values: Values = {}): readonly Values[] => (holds ? [values] : []);

const GiB = 1024 ** 3;
const MiB = 1024 ** 2;

/** Images of PostgreSQL and MLflow, unpacked, and a build of the latter: 2.3 GB for mlstack's own stack. */
const firstUp = 5 * GiB;
/** Less than this, and PostgreSQL stops soon: it recycles 1 GiB of write-ahead log (max_wal_size). */
const nearlyFull = GiB;
const projectRoom = 100 * MiB;

/** What mlstack's own stack uses with some room for queries (measured: 433 MiB). */
const ownMemory = 700 * MiB;
/** MLflow 3 starts four workers and a process for jobs unless told otherwise (measured with PostgreSQL: 2.1 GiB). */
const usualMemory = 2.1 * GiB;

/** Logs are merged by time, and a difference below a second cannot be told from what asking takes. */
const clockTolerance = 2000;

/** Compose 2.20 is the oldest whose `config --format json` has all that is read of it. */
const oldestCompose: readonly [major: number, minor: number] = [2, 20];

/**
 * To teach `mlstack doctor` another check of the environment, add a row, and its facts to the examples in
 * test/stack/environment/examples.ts.
 */
export const environmentChecks: readonly EnvironmentCheck[] = [
	{
		id: 'engine-away',
		severity: 'error',
		what: '{message}',
		reason: '{why}',
		fix: '{next}',
		holds: ({away}) =>
			away ? [{message: away.message, why: away.why, next: away.next.join('; ') || 'Start it.'}] : [],
	},
	{
		id: 'engine-old',
		severity: 'advice',
		what: 'Docker Engine {version} gets no security updates any more',
		reason: 'It is older than 25, of 2024; compose files that use healthcheck.start_interval need that one.',
		fix: 'Update Docker: https://docs.docker.com/engine/install/',
		holds: ({engine}) => {
			const major = Number(/^\d+/.exec(engine?.version ?? '')?.[0]);
			return once(engine?.kind === 'docker' && major < 25, {version: engine?.version ?? ''});
		},
	},
	{
		id: 'rootless-port',
		severity: 'error',
		what: 'A rootless engine may not publish port {port} of {service}',
		reason: 'Ports below 1024 belong to root, unless the system is told otherwise.',
		fix: 'Publish a port from 1024 on, or allow it: sudo sysctl net.ipv4.ip_unprivileged_port_start={port}',
		holds: ({engine, ports}) =>
			engine?.rootless
				? ports
						.filter(({port, state}) => port < 1024 && state !== 'ours')
						.map(({port, service}) => ({port: String(port), service}))
				: [],
	},
	{
		id: 'docker-command-missing',
		severity: 'error',
		what: 'There is no docker command',
		reason: 'mlstack starts and stops stacks through `docker compose`.',
		fix: 'Install it: https://docs.docker.com/engine/install/',
		holds: ({tools}) => once(tools?.docker === false),
	},
	{
		id: 'compose-v1-only',
		severity: 'error',
		what: 'Compose is there as version 1 only (docker-compose {version})',
		reason: 'It has had no updates since 2023 and fails on newer engines with KeyError: ContainerConfig.',
		fix: 'Install the plugin, version 2: https://docs.docker.com/compose/install/',
		holds: ({tools}) =>
			tools?.composeV1 !== undefined && tools.compose === undefined ? [{version: tools.composeV1}] : [],
	},
	{
		id: 'compose-missing',
		severity: 'error',
		what: 'The docker command has no Compose plugin',
		reason: 'mlstack starts and stops stacks through `docker compose`.',
		fix: 'Install it: https://docs.docker.com/compose/install/ (on Debian and Ubuntu: docker-compose-plugin)',
		holds: ({tools}) =>
			once(tools?.docker === true && tools.compose === undefined && tools.composeV1 === undefined),
	},
	{
		id: 'compose-old',
		severity: 'warning',
		what: 'Compose {version} is older than 2.20',
		reason: 'It describes a stack in less detail, and reports progress in text only.',
		fix: 'Update the plugin: https://docs.docker.com/compose/install/',
		holds: ({tools}) => {
			const [major = 0, minor = 0] = (tools?.compose ?? '').replace(/^v/, '').split('.').map(Number);
			const isOld = major < oldestCompose[0] || (major === oldestCompose[0] && minor < oldestCompose[1]);
			return tools?.compose !== undefined && isOld ? [{version: tools.compose}] : [];
		},
	},
	{
		id: 'buildx-missing',
		severity: 'warning',
		what: 'The docker command has no buildx plugin, and {service} is built',
		reason: 'Without it compose falls back on the old builder, or refuses to build.',
		fix: 'Install it: https://docs.docker.com/build/install-buildx/ (on Debian and Ubuntu: docker-buildx-plugin)',
		holds: ({tools, stack}) =>
			tools?.docker && tools.buildx === undefined
				? (stack?.services ?? [])
						.filter(({build}) => build)
						.slice(0, 1)
						.map(({name}) => ({service: name}))
				: [],
	},
	{
		id: 'engine-disk-full',
		severity: 'error',
		what: 'Only {free} are free where the engine keeps its data ({path})',
		reason: 'PostgreSQL stops when it cannot write, and images cannot be pulled.',
		fix: 'See what can go: mlstack prune --dry-run',
		holds: ({disks}) => lowDisks(disks, 'engine', 0, nearlyFull),
	},
	{
		id: 'engine-disk-low',
		severity: 'warning',
		what: 'Only {free} are free where the engine keeps its data ({path})',
		reason: 'A first `up` pulls and builds images of some GiB.',
		fix: 'See what can go: mlstack prune --dry-run',
		holds: ({disks}) => lowDisks(disks, 'engine', nearlyFull, firstUp),
	},
	{
		id: 'project-disk-low',
		severity: 'warning',
		what: 'Only {free} are free in the project’s folder ({path})',
		reason: 'What runs write there, and saved logs, may find no room.',
		fix: 'Make room on that disk.',
		holds: ({disks}) => lowDisks(disks, 'project', 0, projectRoom),
	},
	{
		id: 'memory-short',
		severity: 'warning',
		what: 'The engine has {total} of memory; this stack wants about {wanted}',
		reason:
			'When memory runs out, the kernel kills a process: PostgreSQL restarts, or MLflow exits with 137.',
		fix: 'Give the engine more (Docker Desktop: Settings, Resources), or run MLflow with one worker: --workers 1, and MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false.',
		holds: ({engine, stack}) => {
			const hasTracking = stack?.services.some(({role}) => role === 'tracking') ?? false;
			const wanted = stack?.origin === 'own' ? ownMemory : usualMemory;
			return engine && engine.memory > 0 && hasTracking && engine.memory < wanted
				? [{total: formatBytes(engine.memory), wanted: formatBytes(wanted)}]
				: [];
		},
	},
	{
		id: 'port-taken',
		severity: 'error',
		what: 'Port {port}, which {service} publishes, is taken by {owner}',
		reason: 'A port can be published once. On macOS the AirPlay Receiver listens on 5000 and 7000.',
		fix: 'Publish another one in the compose file (of the two numbers under `ports:` the first is this machine’s), or stop what has it.',
		holds: ({kind, ports}) => (kind === 'docker' ? takenPorts(ports) : []),
	},
	{
		id: 'port-moves',
		severity: 'advice',
		what: 'Port {port}, which {service} would listen on, is taken by {owner}',
		reason: 'The next one that is free is used instead; `mlstack status` says which.',
		fix: 'Choose one yourself: MLFLOW_PORT, MLSTACK_PG_PORT.',
		holds: ({kind, ports}) => (kind === 'native' ? takenPorts(ports) : []),
	},
	{
		id: 'clock-skew',
		severity: 'warning',
		what: 'The engine’s clock is {time} {direction}',
		reason:
			'Times in logs and tables are those of two clocks, and signed requests (S3) are refused from a few minutes on.',
		fix: 'Set both by NTP. A virtual machine that slept: restart it (Docker Desktop: Restart).',
		holds: ({clock}) =>
			clock && Math.abs(clock.ahead) - clock.uncertainty > clockTolerance
				? [{time: formatDuration(Math.abs(clock.ahead)), direction: clock.ahead > 0 ? 'ahead' : 'behind'}]
				: [],
	},
	{
		id: 'emulated',
		severity: 'warning',
		what: '{service} runs an image for {image} on {engine}',
		reason: 'It is emulated, several times slower, or does not start at all ("exec format error").',
		fix: 'Pull the image for this machine: remove `platform:` and DOCKER_DEFAULT_PLATFORM, or choose an image that exists for {engine}.',
		holds: ({engine, images}) =>
			engine
				? images
						.filter(({arch}) => architecture(arch) !== architecture(engine.arch))
						.map(({service, arch}) => ({
							service,
							image: architecture(arch),
							engine: architecture(engine.arch),
						}))
				: [],
	},
];

function lowDisks(
	disks: readonly DiskFacts[],
	place: DiskFacts['place'],
	least: number,
	below: number,
): readonly Values[] {
	return disks
		.filter((disk) => disk.place === place)
		.flatMap(({free, path}) =>
			free !== undefined && free >= least && free < below ? [{free: formatBytes(free), path}] : [],
		);
}

function takenPorts(ports: EnvironmentFacts['ports']): readonly Values[] {
	return ports
		.filter(({state}) => state === 'taken')
		.map(({port, service, owner}) => ({
			port: String(port),
			service,
			owner: owner ?? 'another program',
		}));
}

/** So many services are named in a line. */
const namedServices = 3;

/** What each part of the environment is like, a line each: `ports    5000 ours, 5432 free`. */
export const environmentLines: Readonly<Record<string, (facts: EnvironmentFacts) => string | undefined>> = {
	engine: ({engine, away}) => (engine ? engineLine(engine) : away && `none: ${away.message}`),
	machine: ({engine}) =>
		engine &&
		`${formatCount(engine.cpus, 'cpu')}, ${formatBytes(engine.memory)} of memory, ${architecture(engine.arch)}${engine.rootless ? ', rootless' : ''}`,
	compose: ({tools}) =>
		tools &&
		(tools.compose ?? (tools.composeV1 === undefined ? 'none' : `${tools.composeV1}, version 1 only`)),
	buildx: ({tools}) => tools && (tools.buildx ?? 'none'),
	disk: ({disks}) =>
		disks.length === 0
			? undefined
			: disks
					.map(({place, path, free}) => {
						const where = place === 'engine' ? 'for the engine' : 'for the project';
						return free === undefined
							? `unknown ${where} (${path})`
							: `${formatBytes(free)} free ${where} (${path})`;
					})
					.join(', '),
	ports: ({ports}) =>
		ports.length === 0
			? undefined
			: ports
					.map(
						({port, state, owner}) => `${port} ${state === 'taken' && owner ? `taken by ${owner}` : state}`,
					)
					.join(', '),
	clock: ({clock}) =>
		clock &&
		(Math.abs(clock.ahead) <= Math.max(1000, clock.uncertainty)
			? 'the same as here'
			: `${formatDuration(Math.abs(clock.ahead))} ${clock.ahead > 0 ? 'ahead' : 'behind'}`),
	images: ({images}) =>
		images.length === 0
			? undefined
			: images
					.slice(0, namedServices)
					.map(({service, arch}) => `${service} ${architecture(arch)}`)
					.join(', '),
};
