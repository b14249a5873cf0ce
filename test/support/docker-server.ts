import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {setImmediate as turn, setTimeout as sleep} from 'node:timers/promises';
import {type EventMessage, FakeContainer, type FakeOptions} from './docker-containers.ts';
import {FakeExecs} from './docker-exec.ts';
import {logBody, statsReading} from './docker-streams.ts';

/** What goes wrong, with the next requests whose path fits. */
export interface Fault {
	/** Tried against the path without its version and query. */
	readonly path: RegExp;
	/** How often; once when absent. */
	times?: number;
	/** Milliseconds before the answer is made. */
	readonly delay?: number;
	/** Milliseconds between making the answer and sending it: what it says may be out of date by then. */
	readonly hold?: number;
	/** An error status, with Docker's own shape of message. */
	readonly status?: number;
	readonly message?: string;
	/** A body in the place of the real one. */
	readonly body?: string;
	/** The connection breaks after this many bytes of the body. */
	readonly cutAfter?: number;
	/** The body goes out in pieces of this many bytes. */
	readonly pieces?: number;
}

/**
 * The Docker Engine's API on a unix socket of its own: containers with a state, their events, logs and stats, and
 * whatever can go wrong with them. It keeps to what Docker Engine 28.5 answers.
 */
export class DockerServer {
	readonly socketPath: string;
	/** Paths with their version and query, in the order in which they came. */
	readonly requests: string[] = [];
	readonly faults: Fault[] = [];
	/** `1.41`, as Engine 20.10 says it. */
	apiVersion = '1.51';
	/** Milliseconds between two readings of stats. */
	statsInterval = 20;
	readonly execs = new FakeExecs();
	readonly #containers = new Map<string, FakeContainer>();
	readonly #eventStreams = new Set<(message: EventMessage) => void>();
	readonly #sockets = new Set<Socket>();
	#server: Server | undefined;
	#time = BigInt(Date.now()) * 1_000_000n;

	private constructor(socketPath: string) {
		this.socketPath = socketPath;
	}

	static async start(): Promise<DockerServer> {
		const folder = await mkdtemp(join(tmpdir(), 'mlstack-docker-'));
		const server = new DockerServer(join(folder, 'docker.sock'));
		await server.return();
		return server;
	}

	get url(): string {
		return `unix://${this.socketPath}`;
	}

	create(options: FakeOptions): FakeContainer {
		const id = (this.#containers.size + 1).toString(16).padStart(64, 'c');
		const container = new FakeContainer(id, options, () => this.#now());
		this.#containers.set(id, container);
		container.on('event', (message) => this.send(message));
		container.created();
		return container;
	}

	/** An event for everyone who listens. */
	send(message: EventMessage): void {
		for (const take of this.#eventStreams) {
			take(message);
		}
	}

	/** How many listen to the events now. */
	get listeners(): number {
		return this.#eventStreams.size;
	}

	remove(container: FakeContainer): void {
		this.#containers.delete(container.id);
		container.destroyed();
	}

	/** The engine goes: every connection breaks, the socket is gone. */
	async vanish(): Promise<void> {
		const server = this.#server;
		this.#server = undefined;
		for (const socket of this.#sockets) {
			socket.destroy();
		}

		if (server !== undefined) {
			const closed = once(server, 'close');
			server.close();
			await closed;
		}
	}

	/** The engine is back, with the containers as they are now. */
	async return(): Promise<void> {
		const server = createServer((request, response) => {
			this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
		});
		server.on('connection', (socket) => {
			this.#sockets.add(socket);
			socket.on('close', () => this.#sockets.delete(socket));
		});
		server.on('upgrade', (request, socket, head) => {
			const [, id = ''] = /\/exec\/(\w+)\/start$/.exec(request.url ?? '') ?? [];
			const fault = this.#takeFault(`/exec/${id}/start`);
			void this.execs.start(id, request, socket, head, fault?.cutAfter);
		});
		server.listen(this.socketPath);
		await once(server, 'listening');
		this.#server = server;
	}

	async close(): Promise<void> {
		this.execs.close();
		await this.vanish();
		await rm(join(this.socketPath, '..'), {recursive: true, force: true});
	}

	/** The engine's clock: it never stands still, so that no two things happen at the same nanosecond. */
	#now(): bigint {
		const now = BigInt(Date.now()) * 1_000_000n;
		this.#time = now > this.#time ? now : this.#time + 1n;
		return this.#time;
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const {pathname, searchParams} = new URL(request.url ?? '/', 'http://docker');
		const path = pathname.replace(/^\/v\d+\.\d+/, '');
		this.requests.push(request.url ?? '');
		response.setHeader('Api-Version', this.apiVersion);
		response.setHeader('Server', 'Docker/28.5.2 (linux)');
		const fault = this.#takeFault(path);
		if (fault?.delay !== undefined) {
			await sleep(fault.delay, undefined, {ref: false});
		}

		if (fault?.status !== undefined) {
			refuse(response, fault.status, fault.message ?? 'it went wrong');
			return;
		}

		const body = this.#body(path, searchParams, response, request.method ?? 'GET', await text(request));
		if (fault?.hold !== undefined) {
			await sleep(fault.hold, undefined, {ref: false});
		}

		await send(response, fault?.body === undefined ? body : [Buffer.from(fault.body)], fault);
	}

	#takeFault(path: string): Fault | undefined {
		const fault = this.faults.find((each) => each.path.test(path) && (each.times ?? 1) > 0);
		if (fault !== undefined) {
			fault.times = (fault.times ?? 1) - 1;
		}

		return fault;
	}

	#body(path: string, query: URLSearchParams, response: ServerResponse, method: string, sent: string): Body {
		const [, exec] = /^\/exec\/(\w+)\/json$/.exec(path) ?? [];
		if (exec !== undefined) {
			const inspected = this.execs.inspect(exec);
			return inspected ? json(response, inspected) : refuse(response, 404, `No such exec instance: ${exec}`);
		}

		const [, id, action] = /^\/containers\/([^/]+)\/(\w+)$/.exec(path) ?? [];
		if (id !== undefined) {
			const container = this.#find(id);
			if (container === undefined) {
				return refuse(response, 404, `No such container: ${id}`);
			}

			return this.#containerBody(container, `${method} ${action}`, query, response, sent);
		}

		switch (path) {
			case '/_ping': {
				return ['OK'];
			}

			case '/info': {
				return json(response, info);
			}

			case '/events': {
				return this.#events(response, filtersOf(query));
			}

			case '/containers/json': {
				const filters = filtersOf(query);
				const containers = [...this.#containers.values()];
				return json(
					response,
					containers
						.filter(({options}) => hasLabels(options.labels ?? {}, filters.label))
						.map((container) => container.listed()),
				);
			}

			default: {
				return refuse(response, 404, 'page not found');
			}
		}
	}

	#containerBody(
		container: FakeContainer,
		request: string,
		query: URLSearchParams,
		response: ServerResponse,
		sent: string,
	): Body {
		switch (request) {
			case 'GET json': {
				return json(response, container.inspected());
			}

			case 'GET logs': {
				if (container.options.logDriver === 'none') {
					return refuse(response, 501, 'configured logging driver does not support reading');
				}

				const framed = !container.options.tty && Number(this.apiVersion.split('.')[1]) >= 42;
				response.setHeader('Content-Type', `application/vnd.docker.${framed ? 'multiplexed' : 'raw'}-stream`);
				return logBody(container, query, closedOf(response));
			}

			case 'POST exec': {
				return container.running
					? json(response, {Id: this.execs.create(sent)})
					: refuse(response, 409, `container ${container.id} is not running`);
			}

			case 'GET stats': {
				return this.#stats(container, response);
			}

			default: {
				return refuse(response, 404, 'page not found');
			}
		}
	}

