import type {OperationKind, Role, ServiceDefinition, TrackingHealth} from '../model.ts';
import {initialState, type StackState} from '../state.ts';
import type {LineReference} from './card.ts';

/** What was learned so far: what `cards` tells from. */
export interface Diagnosis {
	readonly services: readonly ServiceDefinition[];
	/** Before this time a start of the project was seen to succeed. */
	readonly ranBefore?: number;
	/** `docker compose`, with the options that mean this stack. */
	readonly compose: string;
	readonly containers: StackState;
	/** By service. */
	readonly runs: Readonly<Record<string, Run>>;
	/** In the order in which they were first seen. */
	readonly findings: readonly Finding[];
	/** Who listens on a port of this machine. */
	readonly owners: Readonly<Record<string, string>>;
	/** A free port in place of one that is taken. */
	readonly freePorts: Readonly<Record<string, number>>;
	/** mlstack's own operation, while it runs. */
	readonly operation?: OperationKind;
	/** What the last operation failed with. */
	readonly failure?: {readonly at: number; readonly text: string};
	/** The latest time that any input brought; milliseconds since 1970. */
	readonly now: number;
}

/** What is known of a service's container since it last started. Times are milliseconds since 1970. */
export interface Run {
	readonly role: Role;
	readonly container?: string;
	readonly since?: number;
	readonly endedAt?: number;
	/** It takes connections since then, by its log. */
	readonly listening?: number;
	/** It was asked to stop. */
	readonly stopping?: boolean;
	/** How often it was started again without having been well in between. */
	readonly restarts: number;
	/** How it ended the last time. */
	readonly exitCode?: number;
	/** When the kernel last killed a process of it for want of memory. */
	readonly shortOfMemoryAt?: number;
	/** It ended for want of memory, this time or before, and has not been well since. */
	readonly outOfMemory?: boolean;
	readonly unhealthySince?: number;
	/** What MLflow last said over HTTP, and since when it has said so. */
	readonly health?: TrackingHealth;
	readonly healthSince?: number;
	/** The last lines that look like errors, oldest first. */
	readonly errors: readonly LineReference[];
}

/** A rule's line was seen. */
export interface Finding {
	readonly rule: string;
	/** Empty for an operation's output. */
	readonly service: string;
	/** When its line came first, and last. */
	readonly at: number;
	readonly last: number;
	/** The first group of the rule's pattern that found something. */
	readonly found: string;
	readonly line: LineReference;
	/** From a former run of the container; it holds until this run proves well, or fails otherwise. */
	readonly stale?: boolean;
}

export const initialDiagnosis: Diagnosis = {
	services: [],
	compose: 'docker compose',
	containers: initialState,
	runs: {},
	findings: [],
	owners: {},
	freePorts: {},
	now: 0,
};

export const newRun = (role: Role): Run => ({role, restarts: 0, errors: []});
