import type {OperationKind, Role, ServiceDefinition} from '../model.ts';
import {initialState, type StackState} from '../state.ts';
import {expectedSteps, type Steps} from './lane.ts';
import {noWork, type Work} from './operation.ts';
import type {Heard} from './phases.ts';
import type {Step} from './steps.ts';

/**
 * `idle`: nothing was started since mlstack looks. `ready`: PostgreSQL accepts connections and MLflow answers.
 * `failed`: a step failed and nothing goes on; a container that the engine restarts makes it `starting` again.
 */
export type TimelinePhase = 'idle' | 'starting' | 'ready' | 'failed';

/** A start of the stack, or of a part of it: the present one, or the last. */
export interface Timeline {
	readonly phase: TimelinePhase;
	/** Milliseconds since 1970. */
	readonly start?: number;
	readonly end?: number;
	/** Pull, build, create. */
	readonly stack: Steps;
	/** What mlstack's own operation reports. */
	readonly work: Work;
	/** By service, in start order. */
	readonly lanes: Readonly<Record<string, Lane>>;
	readonly services: readonly ServiceDefinition[];
	readonly containers: StackState;
	/** mlstack's own operation, while it runs. */
	readonly operation?: OperationKind;
}

/** What one service goes through. */
export interface Lane {
	readonly service: string;
	readonly role: 'database' | 'tracking';
	readonly steps: Steps;
	readonly heard: Heard;
	readonly container?: string;
	/** When that container started, by the engine's clock: older lines belong to an earlier run. */
	readonly since?: number;
	/** It was running already when mlstack began to look, so it may have been well for long. */
	readonly found?: boolean;
	/** MLflow answers but does not work: its healthcheck is no proof. */
	readonly unwell?: boolean;
}

export const initialTimeline: Timeline = {
	phase: 'idle',
	stack: [],
	work: noWork,
	lanes: {},
	services: [],
	containers: initialState,
};

/** Every step of the start, in order: the stack's, then each service's. */
export function stepsOf(timeline: Timeline): readonly Step[] {
	return [...timeline.stack, ...Object.values(timeline.lanes).flatMap((lane) => lane.steps)];
}

/** What a service has before it; undefined for a service whose start has no steps. */
export function newLane(service: string, role: Role): Lane | undefined {
	return role === 'other' ? undefined : {service, role, steps: expectedSteps(role, service), heard: {}};
}

/** Forgets a service; the start itself when it was the last. */
export function withoutLane(timeline: Timeline, lane: Lane, at: number): Timeline {
	const {[lane.service]: gone, ...lanes} = timeline.lanes;
	const {start, end, ...rest} = timeline;
	return Object.keys(lanes).length === 0
		? {...rest, phase: 'idle', stack: [], work: noWork, lanes}
		: settled({...timeline, lanes}, at);
}

export function withLane(timeline: Timeline, lane: Lane): Timeline {
	return {...timeline, lanes: {...timeline.lanes, [lane.service]: lane}};
}

/** Ends the start when nothing is left to wait for. */
export function settled(timeline: Timeline, at: number): Timeline {
	const steps = stepsOf(timeline);
	if (timeline.phase !== 'starting' || steps.some((step) => step.state === 'working')) {
		return timeline;
	}

	if (steps.some((step) => step.state === 'failed')) {
		return timeline.operation ? timeline : {...timeline, phase: 'failed', end: at};
	}

	const waiting = steps.some((step) => step.state === 'waiting');
	const nothing = Object.keys(timeline.lanes).length === 0 && timeline.operation !== undefined;
	return waiting || nothing ? timeline : {...timeline, phase: 'ready', end: at};
}
