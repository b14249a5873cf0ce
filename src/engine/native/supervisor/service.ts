import {spawn, type ChildProcess} from 'node:child_process';
import {closeSync} from 'node:fs';
import {constants} from 'node:os';
import type {Container} from '../../../stack/model.ts';
import {openLog, type LogWriter} from '../log-writer.ts';
import type {ProjectPaths} from '../paths.ts';
import {portTaken} from '../ports.ts';
import {identify, isAlive, signalGroup, signalProcess, type ProcessIdentity} from '../process-table.ts';
import type {Entry, ServiceSpec} from '../state-file.ts';
import {removeStaleClusterLock} from './cluster-lock.ts';
import {interval, isHealthy, retries, startInterval, startPeriod} from './health.ts';
import {arePipes, makePipes, openForService, readPipes, type ServicePipes} from './pipes.ts';
import {holdPorts, type PortHold} from './port-hold.ts';

/**
 * Docker's restart manager: 100 ms, doubled after each start that lasted less than 10 s, up to a minute
 * (moby, restartmanager/restartmanager.go).
 */
const shortestDelay = 100;
const longestDelay = 60_000;
const longEnough = 10_000;

/** How long, in ms, the rest of a service's output is waited for when its main process has ended. */
const drainTime = 500;

/**
 * How often, in ms, a process is looked at that an earlier supervisor started: the kernel tells only a parent of its
 * end. Only then is anything polled; the next start of the service makes it a child.
 */
const lookInterval = 1000;

/** Exit code of a process whose end nobody saw, as Docker's. */
const unknownExit = 255;

export interface ServiceHooks {
	/** The entry changed: to be written down and told. */
	changed(): void;
	/** Whether a service that this one depends on is healthy, or not to run at all. */
	isReady(service: string): boolean;
	/** Something for the supervisor's own log. */
	note(text: string): void;
}

/** One service: its process, its log, its health, its restarts. */
export class Service {
	#entry: Entry;
	readonly #paths: ProjectPaths;
	readonly #hooks: ServiceHooks;
	readonly #log: LogWriter;
	#pipes: ServicePipes | undefined;
	/** The service's ports, from before its process starts until it has ended. */
	#ports: PortHold | undefined;
	#delay = shortestDelay;
	/** Waits out the delay before the next start. */
	#backsOff = false;
	/** The supervisor itself ends: nothing is started any more. */
	#halted = false;
	/** The process that ran last. */
	#last: ProcessIdentity | undefined;
	/** Waits for the next start, the next health check or the next look. */
	readonly #timers: {restart?: NodeJS.Timeout; health?: NodeJS.Timeout; look?: NodeJS.Timeout} = {};
	/** Settles when the process that runs now has ended and its output is written. */
	#ended: PromiseWithResolvers<void> | undefined;
	/** Settles when the last start has come to a process, or to none. */
	#started: Promise<void> | undefined;

