import type {Role} from '../model.ts';

/** `skipped`: this start does without it. */
export type StepState = 'waiting' | 'working' | 'done' | 'failed' | 'skipped';

export type StepId =
	| 'pull'
	| 'build'
	| 'create'
	| 'initialise'
	| 'recover'
	| 'accept'
	| 'install'
	| 'load'
	| 'database'
	| 'migrate'
	| 'listen'
	| 'workers'
	| 'answer';

/** A kind of step. Times of one service follow each other: a service does one thing at a time. */
export interface StepKind {
	readonly id: StepId;
	/** `stack`: once for all services; otherwise once for each service of that role. */
	readonly of: 'stack' | Exclude<Role, 'other'>;
	/** One or two words, for a row of steps. */
	readonly label: string;
	/** Ends "... took 38 s of it". */
	readonly took: string;
	/** Every start has it, so it is shown before it begins. Others appear when they happen. */
	readonly expected: boolean;
	/** What begins when this one is done, if no line said otherwise. */
	readonly next?: StepId;
	/** Starts that have it are compared with each other only: it changes how long a start takes. */
	readonly weighs: boolean;
}

/** The kinds of steps in the order in which they happen. */
export const stepKinds: readonly StepKind[] = [
	{id: 'pull', of: 'stack', label: 'pull', took: 'the pull', expected: false, weighs: true},
	{id: 'build', of: 'stack', label: 'build', took: 'the build', expected: false, weighs: true},
	{id: 'create', of: 'stack', label: 'create', took: 'creating containers', expected: true, weighs: false},
	{
		id: 'initialise',
		of: 'database',
		label: 'init',
		took: 'PostgreSQL’s first init',
		expected: true,
		next: 'accept',
		weighs: true,
	},
	{
		id: 'recover',
		of: 'database',
		label: 'recovery',
		took: 'PostgreSQL’s crash recovery',
		expected: false,
		next: 'accept',
		weighs: true,
	},
	{id: 'accept', of: 'database', label: 'accepting', took: 'PostgreSQL', expected: true, weighs: false},
	{id: 'install', of: 'tracking', label: 'install', took: 'pip', expected: false, next: 'load', weighs: true},
	{
		id: 'load',
		of: 'tracking',
		label: 'load',
		took: 'loading MLflow',
		expected: true,
		next: 'listen',
		weighs: false,
	},
	{
		id: 'database',
		of: 'tracking',
		label: 'wait for database',
		took: 'waiting for the database',
		expected: false,
		weighs: false,
	},
	{
		id: 'migrate',
		of: 'tracking',
		label: 'migrate',
		took: 'the schema migration',
		expected: true,
		weighs: false,
	},
	{
		id: 'listen',
		of: 'tracking',
		label: 'listen',
		took: 'MLflow’s start',
		expected: true,
		next: 'answer',
		weighs: false,
	},
	{
		id: 'workers',
		of: 'tracking',
		label: 'workers',
		took: 'MLflow’s workers',
		expected: false,
		next: 'answer',
		weighs: false,
	},
	{
		id: 'answer',
		of: 'tracking',
		label: 'healthy',
		took: 'the first healthy answer',
		expected: true,
		weighs: false,
	},
];

const places = new Map(stepKinds.map((kind, place) => [kind.id, place]));
const byId = new Map(stepKinds.map((kind) => [kind.id, kind]));

/** Where a kind of step stands among all kinds: the smaller, the earlier. */
export function placeOf(id: StepId): number {
	return places.get(id) ?? stepKinds.length;
}

export function kindOf(id: StepId): StepKind | undefined {
	return byId.get(id);
}

/** A step of a start. */
export interface Step {
	readonly id: StepId;
	/** Empty for a step of the whole stack. */
	readonly service: string;
	readonly state: StepState;
	/** Milliseconds since 1970. */
	readonly start?: number;
	readonly end?: number;
	/** What it is doing, or did, in one line; may be empty. */
	readonly detail: string;
}
