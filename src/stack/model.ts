/**
 * The nouns of the domain. Plain, immutable data: engines make it, the store keeps it, the screen draws it.
 * Words are Docker's and MLflow's own: project, service, container, image, volume, health; backend store, artifact root.
 */

/** What a service is for: PostgreSQL, the MLflow tracking server, or anything else in the project. */
export type Role = 'database' | 'tracking' | 'other';

/** The engine's container states (Engine API `State.Status`), and `absent` for a service without a container. */
export type ContainerStatus =
	| 'absent'
	| 'created'
	| 'running'
	| 'paused'
	| 'restarting'
	| 'removing'
	| 'exited'
	| 'dead';

/** `none`: the container has no healthcheck. */
export type Health = 'none' | 'starting' | 'healthy' | 'unhealthy';

/** A container port that the engine publishes. */
export interface PublishedPort {
	/** The address it is bound to on the engine's host: `127.0.0.1`, `0.0.0.0`, `::`. */
	readonly address: string;
	readonly published: number;
	readonly target: number;
	readonly protocol: string;
}

export interface Container {
	readonly id: string;
	readonly name: string;
	readonly service: string;
	/** Recognised from image, command, environment and labels (roles.ts). */
	readonly role: Role;
	/** compose's number of the container within its service, from 1. */
	readonly number: number;
	readonly status: ContainerStatus;
	readonly health: Health;
	/** Known once it has exited. */
	readonly exitCode?: number;
	readonly oomKilled?: boolean;
	/** Milliseconds since 1970. */
	readonly startedAt?: number;
	readonly finishedAt?: number;
	readonly restartCount?: number;
	readonly image: string;
	readonly ports: readonly PublishedPort[];
	/** A TTY container's log is not multiplexed. Unknown until inspected. */
	readonly tty?: boolean;
}

/** A service as the compose file defines it, resolved by compose itself. */
export interface ServiceDefinition {
	readonly name: string;
	readonly role: Role;
	readonly image?: string;
	readonly build: boolean;
	readonly ports: readonly PublishedPort[];
	readonly dependsOn: readonly string[];
	readonly hasHealthcheck: boolean;
}

/** Where a stack comes from: compose files, mlstack's own stack, or only the name of a running project. */
export type StackOrigin = 'files' | 'own' | 'project';

/** A compose project that mlstack looks after. */
export interface Stack {
	readonly project: string;
	readonly origin: StackOrigin;
	/** Absolute paths of the compose files; empty for `project`. */
	readonly files: readonly string[];
	/** The project directory; empty for `project`. */
	readonly directory: string;
	/** In start order: a service comes after those it depends on. Empty for `project`: only its containers are known. */
	readonly services: readonly ServiceDefinition[];
	/** What compose warned of while it read the files, a sentence each, secrets masked. */
	readonly warnings?: readonly string[];
}

/** What runs a stack: containers, or plain processes of the user's. */
export type EngineKind = 'docker' | 'native';

/** Which engine was chosen for a stack. */
export interface EngineChoice {
	readonly kind: EngineKind;
	/** The end of a sentence: `no Docker answered`. */
	readonly why: string;
	/** Nobody asked for it and nothing remembered it: the user is told. */
	readonly isFallback?: true;
	/** What else could run this stack; absent where nothing could. */
	readonly other?: EngineKind;
}

/** The engine behind the screen. */
export interface EngineInfo {
	readonly kind: EngineKind;
	/** The engine's version, `28.5.2`; empty when it does not say, or has none. */
	readonly version: string;
	/** The Engine API's version, `1.51`; empty for another kind. */
	readonly apiVersion: string;
	/** The docker context's name, or the variable or option that named the engine; empty for another kind. */
	readonly context: string;
	/** The endpoint as people write it: `unix:///var/run/docker.sock`. */
	readonly endpoint: string;
	/** The host on which published ports answer, as seen from here: `localhost`, or the remote machine's name. */
	readonly host: string;
	readonly os: string;
	readonly arch: string;
	readonly cpus: number;
	/** Bytes. */
	readonly memory: number;
}

