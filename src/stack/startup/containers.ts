import type {Container, StackEvent} from '../model.ts';
import {update as updateStack} from '../state.ts';
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
				next = before.known
					? changed(next, before.containers.get(container.id), container, event.at)
					: foundAt(next, container, event.at);
			}

			for (const id of before.containers.keys()) {
				next = containers.containers.has(id) ? next : removed(next, id, event.at);
			}

			return next;
		}

		case 'container': {
			return changed(next, before.containers.get(event.container.id), event.container, event.at);
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

/** A container that was there when mlstack began to look: is its start still under way? */
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

	if (hasStarted(before, container)) {
		return started(timeline, container, at);
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

function hasStarted(before: Container | undefined, container: Container): boolean {
	if (container.status !== 'running') {
		return false;
	}

	if (before?.status !== 'running' && before?.status !== 'paused') {
		return true;
	}

	// Seen after the engine was away: it may have been restarted meanwhile. The event's time differs a little.
	const restarted = (container.startedAt ?? 0) - (before.startedAt ?? Infinity);
	return restarted > 1500;
}

/** A container appeared, by somebody's `docker compose up`. */
function created(timeline: Timeline, container: Container, at: number): Timeline {
	const start = timeline.phase === 'starting' ? timeline : newStart(timeline, at);
	const stack = startStep(start.stack, '', 'create', at);
	const lane = newLane(container.service, container.role);
	const next = {...start, stack: noteStep(stack, 'create', container.name)};
	return lane && !next.lanes[container.service] ? withLane(next, lane) : next;
}

function started(timeline: Timeline, container: Container, at: number): Timeline {
	const fresh = newLane(container.service, container.role);
	if (!fresh) {
		return timeline;
	}

	const before = timeline.lanes[container.service];
	const goesOn =
		timeline.phase === 'starting' ||
		(timeline.phase === 'failed' && before?.container === container.id) ||
		(timeline.phase === 'ready' && !before && at - (timeline.end ?? 0) < gap);
	const {end, ...rest} = goesOn ? timeline : newStart(timeline, at);
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
