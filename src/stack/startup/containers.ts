import type {Container, StackEvent} from '../model.ts';
import {update as updateStack, type StackState} from '../state.ts';
import {failStep, finishStep, noteStep, startStep} from './lane.ts';
import {createdAll, noWork} from './operation.ts';
import {newLane, settled, withLane, withoutLane, type Lane, type Timeline} from './start.ts';

/** A later container belongs to the same start if it starts within this time, ms: compose waits for healthchecks. */
const gap = 15_000;
/** A running container without a healthcheck that started within this time may still be installing its packages, ms. */
const recent = 600_000;

/** What an event of the engine says of the start. */
export function event(timeline: Timeline, event: StackEvent): Timeline {
	const before = timeline.containers;
	const containers = updateStack(before, event);
	if (containers === before) {
		return timeline;
	}

	let next: Timeline = {...timeline, containers};
	switch (event.type) {
		case 'snapshot': {
			for (const container of event.containers) {
				next = seen(next, before, container, event.at);
			}

			for (const id of before.containers.keys()) {
				next = containers.containers.has(id) ? next : removed(next, id, event.at);
			}

			return next;
		}

		case 'container': {
			const {container, at} = event;
			const known = before.containers.get(container.id);
			return known && isAlive(known)
				? seen(next, before, container, at)
				: changed(next, known, container, at);
		}

		case 'change': {
			const container = containers.containers.get(event.id);
			return container ? changed(next, before.containers.get(event.id), container, event.at) : next;
		}

		case 'removed': {
			return removed(next, event.id, event.at);
		}

		case 'kill':
		case 'connected':
		case 'disconnected': {
			return next;
		}
	}
}

/** So much, in ms, the start in an inspection may differ from that of the event that told of it first. */
const imprecision = 1500;

const isAlive = ({status}: Container): boolean => status === 'running' || status === 'paused';

/** What a list, or an inspection, says of a container: it may have started while nobody looked. */
function seen(timeline: Timeline, known: StackState, container: Container, at: number): Timeline {
	const before = known.containers.get(container.id);
	const {status, startedAt} = container;
	if (status !== 'running') {
		return known.known ? changed(timeline, before, container, at) : timeline;
	}

	if (startedAt === undefined) {
		// Only the inspection that follows a list tells it.
		return timeline;
	}

	const isSame = before && isAlive(before) && startedAt - (before.startedAt ?? -Infinity) <= imprecision;
	return isSame ? changed(timeline, before, container, at) : foundAt(timeline, container, at);
}

/** A container whose start was not seen: is that still under way? */
function foundAt(timeline: Timeline, container: Container, at: number): Timeline {
	const since = container.startedAt;
	const starting =
		container.health === 'starting' ||
		(container.role === 'tracking' &&
			container.health === 'none' &&
			since !== undefined &&
			at - since < recent);
	if (container.status !== 'running' || since === undefined || !starting) {
		return timeline;
	}

	const next = started(timeline, container, since);
	const lane = next.lanes[container.service];
	return lane
		? withLane({...next, start: Math.min(next.start ?? since, since)}, {...lane, found: true})
		: next;
}

function changed(
	timeline: Timeline,
	before: Container | undefined,
	container: Container,
	at: number,
): Timeline {
	if (container.role === 'other') {
		return timeline;
	}

	if (container.status === 'running' && !(before && isAlive(before))) {
		return started(timeline, container, container.startedAt ?? at, before?.finishedAt);
	}

	if (container.status === 'created' && !before) {
		return created(timeline, container, at);
	}

	const lane = timeline.lanes[container.service];
	if (timeline.phase !== 'starting' || lane?.container !== container.id) {
		return timeline;
	}

	if (before?.status === 'running' && ['exited', 'dead', 'restarting'].includes(container.status)) {
		const why = `exited${container.exitCode === undefined ? '' : ` (${container.exitCode})`}`;
		const steps = failStep(lane.steps, at, container.oomKilled ? `${why}, out of memory` : why);
		return settled(withLane(timeline, {...lane, steps}), at);
	}

	return container.health === 'healthy' && before?.health !== 'healthy'
		? settled(withLane(timeline, healthy(lane, at)), at)
		: timeline;
}

/** A container appeared, by somebody's `docker compose up`. */
function created(timeline: Timeline, container: Container, at: number): Timeline {
	const start = timeline.phase === 'starting' ? timeline : newStart(timeline, at);
	const stack = startStep(start.stack, '', 'create', at);
	const lane = newLane(container.service, container.role);
	const next = {...start, stack: noteStep(stack, 'create', container.name)};
	return lane && !next.lanes[container.service] ? withLane(next, lane) : next;
}

/** `downSince`: when it ended, if it ran before. */
function started(timeline: Timeline, container: Container, at: number, downSince = 0): Timeline {
	const fresh = newLane(container.service, container.role);
	if (!fresh) {
		return timeline;
	}

	const before = timeline.lanes[container.service];
	const {end = 0} = timeline;
	// One that still ran when the start was over is started again by itself.
	const goesOn =
		timeline.phase === 'starting' ||
		(timeline.phase === 'failed' && before?.container === container.id) ||
		(timeline.phase === 'ready' && !before && downSince <= end && at - end < gap);
	const {end: _, ...rest} = goesOn ? timeline : newStart(timeline, at);
	const lane = {
		...fresh,
		container: container.id,
		since: container.startedAt ?? at,
		steps: startStep(fresh.steps, fresh.service, fresh.role === 'database' ? 'accept' : 'load', at, true),
	};
	return withLane({...rest, phase: 'starting', stack: createdAll(rest.stack, at)}, lane);
}

function newStart(timeline: Timeline, at: number): Timeline {
	const {end, ...rest} = timeline;
	return {...rest, phase: 'starting', start: at, stack: [], work: noWork, lanes: {}};
}

function removed(timeline: Timeline, id: string, at: number): Timeline {
	const lane = Object.values(timeline.lanes).find(({container}) => container === id);
	// With mlstack's own `up` the container is recreated, and its service starts anew.
	if (!lane || timeline.operation !== undefined) {
		return timeline;
	}

	return withoutLane(timeline, lane, at);
}

/** The engine's own healthcheck passed. */
function healthy(lane: Lane, at: number): Lane {
	if (lane.role === 'database') {
		// `pg_isready` without `-h` is content with the temporary server of the first init.
		const initialising = lane.steps.some(({id, state}) => id === 'initialise' && state === 'working');
		return initialising ? lane : {...lane, steps: finishStep(lane.steps, lane.service, 'accept', at)};
	}

	return lane.unwell ? lane : {...lane, steps: finishStep(lane.steps, lane.service, 'answer', at)};
}
