import {chmodSync, rmSync} from 'node:fs';
import {createServer, type Server, type Socket} from 'node:net';
import type {Container, StackEvent} from '../../../stack/model.ts';
import {logPaths} from '../log-format.ts';
import type {ProjectPaths} from '../paths.ts';
import {identify} from '../process-table.ts';
import {lineSplitter, parseRequest, type Reply, type Request} from '../protocol.ts';
import {withSocketPath} from '../socket-path.ts';
import {readState, writeState, type Entry, type ServiceSpec} from '../state-file.ts';
import {Service, type ServiceHooks} from './service.ts';

/** A watcher that has not read so many bytes of events is too slow to be kept; it connects again for a snapshot. */
const longestBacklog = 1024 * 1024;

/** How long, in ms, a supervisor without anything to do waits for its first request. */
const patience = 5000;

/** Looks after a project's services until none of them is to run any more. */
export class Supervisor {
	readonly #paths: ProjectPaths;
	readonly #note: (text: string) => void;
	readonly #services = new Map<string, Service>();
	/** What watchers were last told, by container id. */
	readonly #told = new Map<string, Container>();
	readonly #watchers = new Set<Socket>();
	readonly #server: Server;
	readonly #finished = Promise.withResolvers<void>();
	/** Requests are carried out one after the other. */
	#work: Promise<void> = Promise.resolve();
	/** Requests that were not replied to yet: until then this process must not end. */
	#unanswered = 0;
	readonly #identities = {guard: identify(process.ppid), supervisor: identify(process.pid)};

