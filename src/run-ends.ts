import type {Container} from './stack/model.ts';

/** The end of a container's run. */
export interface RunEnd {
	/** Milliseconds since 1970, by the engine's clock: the run's lines are no later. */
	readonly at: number;
	/** For people: `kws-mlflow-1 exited (1)`. */
	readonly text: string;
}

/** A start is told by its event and by an inspection, in milliseconds that differ; a start later than this is another. */
const sameStart = 5000;

/**
 * Where the runs of containers ended, to be drawn into their logs. A log and the event of its end come on ways of their
 * own, so an end waits here until it is taken by whoever reads the log.
 */
export class RunEnds {
	readonly #before = new Map<string, Container>();
	readonly #waiting = new Map<string, RunEnd>();

	/** Takes down what the containers are now. */
	observe(containers: Iterable<Container>): void {
		for (const container of containers) {
			const before = this.#before.get(container.id);
			if (before !== container) {
				this.#before.set(container.id, container);
				const end = endBetween(before, container);
				if (end) {
					this.#waiting.set(container.id, end);
				}
			}
		}
	}

	/** The end that waits, if it is earlier than a line's time (milliseconds since 1970); then it waits no more. */
	take(id: string, before = Number.POSITIVE_INFINITY): RunEnd | undefined {
		const end = this.#waiting.get(id);
		if (!end || end.at >= before) {
			return undefined;
		}

		this.#waiting.delete(id);
		return end;
	}
}

function endBetween(before: Container | undefined, now: Container): RunEnd | undefined {
	const {name, status, exitCode, startedAt = 0, finishedAt = startedAt} = now;
	const ran = before === undefined || before.status === 'running' || before.status === 'paused';
	if (ran && (status === 'exited' || status === 'restarting' || status === 'dead')) {
		return {at: finishedAt, text: `${name} exited${exitCode === undefined ? '' : ` (${exitCode})`}`};
	}

	// The end came while nobody watched.
	const isLater = before?.startedAt !== undefined && startedAt - before.startedAt > sameStart;
	return ran && isLater && status === 'running' ? {at: startedAt, text: `${name} restarted`} : undefined;
}
