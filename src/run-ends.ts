import type {Container} from './stack/model.ts';

/** The end of a container's run. */
export interface RunEnd {
	/** Milliseconds since 1970, by the engine's clock. */
	readonly at: number;
	/** Up to then lines are the run's. */
	readonly until: number;
	/** For people: `kws-mlflow-1 exited (1)`. */
	readonly text: string;
}

/** A start is told by its event and by an inspection, in milliseconds that differ; a start later than this is another. */
const sameStart = 5000;

/**
 * Milliseconds. A last line without a newline is stamped when the engine has noticed that nothing more comes, after the
 * end: by 50 ms on Engine 28.5. When the next run began, half of the time to that counts.
 */
const lateness = 1000;

/**
 * Where the runs of containers ended, to be drawn into their logs. A log and the event of its end come on ways of their
 * own, so an end waits here until it is taken by whoever reads the log.
 */
export class RunEnds {
	readonly #before = new Map<string, Container>();
	/** The oldest first. */
	readonly #waiting = new Map<string, readonly RunEnd[]>();

	/** Takes down what the containers are now. */
	observe(containers: Iterable<Container>): void {
		for (const container of containers) {
			const before = this.#before.get(container.id);
			if (before !== container) {
				this.#before.set(container.id, container);
				const end = endBetween(before, container);
				if (end) {
					this.#waiting.set(container.id, [...this.#waitingOf(container.id), end]);
				} else {
					this.#shorten(container);
				}
			}
		}
	}

	/** The first end that waits, if it is earlier than a line's time (milliseconds since 1970); then it waits no more. */
	take(id: string, before = Number.POSITIVE_INFINITY): RunEnd | undefined {
		const [end, ...later] = this.#waitingOf(id);
		if (!end || end.until >= before) {
			return undefined;
		}

		this.#waiting.set(id, later);
		return end;
	}

	/** Ends that were taken wait again: the log is read once more. */
	putBack(id: string, ends: readonly RunEnd[]): void {
		this.#waiting.set(id, [...ends, ...this.#waitingOf(id)]);
	}

	#waitingOf(id: string): readonly RunEnd[] {
		return this.#waiting.get(id) ?? [];
	}

	/** The next run's first lines are not the last one's. */
	#shorten({id, startedAt = 0}: Container): void {
		const waiting = this.#waitingOf(id);
		const end = waiting.at(-1);
		if (end && startedAt > end.at) {
			const until = Math.min(end.until, (end.at + startedAt) / 2);
			this.#waiting.set(id, [...waiting.slice(0, -1), {...end, until}]);
		}
	}
}

function endBetween(before: Container | undefined, now: Container): RunEnd | undefined {
	const {name, status, exitCode, startedAt = 0, finishedAt} = now;
	const ran = before === undefined || before.status === 'running' || before.status === 'paused';
	const isOver = status === 'exited' || status === 'restarting' || status === 'dead';
	// A list of containers does not say when one ended; its inspection does.
	if (isOver && finishedAt !== undefined && (ran || before.finishedAt === undefined)) {
		const at = finishedAt;
		return {
			at,
			until: at + lateness,
			text: `${name} exited${exitCode === undefined ? '' : ` (${exitCode})`}`,
		};
	}

	// The end came while nobody watched.
	const isLater = before?.startedAt !== undefined && startedAt - before.startedAt > sameStart;
	return ran && isLater && status === 'running'
		? {at: startedAt, until: startedAt, text: `${name} restarted`}
		: undefined;
}
