import {setImmediate, setTimeout as delay} from 'node:timers/promises';
import type {Engine} from './engine/engine.ts';
import {FollowedLog, type LogStart} from './engine/follow.ts';
import {LogFrames} from './log-frames.ts';
import {OlderLines} from './older-lines.ts';
import {RunEnds, type RunEnd} from './run-ends.ts';
import {logViews} from './screen/log-readings.ts';
import {showsStats} from './screen/dashboard.ts';
import {isTelling} from './stack/diagnosis/signs.ts';
import type {Container, LogLine, Sample, TrackingHealth} from './stack/model.ts';
import {areSame} from './selector.ts';
import {selectAddress, selectServices, type AppState, type Store} from './store.ts';
import {Tasks} from './tasks.ts';

export type Probe = (url: string, signal: AbortSignal) => Promise<TrackingHealth>;

/** Lines after which the views take them over: a key does not wait until those of a quarter of a second are merged. */
const viewedLines = 1000;

/** How often the figures move, in ms. A frame costs about 10 ms whatever moves in it. */
const sampleInterval = 2000;

/** Milliseconds by which an event and an inspection of a container may differ in when it started. */
const sameStart = 500;

/** Lines of each log that are read at first. */
const firstLines = 1000;

/** How often the tracking server is asked, in ms: until it works, and from then on. */
const probeEager = 500;
const probeCalm = 10_000;

type Run = (signal: AbortSignal) => Promise<void>;

/** What is read from the engine because the screen shows it: logs, stats, and the tracking server's answers. */
export class Streams {
	readonly #store: Store;
	readonly #engine: Engine;
	readonly #probe: Probe;
	readonly #logTasks = new Tasks();
	readonly #statsTasks = new Tasks();
	readonly #probeTasks = new Tasks();
	readonly #logs = new Map<string, FollowedLog>();
	/** How often each container was seen to start: a log that ended is read on at the next start. */
	readonly #starts = new Map<string, {running: boolean; startedAt: number | undefined; count: number}>();
	/** The reading of each container's log that is under way. */
	readonly #readings = new Map<string, AbortSignal>();
	readonly #ends = new RunEnds();
	/** Ends that found no room in a log while a reader was back. */
	readonly #undrawn = new Map<string, RunEnd[]>();
	/** How often each container's log was begun anew. */
	readonly #rereads = new Map<string, number>();
	readonly #frames = new LogFrames(() => this.#store.dispatch({type: 'logs'}));
	/** The log's version in the state that was followed last. */
	#drawnVersion = 0;
	/** Lines that the views have not taken over. */
	#waiting = 0;
	/** What the tasks were last synced with. */
	#basis: readonly unknown[] = [];
	readonly #older: OlderLines;
	readonly #samples = new Map<string, Sample>();
	#sifting = false;
	#stopped = false;
	#sampleTimer: NodeJS.Timeout | undefined;

	constructor(store: Store, engine: Engine, probe: Probe) {
		this.#store = store;
		this.#engine = engine;
		this.#probe = probe;
		this.#older = new OlderLines(store, engine, () => this.#frames.add(0));
	}