	constructor(entry: Entry, paths: ProjectPaths, hooks: ServiceHooks) {
		this.#entry = entry;
		this.#last = entry.process;
		this.#paths = paths;
		this.#hooks = hooks;
		this.#log = openLog(paths.logs, entry.spec.name, (error) => {
			hooks.note(`the log of ${entry.spec.name} cannot be written: ${String(error)}`);
		});
	}

	get entry(): Entry {
		return this.#entry;
	}

	/** Takes up what an earlier supervisor left: a process that runs on is looked after, one that died is replaced. */
	async resume(): Promise<void> {
		const {process: last, spec, wanted} = this.#entry;
		if (last && isAlive(last)) {
			const run = Promise.withResolvers<void>();
			this.#ended = run;
			await this.#holdPorts(run, false);
			if (arePipes(this.#paths.run, spec.name)) {
				this.#read();
			}

			this.#timers.look = setInterval(() => {
				if (!isAlive(last)) {
					void this.#end(unknownExit);
				}
			}, lookInterval);
			this.#check(0);
			if (!wanted) {
				void this.stop();
			}
		} else if (last) {
			this.#ended = Promise.withResolvers();
			void this.#end(unknownExit);
		} else {
			this.tryStart();
		}
	}

	/** Wants the service to run, as this says. A process that runs otherwise is replaced. Settles when the start was tried. */
	async want(spec: ServiceSpec): Promise<void> {
		if (this.#ended && !runsAlike(spec, this.#entry.spec)) {
			await this.stop();
		}

		const {name: service, role, image, ports} = spec;
		this.#delay = shortestDelay;
		this.#backsOff = false;
		clearTimeout(this.#timers.restart);
		this.#update({service, role, image, ports}, {spec, wanted: true});
		this.tryStart();
		await this.#started;
	}

	/** Starts the service if it is to run, does not, and nothing that it depends on is missing. */
	tryStart(): void {
		const {wanted, spec} = this.#entry;
		const free = wanted && !this.#ended && !this.#backsOff && !this.#halted;
		if (free && spec.dependsOn.every((name) => this.#hooks.isReady(name))) {
			this.#started = this.#start();
		}
	}

	/** Ends the service for good. Settles when its process has ended. */
	async stop(): Promise<void> {
		this.#update({}, {wanted: false});
		await this.#terminate();
		this.#update({status: 'exited', health: 'none'}, {});
	}

	/** Ends the process, and leaves it to the next supervisor to start it again. */
	async halt(): Promise<void> {
		this.#halted = true;
		await this.#terminate();
	}

	async #terminate(): Promise<void> {
		this.#backsOff = false;
		clearTimeout(this.#timers.restart);
		const {process: running, spec} = this.#entry;
		const ended = this.#ended?.promise;
		if (!ended || !running) {
			// Its ports may be asked for just now: then no process follows.
			await ended;
			return;
		}

		signalProcess(running, spec.stopSignal);
		const kill = setTimeout(() => {
			this.#hooks.note(`${spec.name} did not end within ${spec.stopGrace} ms of ${spec.stopSignal}: killed`);
			signalGroup(running, 'SIGKILL');
		}, spec.stopGrace);
		await ended;
		clearTimeout(kill);
	}

	close(): void {
		clearTimeout(this.#timers.restart);
		clearTimeout(this.#timers.health);
		clearInterval(this.#timers.look);
		this.#pipes?.close();
		this.#ports?.release();
		this.#log.close();
	}

	async #start(): Promise<void> {
		const run = Promise.withResolvers<void>();
		this.#ended = run;
		const taken = await this.#holdPorts(run, true);
		const {spec, wanted} = this.#entry;
		if (!wanted || this.#halted) {
			this.#releasePorts();
			this.#ended = undefined;
			run.resolve();
			return;
		}

		if (taken !== undefined) {
			this.#fail(new Error(portTaken(taken)));
			return;
		}

		try {
			if (spec.cluster !== undefined) {
				removeStaleClusterLock(spec.cluster, this.#last);
			}

			const child = this.#spawn(spec);
			this.#last = child.pid === undefined ? undefined : identify(child.pid);
			child.once('exit', (code, signal) => {
				void this.#end(code ?? (signal ? 128 + constants.signals[signal] : unknownExit));
			});
			child.once('error', (error) => {
				this.#fail(error);
			});
			const {exitCode, finishedAt, ...container} = this.#entry.container;
			this.#entry = {...this.#entry, container};
			this.#update(
				{status: 'running', health: 'starting', startedAt: Date.now()},
				this.#last ? {process: this.#last} : {},
			);
			this.#check(startInterval);
		} catch (error) {
			this.#fail(error);
		}
	}

	#spawn(spec: ServiceSpec): ChildProcess {
		const {run} = this.#paths;
		makePipes(run, spec.name);
		const files: number[] = [];
		try {
			const out = openForService(run, spec.name, 'stdout');
			files.push(out);
			const errors = openForService(run, spec.name, 'stderr');
			files.push(errors);
			this.#read();
			const [program = '', ...options] = spec.command;
			// Detached: a group of its own, which can be killed as a whole and is not hit by a terminal's Ctrl-C.
			return spawn(program, options, {
				cwd: spec.directory,
				env: spec.environment,
				detached: true,
				stdio: ['ignore', out, errors],
				...spec.account,
			});
		} finally {
			for (const file of files) {
				closeSync(file);
			}
		}
	}

	#read(): void {
		this.#pipes?.close();
		this.#pipes = readPipes(this.#paths.run, this.#entry.spec.name, (stream, chunk) => {
			this.#log.write(stream, chunk);
		});
	}

	/** Keeps the service's ports as long as `run` lasts. Returns the first that cannot be had. */
	async #holdPorts(run: PromiseWithResolvers<void>, free: boolean): Promise<number | undefined> {
		const ports = this.#entry.spec.ports.map(({published}) => published);
		const hold = await holdPorts(ports, free);
		if (typeof hold === 'number') {
			return hold;
		}

		if (this.#ended === run) {
			this.#ports = hold;
		} else {
			hold.release();
		}
	}

	#releasePorts(): void {
		this.#ports?.release();
		this.#ports = undefined;
	}

	/** The process could not be started at all: 127, as a shell says it. */
	#fail(error: unknown): void {
		const said = error instanceof Error ? error.message : String(error);
		this.#log.write('stderr', Buffer.from(`mlstack: ${said}\n`));
		// It counts as a start that lasted no time, after which the next one waits longer.
		this.#entry = {...this.#entry, container: {...this.#entry.container, startedAt: Date.now()}};
		void this.#end(127);
	}

	async #end(exitCode: number): Promise<void> {
		const ended = this.#ended;
		const finishedAt = Date.now();
		clearInterval(this.#timers.look);
		clearTimeout(this.#timers.health);
		if (this.#last) {
			signalGroup(this.#last, 'SIGKILL');
		}

		if (this.#pipes) {
			await Promise.race([this.#pipes.ended, new Promise((resolve) => setTimeout(resolve, drainTime))]);
			this.#pipes.close();
			this.#pipes = undefined;
		}

		if (this.#ended !== ended) {
			return;
		}

		this.#ended = undefined;
		this.#releasePorts();
		const {process: gone, ...entry} = this.#entry;
		const again = entry.wanted && !this.#halted;
		this.#backsOff = again;
		this.#entry = entry;
		this.#update({status: again ? 'restarting' : 'exited', exitCode, finishedAt, health: 'none'}, {});
		ended?.resolve();
		if (again) {
			this.#restart();
		}
	}

	#restart(): void {
		const {startedAt = 0, finishedAt = 0, restartCount = 0} = this.#entry.container;
		this.#delay = finishedAt - startedAt >= longEnough ? shortestDelay : this.#delay;
		this.#timers.restart = setTimeout(() => {
			this.#backsOff = false;
			this.#update({restartCount: restartCount + 1}, {});
			this.tryStart();
		}, this.#delay);
		this.#delay = Math.min(this.#delay * 2, longestDelay);
	}

	/** Asks the service in `wait` ms how it is, and goes on asking until it ends. */
	#check(wait: number): void {
		let failures = 0;
		const run = this.#ended;
		const ask = async (): Promise<void> => {
			const healthy = await isHealthy(this.#entry.spec.health);
			if (this.#ended !== run) {
				return;
			}

			failures = healthy ? 0 : failures + 1;
			const {health: before, startedAt = 0} = this.#entry.container;
			const starting = before === 'starting' && Date.now() - startedAt < startPeriod;
			if (healthy) {
				this.#update({health: 'healthy'}, {});
			} else if (!starting && failures >= retries) {
				this.#update({health: 'unhealthy'}, {});
			}

			this.#timers.health = setTimeout(() => void ask(), starting && !healthy ? startInterval : interval);
		};

		clearTimeout(this.#timers.health);
		this.#timers.health = setTimeout(() => void ask(), wait);
	}

	#update(container: Partial<Container>, entry: Partial<Entry>): void {
		const before = this.#entry;
		this.#entry = {...before, ...entry, container: {...before.container, ...container}};
		if (JSON.stringify(before) !== JSON.stringify(this.#entry)) {
			this.#hooks.changed();
		}
	}
}

/** Whether a process would be the same with both; the shell that mlstack was called from this time does not count. */
function runsAlike(a: ServiceSpec, b: ServiceSpec): boolean {
	const essence = ({environment, ...rest}: ServiceSpec): string =>
		JSON.stringify([
			rest,
			Object.entries(environment)
				.filter(([name]) => /^(?:MLFLOW|POSTGRES|PG)/.test(name))
				.toSorted(([one], [other]) => one.localeCompare(other)),
		]);
	return essence(a) === essence(b);
}
