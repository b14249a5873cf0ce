import type {Engine, Execution} from '../../src/engine/engine.ts';
import {asFailure} from '../../src/failure.ts';
import type {EnvironmentFacts} from '../../src/stack/environment/facts.ts';
import type {
	Container,
	EngineChoice,
	EngineInfo,
	LogLine,
	LogRequest,
	OperationKind,
	OperationRequest,
	Progress,
	Sample,
	Stack,
	StackEvent,
	StackRequest,
} from '../../src/stack/model.ts';
import {aStack} from './stack.ts';

/** Items that are pushed to whoever iterates, until the signal aborts or the channel ends. */
class Channel<Item> {
	readonly #items: Item[] = [];
	#ended = false;
	#news = Promise.withResolvers<void>();

	push(item: Item): void {
		this.#items.push(item);
		this.#news.resolve();
	}

	end(): void {
		this.#ended = true;
		this.#news.resolve();
	}

	async *read(signal: AbortSignal): AsyncGenerator<Item, void, undefined> {
		const wake = () => this.#news.resolve();
		signal.addEventListener('abort', wake);
		try {
			while (!signal.aborted) {
				const item = this.#items.shift();
				if (item !== undefined) {
					yield item;
				} else if (this.#ended) {
					return;
				} else {
					await this.#news.promise;
					this.#news = Promise.withResolvers();
				}
			}
		} finally {
			signal.removeEventListener('abort', wake);
		}
	}
}

/** An engine in memory: a test says what it holds, what it answers, and what happens to it. */
export class FakeEngine implements Engine {
	info: EngineInfo = {
		kind: 'docker',
		version: '28.5.2',
		apiVersion: '1.51',
		context: 'default',
		endpoint: 'unix:///var/run/docker.sock',
		host: 'localhost',
		os: 'linux',
		arch: 'amd64',
		cpus: 2,
		memory: 8e9,
	};

	choice: EngineChoice = {kind: 'docker', why: 'it answers', other: 'native'};
	stack: Stack = aStack();
	/** What describe throws. */
	failure: Error | undefined;
	/** Describe never answers. */
	isMute = false;
	/** What resolve throws. */
	resolveFailure: Error | undefined;
	/** Everything it was asked to do: `up`, `stop mlflow`. */
	readonly operations: string[] = [];
	readonly requests: StackRequest[] = [];
	readonly logRequests: LogRequest[] = [];
	isClosed = false;
	/** What an operation reports and does. */
	onOperate: (
		kind: OperationKind,
		request: OperationRequest,
	) => AsyncIterable<Progress> | Iterable<Progress> = () => [];

	/** What the stack runs on. */
	get surroundings(): EnvironmentFacts {
		const away = this.failure && asFailure(this.failure);
		return {
			kind: this.info.kind,
			...(away ? {away} : {engine: {...this.info, rootless: false}}),
			tools: {docker: true, compose: '2.40.3', buildx: '0.29.1'},
			disks: [{place: 'engine', path: '/var/lib/docker', free: 40 * 1024 ** 3}],
			ports: [],
			images: [],
			...this.environmentFacts,
		};
	}

	/** What is otherwise there. */
	environmentFacts: Partial<EnvironmentFacts> = {};

	/** What compose makes of the stack's files. */
	onComposeConfig: (stack: Stack) => unknown = ({project, services}) => ({
		name: project,
		services: Object.fromEntries(services.map(({name, image}) => [name, {image}])),
	});

	readonly #containers = new Map<string, Container>();
	readonly #past = new Map<string, LogLine[]>();
	readonly #logFailures = new Map<string, Error>();
	readonly #watchers = new Set<Channel<StackEvent>>();
	readonly #followers = new Map<string, Set<Channel<readonly LogLine[]>>>();

	constructor(...containers: readonly Container[]) {
		for (const container of containers) {
			this.#containers.set(container.id, container);
		}
	}

	/** Adds a container, or changes one; whoever watches is told. A container that stops ends the reading of its log. */
	set(container: Container): void {
		this.#containers.set(container.id, container);
		this.tell({type: 'container', at: Date.now(), container});
		if (container.status !== 'running') {
			for (const follower of this.#followers.get(container.id) ?? []) {
				follower.end();
			}
		}
	}