	/** Starts and ends streams after the state. Cheap when nothing changed. */
	sync(): void {
		const state = this.#store.getState();
		if (state.logVersion === this.#drawnVersion) {
			// Something else is drawn, such as a key's effect, and with it every line that has come.
			this.#frames.passOver();
		}

		this.#drawnVersion = state.logVersion;
		const connected = state.containers.known && !state.containers.away;
		const again = connected ? this.#older.sync(state) : new Map<string, LogStart>();
		this.#readAgain(again);
		const basis = [state.containers, state.stack, state.engine?.host, showsStats(state)];
		if (again.size > 0 || !areSame(basis, this.#basis)) {
			this.#basis = basis;
			this.#syncTasks(state, connected);
		}

		void this.#sift();
	}

	#syncTasks(state: AppState, connected: boolean): void {
		const containers = [...state.containers.containers.values()];
		this.#ends.observe(containers);
		this.#logTasks.sync(connected ? this.#wantedLogs(containers) : new Map<string, Run>());
		for (const container of containers) {
			this.#drawEnd(container);
		}

		this.#statsTasks.sync(
			connected && showsStats(state) ? this.#wantedStats(containers) : new Map<string, Run>(),
		);
		this.#probeTasks.sync(this.#wantedProbes(state));
	}

	stop(): void {
		this.#stopped = true;
		this.#older.stop();
		this.#logTasks.stop();
		this.#statsTasks.stop();
		this.#probeTasks.stop();
		this.#frames.stop();
		clearTimeout(this.#sampleTimer);
	}

	/** Brings filter and search up to date slice by slice: keys are answered in between, and draw what is found so far. */
	async #sift(): Promise<void> {
		if (this.#sifting) {
			return;
		}

		this.#sifting = true;
		let isWhole = this.#updateViews();
		while (!this.#stopped && !isWhole) {
			this.#frames.add(0);
			await setImmediate();
			isWhole = this.#updateViews();
			if (isWhole) {
				// What was found last does not wait for the next frame.
				this.#frames.add(0);
				this.#frames.flush();
			}
		}

		this.#sifting = false;
	}

	/** Lets what is shown look at what it has not seen, as far as a slice goes. Gives whether that was all. */
	#updateViews(): boolean {
		const looked = logViews(this.#store.getState().view).map((view) => this.#store.book.update(view));
		return looked.every(Boolean);
	}

	#wantedLogs(containers: readonly Container[]): ReadonlyMap<string, Run> {
		const wanted = new Map<string, Run>();
		for (const container of containers) {
			const running = container.status === 'running' || container.status === 'paused';
			if (running && container.startedAt === undefined) {
				// A list does not tell it: the inspection does, and then it is known which lines are of this run.
				continue;
			}

			const {startedAt} = container;
			const before = this.#starts.get(container.id);
			// Between two looks of a watch it may have stopped and started again.
			const isLater = (startedAt ?? 0) - (before?.startedAt ?? startedAt ?? 0) > sameStart;
			const isNew = running && (!before?.running || isLater);
			const count = (before?.count ?? 0) + (isNew ? 1 : 0);
			this.#starts.set(container.id, {running, startedAt, count});
			// The task of a container that stopped stays wanted: the engine ends its log, to the last line, by itself.
			const reread = this.#rereads.get(container.id) ?? 0;
			wanted.set(`${container.id} ${count} ${reread}`, async (signal) => this.#readLog(container, signal));
		}

		return wanted;
	}

	/** The logs of these containers are read anew: what came while a reader was back had no room. */
	#readAgain(starts: ReadonlyMap<string, LogStart>): void {
		for (const [id, start] of starts) {
			this.#logs.set(id, new FollowedLog(this.#engine, id, start));
			this.#ends.putBack(id, this.#undrawn.get(id) ?? []);
			this.#undrawn.delete(id);
			this.#rereads.set(id, (this.#rereads.get(id) ?? 0) + 1);
		}
	}

	async #readLog(container: Container, signal: AbortSignal): Promise<void> {
		const {id} = container;
		let log = this.#logs.get(id);
		if (!log) {
			log = new FollowedLog(this.#engine, id, {tail: firstLines});
			this.#logs.set(id, log);
		}

		this.#readings.set(id, signal);
		try {
			for await (const lines of log.read(signal)) {
				this.#append(container, lines);
				this.#arrived(lines.length);
			}
		} catch {
			// A log that breaks off because the engine went away is read on when it is back; the watch reports that.
			return;
		} finally {
			if (this.#readings.get(id) === signal) {
				this.#readings.delete(id);
			}
		}

		this.#drawEnd(container);
	}

	/** Lines came: they are drawn with the next frame. In a flood the views take them over before. */
	#arrived(lines: number): void {
		this.#waiting += lines;
		if (this.#waiting >= viewedLines) {
			this.#waiting = 0;
			this.#updateViews();
		}

		this.#frames.add(lines);
	}

	/** Lines of a container's log; where its run ended between them, a rule says so. */
	#append(container: Container, lines: readonly LogLine[]): void {
		const {id, service, role, number} = container;
		const end = this.#ends.take(id, millisecond(lines.at(-1)));
		if (end) {
			const next = lines.findIndex((line) => millisecond(line) > end.until);
			this.#append(container, lines.slice(0, next));
			this.#rule(container, end);
			this.#append(container, lines.slice(next));
			return;
		}

		const fresh = this.#store.book.append(service, lines, number);
		// Nothing but failures is read from a service that is none of the two.
		const told = role === 'other' ? fresh.filter(({text}) => isTelling(role, text)) : fresh;
		if (told.length > 0) {
			this.#store.dispatch({
				type: 'lines',
				lines: told.map(({time, text}) => ({service, role, at: time / 1000, text})),
			});
		}
	}

	/** Nothing more comes from the container's run: if it has ended, a rule says so. */
	#drawEnd(container: Container): void {
		const {id} = container;
		const end = this.#readings.has(id) ? undefined : this.#ends.take(id);
		if (end) {
			this.#rule(container, end);
			this.#frames.add(0);
			this.#drawEnd(container);
		}
	}

	#rule({id, service, number}: Container, end: RunEnd): void {
		if (!this.#store.book.appendRule(service, end.at, end.text, number)) {
			this.#undrawn.set(id, [...(this.#undrawn.get(id) ?? []), end]);
		}
	}

	#wantedStats(containers: readonly Container[]): ReadonlyMap<string, Run> {
		return new Map(
			containers
				.filter(({status}) => status === 'running')
				.map(({id}) => [id, async (signal: AbortSignal) => this.#readStats(id, signal)]),
		);
	}

	async #readStats(id: string, signal: AbortSignal): Promise<void> {
		try {
			for await (const sample of this.#engine.stats(id, signal)) {
				this.#samples.set(id, sample);
				// All containers' figures move in one frame; the first come at once.
				this.#sampleTimer ??= setTimeout(
					() => {
						this.#sampleTimer = undefined;
						this.#store.dispatch({type: 'samples', samples: new Map(this.#samples)});
						this.#samples.clear();
					},
					this.#store.getState().samples.has(id) ? sampleInterval : 50,
				);
			}
		} catch {
			// Figures that stop coming are the watch's to explain.
		}
	}

	#wantedProbes(state: AppState): ReadonlyMap<string, Run> {
		const url = selectAddress(state);
		const service = selectServices(state).find(({role}) => role === 'tracking');
		const running = service?.container?.status === 'running' ? service.container : undefined;
		if (url === undefined || !running) {
			return new Map<string, Run>();
		}

		// Asked again at once when the container starts anew, or its database comes or goes.
		const database = selectServices(state).find(({role}) => role === 'database')?.container?.status ?? '';
		const key = `${url} ${running.id} ${this.#starts.get(running.id)?.count ?? 0} ${database}`;
		return new Map([[key, async (signal) => this.#askTracking(url, signal)]]);
	}

	async #askTracking(url: string, signal: AbortSignal): Promise<void> {
		this.#store.dispatch({type: 'tracking', health: undefined});
		try {
			while (!signal.aborted) {
				const health = await this.#probe(url, signal);
				this.#store.dispatch({type: 'tracking', health});
				await delay(health.works ? probeCalm : probeEager, undefined, {signal, ref: false});
			}
		} catch (error) {
			if (!signal.aborted) {
				throw error;
			}
		}
	}
}

/** The millisecond since 1970 in which a line was written: events know no finer ones. */
function millisecond(line: LogLine | undefined): number {
	return Math.floor((line?.time ?? 0) / 1000);
}
