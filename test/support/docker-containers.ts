import {EventEmitter} from 'node:events';

/** What a container of the Docker API server is made with. */
export interface FakeOptions {
	readonly name: string;
	readonly image?: string;
	readonly command?: readonly string[];
	readonly environment?: readonly string[];
	readonly labels?: Readonly<Record<string, string>>;
	readonly tty?: boolean;
	readonly healthcheck?: boolean;
	/** `{"5432/tcp": [{HostIp, HostPort}]}` */
	readonly ports?: Readonly<Record<string, readonly {HostIp: string; HostPort: string}[]>>;
	readonly logDriver?: string;
	/** Its log as the engine sends it, in the place of what is written with `write`. */
	readonly output?: () => AsyncIterable<Uint8Array>;
}

export interface LogEntry {
	readonly stream: 'stdout' | 'stderr';
	readonly stamp: string;
	readonly text: string;
}

export interface EventMessage {
	readonly Type: 'container';
	readonly Action: string;
	readonly Actor: {readonly ID: string; readonly Attributes: Readonly<Record<string, string>>};
	readonly scope: 'local';
	readonly time: number;
	readonly timeNano: number;
}

/** Go's zero time. */
export const never = '0001-01-01T00:00:00Z';

/**
 * A container as an engine sees it: its state, its log, and the events of its life. The shapes and the order of events
 * are those of Docker Engine 28.5.
 */
export class FakeContainer extends EventEmitter<{event: [EventMessage]; log: [LogEntry]; stopped: []}> {
	readonly id: string;
	readonly options: FakeOptions;
	readonly log: LogEntry[] = [];
	name: string;
	status: 'created' | 'running' | 'paused' | 'exited' | 'removing' = 'created';
	health: 'none' | 'starting' | 'healthy' | 'unhealthy' = 'none';
	exitCode = 0;
	oomKilled = false;
	startedAt = never;
	finishedAt = never;
	restartCount = 0;
	readonly #clock: () => bigint;

	constructor(id: string, options: FakeOptions, clock: () => bigint) {
		super();
		this.setMaxListeners(0);
		this.id = id;
		this.options = options;
		this.name = options.name;
		this.#clock = clock;
	}

	get running(): boolean {
		return this.status === 'running' || this.status === 'paused';
	}

	created(): void {
		this.#tell('create');
	}

	start(): void {
		this.startedAt = rfc3339(this.#clock());
		this.exitCode = 0;
		this.oomKilled = false;
		this.status = 'running';
		this.health = this.options.healthcheck ? 'starting' : 'none';
		this.#tell('start');
	}

	/** The main process ends: killed by default. */
	end(exitCode = 137): void {
		this.exitCode = exitCode;
		this.finishedAt = rfc3339(this.#clock());
		this.status = 'exited';
		// The engine's health monitor leaves this behind (moby, `CloseMonitorChannel`).
		this.health = this.options.healthcheck ? 'unhealthy' : 'none';
		this.#tell('die', {exitCode: String(exitCode)});
		this.emit('stopped');
	}

	kill(): void {
		this.#tell('kill', {signal: '9'});
		this.end();
	}

	outOfMemory(): void {
		this.oomKilled = true;
		this.#tell('oom');
	}

	pause(): void {
		this.status = 'paused';
		this.#tell('pause');
	}

	unpause(): void {
		this.status = 'running';
		this.#tell('unpause');
	}

	rename(name: string): void {
		const oldName = this.name;
		this.name = name;
		this.#tell('rename', {oldName: `/${oldName}`});
	}

	becomes(health: 'healthy' | 'unhealthy'): void {
		this.health = health;
		this.#tell(`health_status: ${health}`);
	}

	destroyed(): void {
		this.#tell('destroy');
	}

	write(stream: 'stdout' | 'stderr', text: string, stamp = rfc3339(this.#clock())): void {
		const entry = {stream, stamp, text};
		this.log.push(entry);
		this.emit('log', entry);
	}

	/** An item of `GET /containers/json`. */
	listed(): object {
		return {
			Id: this.id,
			Names: [`/${this.name}`],
			Image: this.options.image ?? 'busybox',
			Command: (this.options.command ?? ['sh']).join(' '),
			Ports: Object.entries(this.options.ports ?? {}).flatMap(([name, bindings]) => {
				const [port = '', Type = ''] = name.split('/');
				return bindings.map(({HostIp, HostPort}) => ({
					IP: HostIp,
					PrivatePort: Number(port),
					PublicPort: Number(HostPort),
					Type,
				}));
			}),
			Labels: this.options.labels ?? {},
			State: this.status,
			Status: this.#statusText(),
			Mounts: [],
		};
	}

	/** `GET /containers/{id}/json` */
	inspected(): object {
		return {
			Id: this.id,
			Name: `/${this.name}`,
			RestartCount: this.restartCount,
			State: {
				Status: this.status,
				Running: this.running,
				Paused: this.status === 'paused',
				OOMKilled: this.oomKilled,
				ExitCode: this.exitCode,
				StartedAt: this.startedAt,
				FinishedAt: this.finishedAt,
				...(this.options.healthcheck ? {Health: {Status: this.health, Log: []}} : {}),
			},
			Config: {
				Image: this.options.image ?? 'busybox',
				Tty: this.options.tty ?? false,
				Env: this.options.environment ?? null,
				Cmd: this.options.command ?? ['sh'],
				Entrypoint: null,
				Labels: this.options.labels ?? {},
				...(this.options.healthcheck ? {Healthcheck: {Test: ['CMD-SHELL', 'true']}} : {}),
			},
			NetworkSettings: {Ports: this.options.ports ?? {}},
			Mounts: [],
		};
	}

	#statusText(): string {
		const texts = {
			created: 'Created',
			running: `Up 3 seconds${this.#healthText()}`,
			paused: 'Up 3 seconds (Paused)',
			exited: `Exited (${this.exitCode}) 2 minutes ago`,
			removing: 'Removal In Progress',
		};
		return texts[this.status];
	}

	#healthText(): string {
		const texts = {
			none: '',
			starting: ' (health: starting)',
			healthy: ' (healthy)',
			unhealthy: ' (unhealthy)',
		};
		return texts[this.health];
	}

	#tell(Action: string, attributes: Readonly<Record<string, string>> = {}): void {
		const now = this.#clock();
		this.emit('event', {
			Type: 'container',
			Action,
			Actor: {
				ID: this.id,
				Attributes: {
					...this.options.labels,
					image: this.options.image ?? 'busybox',
					name: this.name,
					...attributes,
				},
			},
			scope: 'local',
			time: Number(now / 1_000_000_000n),
			timeNano: Number(now),
		});
	}
}

/** Nanoseconds since 1970 as Docker writes them in logs: always nine digits. */
export function rfc3339(nanoseconds: bigint): string {
	const seconds = new Date(Number(nanoseconds / 1_000_000n)).toISOString().slice(0, 19);
	return `${seconds}.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}Z`;
}
