import type {Engine} from './engine/engine.ts';
import type {LogStart} from './engine/follow.ts';
import {logName} from './logs/entry.ts';
import type {LogPlace} from './logs/place.ts';
import {readOlder} from './logs/history.ts';
import {logViews} from './screen/log-readings.ts';
import type {View} from './screen/view.ts';
import {selectServices, type AppState, type Store} from './store.ts';

/**
 * Older lines for a reader who has come to the start of what is held of a log: a page is read from the engine each time
 * he goes there. While he is away from the end his logs are held, so that new lines do not push his place out.
 */
export class OlderLines {
	readonly #store: Store;
	readonly #engine: Pick<Engine, 'logs'>;
	readonly #onLines: () => void;
	#reading: AbortController | undefined;
	/** The places for which was read: each key press makes a new one. */
	#readAt = new WeakSet<LogPlace>();
	/** By container: the number of the buffer's first line when the engine had nothing older. */
	readonly #starts = new Map<string, number>();

	/** `onLines` is called when lines came. */
	constructor(store: Store, engine: Pick<Engine, 'logs'>, onLines: () => void) {
		this.#store = store;
		this.#engine = engine;
		this.#onLines = onLines;
	}

	/**
	 * Holds, releases and reads after the state. Gives where logs have to be read from again, by container, as their lines
	 * found no room while the reader was back.
	 */
	sync(state: AppState): ReadonlyMap<string, LogStart> {
		const {book} = this.#store;
		const containers = containersByLog(state);
		const held = logViews(state.view).filter(({position}) => !position.follow);
		const shown = new Set(held.flatMap((view) => book.shown(view)));
		const again = new Map<string, LogStart>();
		for (const buffer of book.all()) {
			const container = containers.get(buffer.log);
			if (container !== undefined && shown.has(buffer)) {
				buffer.hold();
			} else if (buffer.isHeld) {
				const start = buffer.release();
				if (container !== undefined && start) {
					again.set(container, start);
				}
			}
		}

		const moved = held.filter(({position}) => !this.#readAt.has(position));
		if (held.length === 0) {
			this.stop();
		} else if (!this.#reading && moved.length > 0) {
			for (const {position} of moved) {
				this.#readAt.add(position);
			}

			void this.#read(moved, containers);
		}

		return again;
	}

	/** Ends the reading. */
	stop(): void {
		this.#reading?.abort();
		this.#reading = undefined;
		this.#readAt = new WeakSet();
	}

	async #read(views: readonly View[], containers: ReadonlyMap<string, string>): Promise<void> {
		const reading = new AbortController();
		this.#reading = reading;
		try {
			const buffers = views.flatMap((view) => this.#store.book.startingBelow(view));
			for (const buffer of new Set(buffers)) {
				const container = containers.get(buffer.log);
				if (container === undefined || this.#starts.get(container) === buffer.first) {
					continue;
				}

				const {taken, reachedStart} = await readOlder(this.#engine, container, buffer, {
					signal: reading.signal,
				});
				if (reachedStart) {
					this.#starts.set(container, buffer.first);
				}

				if (taken > 0) {
					this.#onLines();
				}
			}
		} catch {
			// What is wrong with the engine is the watch's to explain; the next key press tries again.
		} finally {
			if (this.#reading === reading) {
				this.#reading = undefined;
			}
		}
	}
}

/** By the name of its log, each container's id. */
function containersByLog(state: AppState): ReadonlyMap<string, string> {
	return new Map(
		selectServices(state).flatMap(({name, containers}) =>
			containers.map(({number, id}) => [logName(name, number), id] as const),
		),
	);
}
