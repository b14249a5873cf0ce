import {Failure} from '../../failure.ts';
import type {Container, StackEvent} from '../../stack/model.ts';
import type {Connection} from './connection.ts';
import {containerOfEvent, parseInspect} from './containers.ts';
import {changeOf, isEnding, type ContainerEvent} from './events.ts';

/** Inspections under way at once: behind ssh each may be a connection of its own. */
const inspections = 3;

interface Watched {
	container: Container;
	hasHealthcheck: boolean;
	/** Counts the events: an inspection that was asked for before the last one is out of date. */
	version: number;
	inspecting: boolean;
}

/**
 * A project's containers during one connection: takes the engine's list and events, and publishes what they mean. An
 * event is published at once, from its own words; then the container is inspected, for what the event does not say.
 */
export class WatchedProject {
	readonly #connection: Connection;
	readonly #publish: (event: StackEvent) => void;
	readonly #signal: AbortSignal;
	readonly #containers = new Map<string, Watched>();
	readonly #toInspect = new Set<string>();
	#inspecting = 0;
	/** Events that came before the list; undefined once it is here. */
	#early: ContainerEvent[] | undefined = [];

	constructor(connection: Connection, publish: (event: StackEvent) => void, signal: AbortSignal) {
		this.#connection = connection;
		this.#publish = publish;
		this.#signal = signal;
	}

	/** The list, which was asked for after the events had been: what changed in between is among the early events. */
	begin(containers: readonly Container[]): void {
		for (const container of containers) {
			this.#containers.set(container.id, watched(container));
		}

		this.#publish({type: 'snapshot', at: Date.now(), containers});
		const early = this.#early ?? [];
		this.#early = undefined;
		for (const event of early) {
			this.take(event);
		}

		for (const id of this.#containers.keys()) {
			this.#inspect(id);
		}
	}

	take(event: ContainerEvent): void {
		if (this.#early !== undefined) {
			this.#early.push(event);
			return;
		}

		if (event.action === 'destroy') {
			this.#remove(event.id, event.at);
			return;
		}

		const known = this.#containers.get(event.id);
		if (known === undefined) {
			this.#add(event);
			return;
		}

		if (event.action === 'kill') {
			if (isEnding(event)) {
				this.#publish({type: 'kill', at: event.at, id: event.id});
			}

			return;
		}

		const change = changeOf(event, known);
		known.version++;
		if (Object.keys(change).length > 0) {
			known.container = {...known.container, ...change};
			this.#publish({type: 'change', at: event.at, id: event.id, change});
		}

		this.#inspect(event.id);
	}

	#add(event: ContainerEvent): void {
		const container = containerOfEvent(event.id, event.attributes);
		if (container === undefined) {
			return;
		}

		const added = watched(container);
		added.container = {...container, ...changeOf(event, added)};
		this.#containers.set(event.id, added);
		this.#publish({type: 'container', at: event.at, container: added.container});
		this.#inspect(event.id);
	}

	#remove(id: string, at: number): void {
		this.#toInspect.delete(id);
		if (this.#containers.delete(id)) {
			this.#publish({type: 'removed', at, id});
		}
	}

	#inspect(id: string): void {
		// One that is under way sees by the version that it has to be repeated.
		if (this.#containers.get(id)?.inspecting === false) {
			this.#toInspect.add(id);
		}

		for (const next of this.#toInspect) {
			const known = this.#containers.get(next);
			if (this.#inspecting >= inspections || known === undefined) {
				return;
			}

			this.#toInspect.delete(next);
			void this.#inspectNow(next, known);
		}
	}

	async #inspectNow(id: string, known: Watched): Promise<void> {
		const {version} = known;
		known.inspecting = true;
		this.#inspecting++;
		try {
			const path = `/containers/${encodeURIComponent(id)}/json`;
			const inspected = parseInspect(await this.#connection.json('GET', path, {signal: this.#signal}));
			if (inspected !== undefined && known.version === version && this.#containers.get(id) === known) {
				known.container = inspected.container;
				known.hasHealthcheck = inspected.hasHealthcheck;
				this.#publish({type: 'container', at: Date.now(), container: inspected.container});
			}
		} catch (error) {
			if (error instanceof Failure && error.code === 'not-found') {
				this.#remove(id, Date.now());
			}
			// Otherwise what the events said stays true; if the engine is gone, their stream says so.
		} finally {
			known.inspecting = false;
			this.#inspecting--;
			if (!this.#signal.aborted) {
				this.#inspectAgain(id, known.version !== version);
			}
		}
	}

	#inspectAgain(id: string, outdated: boolean): void {
		const [next] = this.#toInspect;
		if (outdated) {
			this.#inspect(id);
		} else if (next !== undefined) {
			this.#inspect(next);
		}
	}
}

function watched(container: Container): Watched {
	return {container, hasHealthcheck: container.health !== 'none', version: 0, inspecting: false};
}
