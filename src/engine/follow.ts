import type {LogLine, LogRequest} from '../stack/model.ts';
import type {Engine} from './engine.ts';

/** Where the first reading begins. */
export type LogStart = Pick<LogRequest, 'tail' | 'since'>;

/**
 * One container's log across restarts and across the engine's absence: each reading goes on exactly where the last one
 * ended, without a gap and without a line twice. The engine ends a log when its container stops; whoever watches the
 * project reads on when it runs again.
 */
export class FollowedLog {
	readonly #engine: Pick<Engine, 'logs'>;
	readonly #container: string;
	readonly #start: LogStart;
	/** The newest stamp that was read, and how many lines carried it: lines may share a stamp. */
	#stamp = '';
	#count = 0;

	constructor(engine: Pick<Engine, 'logs'>, container: string, start: LogStart) {
		this.#engine = engine;
		this.#container = container;
		this.#start = start;
	}

	/** Reads on, until the container stops or the signal aborts. Throws the engine's Failure. */
	async *read(signal: AbortSignal): AsyncGenerator<readonly LogLine[], void, undefined> {
		const from = this.#stamp === '' ? this.#start : {since: this.#stamp};
		const request = {container: this.#container, follow: true, ...from};
		let seen = this.#stamp === '' ? 0 : this.#count;
		const resumedAt = this.#stamp;
		for await (const lines of this.#engine.logs(request, signal)) {
			let fresh = lines;
			if (seen > 0) {
				const known = lines.findIndex(({stamp}) => stamp !== resumedAt);
				const same = known === -1 ? lines.length : known;
				const dropped = Math.min(seen, same);
				seen = same < lines.length ? 0 : seen - dropped;
				fresh = lines.slice(dropped);
			}

			if (fresh.length > 0) {
				this.#remember(fresh);
				yield fresh;
			}
		}
	}

	#remember(lines: readonly LogLine[]): void {
		for (const {stamp} of lines.slice(-1)) {
			const sharing = lines.length - 1 - lines.findLastIndex((line) => line.stamp !== stamp);
			this.#count = stamp === this.#stamp ? this.#count + sharing : sharing;
			this.#stamp = stamp;
		}
	}
}