	constructor(paths: ProjectPaths, note: (text: string) => void) {
		this.#paths = paths;
		this.#note = note;
		this.#server = createServer((socket) => {
			this.#serve(socket);
		});
	}

	/** Settles when nothing is left to look after, or `shutDown` was called. */
	get finished(): Promise<void> {
		return this.#finished.promise;
	}

	/** Takes up what the state file says and begins to listen. Throws what the file system throws. */
	async begin(): Promise<void> {
		for (const entry of readState(this.#paths.state).entries) {
			this.#add(entry);
		}

		// The lock is ours, so that a socket that is there is an earlier supervisor's.
		rmSync(this.#paths.supervisorSocket, {force: true});
		await withSocketPath(
			this.#paths.supervisorSocket,
			async (path) =>
				new Promise<void>((resolve, reject) => {
					this.#server.once('error', reject);
					this.#server.listen(path, () => resolve());
				}),
		);
		chmodSync(this.#paths.supervisorSocket, 0o600);
		await Promise.all([...this.#services.values()].map(async (service) => service.resume()));
		this.#changed();
		// Whoever started this process may have died before it said what for.
		setTimeout(() => {
			this.#finishIfIdle();
		}, patience).unref();
	}

	/** Ends the processes, databases last, as a machine that goes down wants it; the next start brings them back. */
	async shutDown(): Promise<void> {
		await this.#inStopOrder([...this.#services.values()], async (service) => service.halt());
		this.#finish();
	}

	#finish(): void {
		for (const service of this.#services.values()) {
			service.close();
		}

		for (const watcher of this.#watchers) {
			watcher.end();
		}

		this.#server.close();
		this.#finished.resolve();
	}

	#add(entry: Entry): Service {
		const hooks: ServiceHooks = {
			changed: () => {
				this.#changed();
			},
			isReady: (name) => {
				const dependency = this.#services.get(name)?.entry;
				return !dependency?.wanted || dependency.container.health === 'healthy';
			},
			note: this.#note,
		};
		const service = new Service(entry, this.#paths, hooks);
		this.#services.set(entry.spec.name, service);
		return service;
	}

	/** Writes the state down, tells the watchers, and starts what waited for it. */
	#changed(): void {
		this.#write();
		for (const {entry} of this.#services.values()) {
			const {container} = entry;
			if (JSON.stringify(this.#told.get(container.id)) !== JSON.stringify(container)) {
				this.#told.set(container.id, container);
				this.#tell({type: 'container', at: Date.now(), container});
			}
		}

		for (const service of this.#services.values()) {
			service.tryStart();
		}
	}

	#write(): void {
		const {guard, supervisor} = this.#identities;
		try {
			writeState(this.#paths.state, {
				...(guard && {guard}),
				...(supervisor && {supervisor}),
				entries: [...this.#services.values()].map(({entry}) => entry),
			});
		} catch (error) {
			// A full disk: what runs goes on, and watchers are told over the socket.
			this.#note(`the state cannot be written: ${String(error)}`);
		}
	}

	#tell(event: StackEvent): void {
		for (const watcher of this.#watchers) {
			watcher.write(`${JSON.stringify(event)}\n`);
			if (watcher.writableLength > longestBacklog) {
				watcher.destroy();
			}
		}
	}

	#serve(socket: Socket): void {
		socket.setEncoding('utf8');
		socket.on('error', () => socket.destroy());
		socket.on('close', () => this.#watchers.delete(socket));
		const split = lineSplitter((line) => {
			const request = parseRequest(line);
			if (!request) {
				socket.destroy();
			} else if (request.do === 'watch') {
				this.#watchers.add(socket);
				const containers = [...this.#services.values()].map(({entry}) => entry.container);
				socket.write(`${JSON.stringify({type: 'snapshot', at: Date.now(), containers})}\n`);
			} else {
				this.#unanswered++;
				this.#work = this.#work.then(async () => this.#answer(socket, request));
			}
		});
		socket.on('data', (chunk) => {
			split(String(chunk));
		});
	}

	async #answer(socket: Socket, request: Exclude<Request, {do: 'watch'}>): Promise<void> {
		let reply: Reply = {id: request.id};
		try {
			await (request.do === 'start' ? this.#want(request.specs) : this.#carryOut(request));
		} catch (error) {
			reply = {...reply, error: error instanceof Error ? error.message : String(error)};
			this.#note(`${request.do} failed: ${reply.error}`);
		}

		socket.write(`${JSON.stringify(reply)}\n`, () => {
			this.#unanswered--;
			this.#finishIfIdle();
		});
	}

	#finishIfIdle(): void {
		if (this.#unanswered === 0 && [...this.#services.values()].every(({entry}) => !entry.wanted)) {
			this.#finish();
		}
	}

	async #want(specs: readonly ServiceSpec[]): Promise<void> {
		// Those first that others depend on, so that nobody takes a service for one that is not to run at all.
		for (const spec of specs.toSorted((a, b) => a.dependsOn.length - b.dependsOn.length)) {
			const service = this.#services.get(spec.name) ?? this.#add(newEntry(this.#paths.project, spec));
			await service.want(spec);
		}
	}

	async #carryOut(request: Exclude<Request, {do: 'watch' | 'start'}>): Promise<void> {
		const meant = request.services.flatMap((name) => this.#services.get(name) ?? []);
		await this.#inStopOrder(meant, async (service) => service.stop());
		if (request.do === 'restart') {
			await this.#want(meant.map(({entry}) => entry.spec));
		} else if (request.do === 'remove') {
			for (const service of meant) {
				this.#remove(service);
			}

			this.#changed();
		}
	}

	/** One after the other, those first that others do not depend on. */
	async #inStopOrder(services: readonly Service[], stop: (service: Service) => Promise<void>): Promise<void> {
		const order = services.toSorted((a, b) => b.entry.spec.dependsOn.length - a.entry.spec.dependsOn.length);
		for (const service of order) {
			await stop(service);
		}
	}

	#remove(service: Service): void {
		const {spec, container} = service.entry;
		service.close();
		this.#services.delete(spec.name);
		this.#told.delete(container.id);
		for (const path of logPaths(this.#paths.logs, spec.name)) {
			rmSync(path, {force: true});
		}

		this.#tell({type: 'removed', at: Date.now(), id: container.id});
	}
}

function newEntry(project: string, spec: ServiceSpec): Entry {
	return {
		spec,
		wanted: false,
		container: {
			// Another one each time, as container ids are: a log that is read never goes over into the next one's.
			id: `${project}/${spec.name}/${Date.now().toString(36)}`,
			name: `${project}-${spec.name}-1`,
			service: spec.name,
			role: spec.role,
			number: 1,
			status: 'created',
			health: 'none',
			restartCount: 0,
			image: spec.image,
			ports: spec.ports,
			tty: false,
		},
	};
}
