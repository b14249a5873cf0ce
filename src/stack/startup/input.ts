import type {OperationKind, Progress, Role, ServiceDefinition, StackEvent, TrackingHealth} from '../model.ts';

/** A line of a container's log, as the timeline and the diagnosis read it. */
export interface Line {
	readonly service: string;
	readonly role: Role;
	/** Milliseconds since 1970, by the engine's clock. */
	readonly at: number;
	/** Cleaned: no escape sequences, of a progress bar its last state. */
	readonly text: string;
}

/**
 * Everything that the timeline and the diagnosis learn from. One stream feeds both; each takes what it understands and
 * returns its very own state for the rest.
 */
export type StackInput =
	/** The services of the stack, when it was resolved, and again when its files changed. */
	| {
			readonly type: 'services';
			readonly services: readonly ServiceDefinition[];
			/** Before this time, ms since 1970, a start of this project was seen to succeed (the history holds one). */
			readonly ranBefore?: number;
			/** What to type for this stack; `docker compose` when absent. */
			readonly compose?: string;
	  }
	/** mlstack itself begins an operation. Without services it is meant for all. */
	| {
			readonly type: 'begin';
			readonly at: number;
			readonly operation: OperationKind;
			readonly services: readonly string[];
	  }
	/** mlstack's operation ended; with what went wrong, all lines of it, when it failed. */
	| {
			readonly type: 'end';
			readonly at: number;
			readonly operation: OperationKind;
			readonly failure?: string;
			/** What compose, or the engine through it, said in its own words. */
			readonly said?: string;
	  }
	| {readonly type: 'progress'; readonly progress: Progress}
	| {readonly type: 'event'; readonly event: StackEvent}
	| {readonly type: 'line'; readonly line: Line}
	/** What MLflow said when it was asked over HTTP. */
	| {readonly type: 'probe'; readonly service: string; readonly health: TrackingHealth}
	/** Who listens on a port of the engine's host, and which near it is free: asked when a port was said to be taken. */
	| {readonly type: 'port'; readonly port: number; readonly owner: string; readonly free?: number}
	/** Time went by. Needed only where nothing else is heard: see `nextChange` of the diagnosis. */
	| {readonly type: 'time'; readonly at: number};