	#find(id: string): FakeContainer | undefined {
		return (
			this.#containers.get(id) ??
			[...this.#containers.values()].find(
				({name, id: full}) => name === id || (id.length >= 12 && full.startsWith(id)),
			)
		);
	}

	async *#events(response: ServerResponse, filters: Filters): AsyncGenerator<string> {
		const pending: EventMessage[] = [];
		let wake = (): void => {};
		const take = (message: EventMessage): void => {
			const action = message.Action.split(':')[0] ?? '';
			if (
				hasLabels(message.Actor.Attributes, filters.label) &&
				(filters.event === undefined || filters.event.includes(action))
			) {
				pending.push(message);
				wake();
			}
		};
		this.#eventStreams.add(take);
		const closed = closedOf(response);
		closed.addEventListener('abort', () => wake());
		response.flushHeaders();
		try {
			while (!closed.aborted) {
				for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
					yield `${JSON.stringify(next)}\n`;
				}

				await new Promise<void>((resolve) => {
					wake = resolve;
				});
			}
		} finally {
			this.#eventStreams.delete(take);
		}
	}

	async *#stats(container: FakeContainer, response: ServerResponse): AsyncGenerator<string> {
		const closed = closedOf(response);
		for (let count = 0; !closed.aborted; count++) {
			yield `${JSON.stringify(statsReading(container, count))}\n`;
			await sleep(this.statsInterval);
		}
	}
}

type Body = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

interface Filters {
	readonly label?: readonly string[];
	readonly event?: readonly string[];
}

function filtersOf(query: URLSearchParams): Filters {
	return JSON.parse(query.get('filters') ?? '{}') as Filters;
}

function hasLabels(labels: Readonly<Record<string, string>>, wanted: readonly string[] | undefined): boolean {
	return (wanted ?? []).every((label) => {
		const [name = '', value] = label.split('=');
		return value === undefined ? name in labels : labels[name] === value;
	});
}

const info = {
	ServerVersion: '28.5.2',
	OSType: 'linux',
	Architecture: 'x86_64',
	NCPU: 4,
	MemTotal: 8_000_000_000,
};

function json(response: ServerResponse, value: unknown): Body {
	response.setHeader('Content-Type', 'application/json');
	return [JSON.stringify(value)];
}

function refuse(response: ServerResponse, status: number, message: string): Body {
	response.statusCode = status;
	response.setHeader('Content-Type', 'application/json');
	response.end(JSON.stringify({message}));
	return [];
}

/** Aborted when the client has gone. */
function closedOf(response: ServerResponse): AbortSignal {
	const abort = new AbortController();
	response.on('close', () => abort.abort());
	return abort.signal;
}

async function send(response: ServerResponse, body: Body, fault: Fault | undefined): Promise<void> {
	let left = fault?.cutAfter ?? Infinity;
	for await (const part of body) {
		const bytes = Buffer.from(part);
		const size = fault?.pieces ?? bytes.length;
		for (let at = 0; at < bytes.length && left > 0; at += size) {
			const piece = bytes.subarray(at, Math.min(at + size, bytes.length, at + left));
			left -= piece.length;
			await write(response, piece);
			if (fault?.pieces !== undefined) {
				await turn();
			}
		}

		if (left <= 0) {
			// What was written goes out before the connection breaks.
			await turn();
			response.socket?.destroy();
			return;
		}
	}

	if (!response.writableEnded) {
		response.end();
	}
}

async function write(response: ServerResponse, bytes: Uint8Array): Promise<void> {
	await new Promise<void>((resolve) => {
		response.write(bytes, () => resolve());
	});
}