	remove(id: string): void {
		this.#containers.delete(id);
		this.tell({type: 'removed', at: Date.now(), id});
	}

	tell(event: StackEvent): void {
		for (const watcher of this.#watchers) {
			watcher.push(event);
		}
	}

	/** Adds lines to a container's log. */
	log(id: string, ...lines: readonly LogLine[]): void {
		this.#past.set(id, [...(this.#past.get(id) ?? []), ...lines]);
		for (const follower of this.#followers.get(id) ?? []) {
			follower.push(lines);
		}
	}

	failLog(id: string, error: Error): void {
		this.#logFailures.set(id, error);
	}

	/** How many watches are open. */
	get watching(): number {
		return this.#watchers.size;
	}

	/** How many logs are followed. */
	get following(): number {
		return [...this.#followers.values()].reduce((sum, followers) => sum + followers.size, 0);
	}

	async describe(): Promise<EngineInfo> {
		if (this.failure) {
			throw this.failure;
		}

		return this.isMute ? new Promise(() => {}) : this.info;
	}

	async resolve(request: StackRequest): Promise<Stack> {
		this.requests.push(request);
		if (this.resolveFailure) {
			throw this.resolveFailure;
		}

		return Promise.resolve(this.stack);
	}

	async composeConfig(stack: Stack): Promise<unknown> {
		return Promise.resolve(this.onComposeConfig(stack));
	}

	async environment(stack: Stack | undefined): Promise<EnvironmentFacts> {
		return Promise.resolve({...this.surroundings, ...(stack && {stack})});
	}

	async guess(): Promise<Stack | undefined> {
		return Promise.resolve(undefined);
	}

	async *watch(_project: string, signal: AbortSignal): AsyncGenerator<StackEvent, void, undefined> {
		const channel = new Channel<StackEvent>();
		channel.push({type: 'snapshot', at: Date.now(), containers: [...this.#containers.values()]});
		this.#watchers.add(channel);
		try {
			yield* channel.read(signal);
		} finally {
			this.#watchers.delete(channel);
		}
	}

	async *logs(request: LogRequest, signal: AbortSignal): AsyncGenerator<readonly LogLine[], void, undefined> {
		const {container: id, since = '', tail, follow} = request;
		this.logRequests.push(request);
		const failure = this.#logFailures.get(id);
		if (failure) {
			throw failure;
		}

		const past = (this.#past.get(id) ?? []).filter(({stamp}) => stamp >= since);
		const channel = new Channel<readonly LogLine[]>();
		const lines = tail === undefined ? past : past.slice(Math.max(0, past.length - tail));
		if (lines.length > 0) {
			channel.push(lines);
		}

		if (!follow || this.#containers.get(id)?.status !== 'running') {
			channel.end();
		}

		const followers = this.#followers.get(id) ?? new Set();
		this.#followers.set(id, followers.add(channel));
		try {
			yield* channel.read(signal);
		} finally {
			followers.delete(channel);
		}
	}

	async *stats(): AsyncGenerator<Sample, void, undefined> {
		yield* [];
	}

	async *operate(
		kind: OperationKind,
		_stack: Stack,
		request: OperationRequest,
		signal: AbortSignal,
	): AsyncGenerator<Progress, void, undefined> {
		this.operations.push([kind, ...request.services].join(' '));
		for await (const progress of this.onOperate(kind, request)) {
			if (signal.aborted) {
				return;
			}

			yield progress;
		}
	}

	async execute(): Promise<Execution> {
		return Promise.reject(new Error('this engine runs no commands'));
	}

	/** Who has which port. */
	readonly portOwners = new Map<number, string>();

	async portOwner(port: number): Promise<string | undefined> {
		return Promise.resolve(this.portOwners.get(port));
	}

	async *runOnce(): AsyncGenerator<string, void, undefined> {
		yield* [];
		throw new Error('this engine runs no commands');
	}

	close(): void {
		this.isClosed = true;
	}
}