/** What an engine says of a project: first a snapshot, then changes. */
export type StackEvent =
	| {readonly type: 'snapshot'; readonly at: number; readonly containers: readonly Container[]}
	/** A change read off an event itself, applied at once; `container` follows with everything when it was inspected. */
	| {readonly type: 'change'; readonly at: number; readonly id: string; readonly change: ContainerChange}
	| {readonly type: 'container'; readonly at: number; readonly container: Container}
	/** Somebody sends the container a signal that ends it: `docker stop`, `docker kill`, compose. Its end follows. */
	| {readonly type: 'kill'; readonly at: number; readonly id: string}
	| {readonly type: 'removed'; readonly at: number; readonly id: string}
	| {readonly type: 'connected'; readonly at: number}
	/** The engine went away; the watch goes on trying. */
	| {readonly type: 'disconnected'; readonly at: number; readonly why: string};

export type ContainerChange = Partial<
	Pick<Container, 'status' | 'health' | 'exitCode' | 'oomKilled' | 'startedAt' | 'finishedAt' | 'name'>
>;

/** One reading of a container's use of the machine. */
export interface Sample {
	/** Milliseconds since 1970. */
	readonly at: number;
	/** Percent of one core, as `docker stats` counts: 200 is two cores busy. */
	readonly cpu: number;
	/** Bytes, page cache excluded. */
	readonly memory: number;
	/** Bytes; the machine's memory where no limit is set. */
	readonly memoryLimit: number;
	/** Bytes since the container's start; absent where the engine cannot tell. */
	readonly received?: number;
	readonly sent?: number;
}

/** A line of a container's log. */
export interface LogLine {
	/** Microseconds since 1970, with the nanoseconds as far as a double holds them: for order and display. */
	readonly time: number;
	/** The engine's own RFC 3339 stamp with nanoseconds: for resuming exactly. */
	readonly stamp: string;
	readonly stream: 'stdout' | 'stderr';
	readonly text: string;
	/** Known to be printable ASCII alone, as most lines are: there is nothing to clean in it. */
	readonly printable?: boolean;
}

export interface LogRequest {
	readonly container: string;
	/** An RFC 3339 stamp (nanoseconds allowed), inclusive: lines at or after it. */
	readonly since?: string;
	/** Inclusive. */
	readonly until?: string;
	/** The last N lines only; all when absent. */
	readonly tail?: number;
	/** Go on until the container stops. */
	readonly follow: boolean;
}

/** What an operation (up, down, ...) reports while it works. */
export type Progress =
	| {
			readonly type: 'step';
			readonly at: number;
			/** Unique within the operation: `container kws-mlflow-1`, `image postgres:18`, a layer's digest. */
			readonly id: string;
			/** The id of the step that this one is a part of: the image of a layer. */
			readonly parent?: string;
			readonly kind: 'pull' | 'layer' | 'build' | 'network' | 'volume' | 'container' | 'other';
			/** The thing's name, without its kind. */
			readonly name: string;
			readonly state: 'working' | 'done' | 'failed';
			/** The engine's word for it: `Downloading`, `Starting`, `Healthy`. */
			readonly status: string;
			/** Bytes, or build steps. */
			readonly current?: number;
			readonly total?: number;
	  }
	/** A line of output: a build step's own, compose's warnings. */
	| {
			readonly type: 'output';
			readonly at: number;
			readonly level: 'info' | 'warning' | 'error';
			readonly text: string;
			/** The build step (vertex) that wrote it. */
			readonly step?: string;
	  };

export type OperationKind = 'up' | 'down' | 'restart' | 'stop' | 'start';

export interface OperationRequest {
	/** Only these services; all when empty. */
	readonly services: readonly string[];
	/** For `down`: also the named volumes. Never set by a key alone. */
	readonly volumes?: boolean;
}

/** Which stack is meant: what the options and the environment say, before anything was asked. */
export interface StackRequest {
	/** `-f`, in order; relative ones against `directory`. */
	readonly files: readonly string[];
	/** `-p`, or COMPOSE_PROJECT_NAME. */
	readonly project?: string;
	/** Where mlstack was called. */
	readonly directory: string;
	readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * What MLflow's HTTP says, on two levels that are shown apart: `/health` answers `OK` even while the database is down,
 * so only a search of the experiments proves that the tracking server works.
 */
export interface TrackingHealth {
	/** Milliseconds since 1970. */
	readonly at: number;
	/** Where it was asked: `http://localhost:5000`. */
	readonly url: string;
	/** `GET /health` was answered by an MLflow. */
	readonly answers: boolean;
	/** `GET /api/2.0/mlflow/experiments/search` was answered with 200. */
	readonly works: boolean;
	/** One or two words for the table: `works`, `database down`, `no answer`, `host refused`. */
	readonly word: string;
	/** One sentence; empty when all is well. */
	readonly why: string;
}
