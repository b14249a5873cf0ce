import type {EnvironmentFacts} from '../stack/environment/facts.ts';
import type {
	EngineChoice,
	EngineInfo,
	EngineKind,
	LogLine,
	LogRequest,
	OperationKind,
	OperationRequest,
	Progress,
	Sample,
	Stack,
	StackEvent,
	StackRequest,
} from '../stack/model.ts';
import type {Storage} from './storage.ts';

/**
 * The outside world behind one interface: Docker, or plain processes. Every method is cancellable by its signal:
 * an aborted iteration ends quietly, an aborted promise rejects with the signal's reason.
 * Whatever fails throws a Failure.
 */
export interface Engine {
	/** Why this engine runs the stack, and what else could. Absent where nobody chose, as in tests. */
	readonly choice?: EngineChoice;

	/** Asks the engine who it is. Throws a Failure with reason `noEngine` when nothing answers. */
	describe(signal?: AbortSignal): Promise<EngineInfo>;

	/**
	 * The stack that is meant (design: `-f`, COMPOSE_FILE, the folder's compose file, else mlstack's own stack).
	 * Throws a Failure for a file that is missing or that compose refuses.
	 */
	resolve(request: StackRequest, signal?: AbortSignal): Promise<Stack>;

	/**
	 * What compose makes of the stack's files, as they are now: `docker compose config --format json`, parsed. Unlike a
	 * Stack it holds passwords. Throws a Failure for files that compose refuses, and for a stack that has none.
	 */
	composeConfig(stack: Stack, signal?: AbortSignal): Promise<unknown>;

	/**
	 * What the stack runs on, for `doctor`: engine, tools, disks, ports, clock. Whatever cannot be found out, even whether
	 * an engine answers, is left out of it or told in it; only an abort rejects.
	 */
	environment(stack: Stack | undefined, signal?: AbortSignal): Promise<EnvironmentFacts>;

	/** What `resolve` said last time, if no file of it changed since: enough for a first frame, in a millisecond. */
	guess(request: StackRequest): Promise<Stack | undefined>;

	/**
	 * The project's containers: a snapshot first, then changes, pushed by the engine. Survives the engine's absence: it
	 * yields `disconnected`, tries again (100 ms to 2 s apart), then yields `connected` and a fresh snapshot.
	 * Ends only with the signal.
	 */
	watch(project: string, signal: AbortSignal): AsyncIterable<StackEvent>;

	/** A container's log in batches of whole lines. With `follow` it ends when the container stops. */
	logs(request: LogRequest, signal: AbortSignal): AsyncIterable<readonly LogLine[]>;

	/** About one sample a second, until the container stops. */
	stats(container: string, signal: AbortSignal): AsyncIterable<Sample>;

	/** Carries an operation out; ends when it is done, throws a Failure when it failed. */
	operate(
		kind: OperationKind,
		stack: Stack,
		request: OperationRequest,
		signal: AbortSignal,
	): AsyncIterable<Progress>;

	/** Runs a command inside a running container, with its environment. `output` must be read to its end. */
	execute(
		container: string,
		command: readonly string[],
		options: ExecuteOptions,
		signal: AbortSignal,
	): Promise<Execution>;

	/**
	 * Who has a port of the machine on which the stack publishes its ports, in words that complete "is taken by":
	 * `the container kws-ui-1 of the project kws`, `gunicorn (process 4711)`. Undefined when that cannot be told. Never throws
	 * but the signal's reason.
	 */
	portOwner(port: number, signal: AbortSignal): Promise<string | undefined>;

	/**
	 * Runs a command as a service would, apart from its container: in its environment, once what it depends on runs. Gives
	 * the lines that it writes. An aborted signal ends it, and the iteration quietly. Throws a Failure when the command
	 * fails.
	 */
	runOnce(
		stack: Stack,
		service: string,
		command: readonly string[],
		signal: AbortSignal,
	): AsyncIterable<string>;

	/** Looking after what outlives containers: prune, backup. Absent where an engine cannot do that. */
	readonly storage?: Storage;

	/** Closes every connection; pending iterations end. */
	close(): void;
}

export interface ExecuteOptions {
	/**
	 * Written to the command's standard input, which is then closed. A chunk has been written before the next one is asked
	 * for, so all of them may be of one buffer.
	 */
	readonly input?: AsyncIterable<Uint8Array>;
	readonly environment?: Readonly<Record<string, string>>;
	readonly user?: string;
}

export interface Execution {
	/** Standard output, with back-pressure. */
	readonly output: AsyncIterable<Uint8Array>;
	/** Settles when the output has ended; `errors` is standard error, its last 64 KiB. */
	readonly done: Promise<{readonly exitCode: number; readonly errors: string}>;
}

/** How the user names an engine; what is absent is found as the docker CLI finds it. */
export interface EngineOptions {
	/** `--host`, as DOCKER_HOST. */
	readonly host?: string;
	/** `--context`, as DOCKER_CONTEXT. */
	readonly context?: string;
	readonly kind: 'auto' | EngineKind;
	/** What the engine is chosen for; without it `auto` is Docker. */
	readonly request?: StackRequest;
	readonly environment: Readonly<Record<string, string | undefined>>;
}
