import {setTimeout as sleep} from 'node:timers/promises';
import type {Engine} from '../../engine/engine.ts';
import {FollowedLog, type LogStart} from '../../engine/follow.ts';
import type {Container} from '../../stack/model.ts';
import {initialState, update, type StackState} from '../../stack/state.ts';
import {ContainerLines, type ContainerLine} from './lines.ts';
import {TimeMerge} from './time-merge.ts';

/** What is followed. */
export interface FollowRequest {
	readonly engine: Engine;
	readonly project: string;
	/** Where the logs of the containers that exist already begin; of later ones every line is read. */
	readonly request: LogStart;
	readonly isMeant: (container: Container) => boolean;
	/** Told for a log that cannot be read, though the engine answers. */
	readonly onFailure: (container: Container, error: unknown) => Promise<void>;
}

/** How long, in ms, a line waits for older ones of other services. */
const patience = 100;

/** How long, in ms, the watch has to report that the engine is away, before a failed reading is a failure of its own. */
const watchDelay = 1000;

/** The logs of a project's containers, those to come included, across restarts and absences of the engine. */
export class LogFollower implements AsyncIterable<readonly ContainerLine[]> {
	readonly #what: FollowRequest;
	readonly #signal: AbortSignal;
	readonly #merge = new TimeMerge<ContainerLine>(patience);
	/** How often each container was seen to start. */
	readonly #starts = new Map<string, {count: number; startedAt: number | undefined}>();
	#state: StackState = initialState;
	/** How often the engine came back. */
	#returns = 0;
	#news = Promise.withResolvers<void>();

	/** Begins to watch when it is first read, and ends with the signal. */
	constructor(what: FollowRequest, signal: AbortSignal) {
		this.#what = what;
		this.#signal = signal;
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<readonly ContainerLine[], void, undefined> {
		void this.#watch();
		yield* this.#merge;
	}

	async #watch(): Promise<void> {
		const {engine, project, isMeant} = this.#what;
		try {
			for await (const event of engine.watch(project, this.#signal)) {
				const isFirst = !this.#state.known;
				this.#state = update(this.#state, event);
				this.#returns += event.type === 'connected' ? 1 : 0;
				for (const container of this.#state.containers.values()) {
					const isNew = !this.#starts.has(container.id);
					this.#count(container);
					if (isNew && isMeant(container)) {
						this.#merge.add(this.#follow(container, isFirst ? this.#what.request : {}));
					}
				}

				this.#tell();
			}

			this.#merge.close();
		} catch (error) {
			this.#merge.fail(error);
		}

		this.#tell();
	}

	#count({id, status, startedAt}: Container): void {
		const before = this.#starts.get(id);
		const isStart = status === 'running' && startedAt !== before?.startedAt;
		this.#starts.set(id, {
			count: (before?.count ?? 0) + (isStart ? 1 : 0),
			startedAt: isStart ? startedAt : before?.startedAt,
		});
	}

	#tell(): void {
		this.#news.resolve();
		this.#news = Promise.withResolvers();
	}

	/** One container's log: each reading ends when the container stops, the next one begins when it was started again. */
	async *#follow(
		container: Container,
		start: LogStart,
	): AsyncGenerator<readonly ContainerLine[], void, undefined> {
		const log = new FollowedLog(this.#what.engine, container.id, start);
		const lines = new ContainerLines(container);
		while (this.#goesOn(container)) {
			// Taken before the reading: a start that is seen meanwhile is read on from at once.
			const turn = this.#turn(container);
			try {
				for await (const batch of log.read(this.#signal)) {
					yield batch.map((line) => lines.prepare(line));
				}
			} catch (error) {
				await this.#explain(container, turn, error);
			}

			while (this.#goesOn(container) && this.#turn(container) === turn) {
				await this.#news.promise;
			}
		}
	}

	/** Moves whenever there may be more to read. */
	#turn({id}: Container): number {
		return (this.#starts.get(id)?.count ?? 0) + this.#returns;
	}

	#goesOn({id}: Container): boolean {
		return !this.#signal.aborted && this.#state.containers.has(id);
	}

	/** A reading that broke off because the engine went away is taken up again when it is back. */
	async #explain(container: Container, turn: number, error: unknown): Promise<void> {
		await sleep(watchDelay, undefined, {signal: this.#signal}).catch(() => undefined);
		const isAway = this.#state.away !== undefined || this.#turn(container) !== turn;
		if (!isAway && this.#goesOn(container)) {
			await this.#what.onFailure(container, error);
		}
	}
}
