import type {OperationKind, ServiceDefinition, TrackingHealth} from '../model.ts';
import type {StackState} from '../state.ts';
import {event} from './containers.ts';
import type {Line, StackInput} from './input.ts';
import {expectedSteps, failStep, finishStep, noteStep, startStep} from './lane.ts';
import {createdAll, noWork, workOn} from './operation.ts';
import {hear, phaseOf} from './phases.ts';
import {newLane, settled, stepsOf, withLane, withoutLane, type Timeline} from './start.ts';

/** Docker notes the start a little after the first line may have come; it restarts no container sooner than this, ms. */
const slack = 100;

/**
 * The timeline after one more input. Pure; returns the very same object for whatever changes nothing, which is nearly
 * every line of a log, so that nothing is drawn for it.
 */
export function update(timeline: Timeline, input: StackInput): Timeline {
	switch (input.type) {
		case 'services': {
			return {...timeline, services: input.services};
		}

		case 'begin': {
			return begin(timeline, input.operation, input.services, input.at);
		}

		case 'end': {
			return end(timeline, input.at, input.failure);
		}

		case 'progress': {
			return timeline.phase === 'starting' ? progressed(timeline, input.progress) : timeline;
		}

		case 'event': {
			return event(timeline, input.event);
		}

		case 'line': {
			return timeline.phase === 'starting' ? line(timeline, input.line) : timeline;
		}

		case 'probe': {
			return timeline.phase === 'starting' ? probe(timeline, input.service, input.health) : timeline;
		}

		case 'port':
		case 'time': {
			return timeline;
		}
	}
}

function begin(
	timeline: Timeline,
	operation: OperationKind,
	services: readonly string[],
	at: number,
): Timeline {
	const {start, end, ...rest} = timeline;
	const empty: Timeline = {...rest, phase: 'idle', stack: [], work: noWork, lanes: {}, operation};
	if (operation === 'down' || operation === 'stop') {
		return empty;
	}

	const meant = withDependencies(timeline.services, services, operation === 'up');
	const lanes = meant
		.filter(({name}) => operation === 'restart' || !isRunning(timeline.containers, name))
		.map(({name, role}) => newLane(name, role))
		.filter((lane) => lane !== undefined);
	return {
		...empty,
		phase: 'starting',
		start: at,
		stack: operation === 'up' ? expectedSteps('stack', '') : [],
		lanes: Object.fromEntries(lanes.map((lane) => [lane.service, lane])),
	};
}

/** The services that are named, all when none is, and for `up` those that they need. */
function withDependencies(
	services: readonly ServiceDefinition[],
	names: readonly string[],
	all: boolean,
): readonly ServiceDefinition[] {
	if (names.length === 0) {
		return services;
	}

	const meant = new Set<string>();
	const add = (name: string): void => {
		if (!meant.has(name)) {
			meant.add(name);
			for (const needed of all ? (services.find((one) => one.name === name)?.dependsOn ?? []) : []) {
				add(needed);
			}
		}
	};
	for (const name of names) {
		add(name);
	}

	return services.filter(({name}) => meant.has(name));
}

function isRunning(stack: StackState, service: string): boolean {
	return [...stack.containers.values()].some(
		(container) => container.service === service && container.status === 'running',
	);
}

function end(timeline: Timeline, at: number, failure: string | undefined): Timeline {
	const {operation, ...rest} = timeline;
	if (timeline.phase !== 'starting') {
		return operation ? rest : timeline;
	}

	if (failure === undefined) {
		return settled({...rest, stack: createdAll(timeline.stack, at)}, at);
	}

	const failed = stepsOf(timeline).some((step) => step.state === 'failed');
	return {
		...rest,
		phase: 'failed',
		end: at,
		stack: failed ? timeline.stack : failStep(timeline.stack, at, failure.split('\n', 1)[0] ?? ''),
	};
}

function progressed(
	timeline: Timeline,
	progress: Extract<StackInput, {type: 'progress'}>['progress'],
): Timeline {
	const {stack, work} = timeline;
	const next = workOn(stack, work, progress);
	return next.steps === stack && next.work === work
		? timeline
		: settled({...timeline, stack: next.steps, work: next.work}, progress.at);
}

function line(timeline: Timeline, line: Line): Timeline {
	const lane = timeline.lanes[line.service];
	if (!lane || line.at < (lane.since ?? 0) - slack) {
		return timeline;
	}

	const said = phaseOf(lane.role, line.text);
	if (!said || (said.phase.after !== undefined && !lane.heard[said.phase.after])) {
		return timeline;
	}

	const {phase} = said;
	const heard = hear(lane.heard, phase, said.found);
	let steps = lane.steps;
	if (phase.effect === 'start') {
		steps = startStep(steps, lane.service, phase.step, line.at);
	} else if (phase.effect === 'done') {
		steps = finishStep(steps, lane.service, phase.step, line.at);
	}

	steps = phase.detail ? noteStep(steps, phase.step, phase.detail(heard)) : steps;
	const next = withLane(timeline, {...lane, heard, steps});
	return steps === lane.steps ? next : settled(next, line.at);
}

function probe(timeline: Timeline, service: string, health: TrackingHealth): Timeline {
	const lane = timeline.lanes[service];
	if (lane?.role !== 'tracking') {
		return timeline;
	}

	if (!health.answers) {
		return lane.found ? withLane(timeline, {...lane, found: false}) : timeline;
	}

	if (health.works) {
		if (lane.found) {
			// It was well before mlstack looked: no start to tell of.
			return withoutLane(timeline, lane, health.at);
		}

		const steps = finishStep(lane.steps, service, 'answer', health.at);
		return settled(withLane(timeline, {...lane, unwell: false, steps}), health.at);
	}

	const steps = startStep(lane.steps, service, 'answer', health.at);
	const noted = noteStep(steps, 'answer', `answers, but does not work yet: ${health.word}`);
	return noted === lane.steps && lane.unwell
		? timeline
		: withLane(timeline, {...lane, unwell: true, found: false, steps: noted});
}
