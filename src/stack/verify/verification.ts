import type {Failure} from '../../failure.ts';

/** What verify proves, a row a step, in the order in which it is done; the title is what holds once it is done. */
export const verifySteps = {
	reach: 'MLflow answers at its published address',
	log: 'an experiment and a run with a parameter, a metric and a tag are logged',
	send: 'an artifact is sent through the server',
	read: 'all of it is read back',
	rows: 'its rows are in PostgreSQL',
	volume: 'its artifact is where the server keeps artifacts',
	remove: 'what was made is gone for good',
} as const;

export type VerifyStepName = keyof typeof verifySteps;

/** `skipped`: what it needs did not come about. */
export type VerifyStepState = 'waiting' | 'working' | 'done' | 'failed' | 'skipped';

export interface VerifyStep {
	readonly name: VerifyStepName;
	readonly state: VerifyStepState;
	/** How long it took, in ms, once it is over. */
	readonly took?: number;
	/** What was found: `database mlflow of postgres`. */
	readonly detail?: string;
	/** What is wrong, why, and what to do. */
	readonly failure?: Failure;
}

/** A verification under way or over. */
export interface Verification {
	readonly steps: readonly VerifyStep[];
	readonly isOver: boolean;
	/** The user stopped it; what it had made was removed all the same. */
	readonly isCancelled?: boolean;
}

export type VerifyEvent =
	| {readonly type: 'step'; readonly step: VerifyStep}
	| {readonly type: 'over'; readonly isCancelled: boolean};

function isStepName(name: string): name is VerifyStepName {
	return Object.hasOwn(verifySteps, name);
}

export const initialVerification: Verification = {
	steps: Object.keys(verifySteps)
		.filter((name) => isStepName(name))
		.map((name) => ({name, state: 'waiting'})),
	isOver: false,
};

/** The verification after one more event. */
export function update(verification: Verification, event: VerifyEvent): Verification {
	if (event.type === 'step') {
		const steps = verification.steps.map((step) => (step.name === event.step.name ? event.step : step));
		return {...verification, steps};
	}

	const steps = verification.steps.map((step): VerifyStep =>
		step.state === 'waiting' ? {...step, state: 'skipped'} : step,
	);
	return {steps, isOver: true, ...(event.isCancelled && {isCancelled: true})};
}

/** Whether everything was proved. */
export function holds({steps}: Verification): boolean {
	return steps.every(({state}) => state === 'done');
}

/** What failed, the first failure first. */
export function failuresOf({steps}: Verification): readonly Failure[] {
	return steps.flatMap(({failure}) => (failure ? [failure] : []));
}

/** How long all steps took, in ms. */
export function tookInAll({steps}: Verification): number {
	return steps.reduce((sum, {took = 0}) => sum + took, 0);
}

/** Milliseconds as a step shows them: `8 ms`, `1.2 s`. */
export function stepTime(milliseconds: number): string {
	return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** The last line: what is proved, or that something is not. */
export function verdict(verification: Verification): string {
	if (verification.isCancelled) {
		return 'cancelled, so nothing is proved';
	}

	if (!holds(verification)) {
		const {length} = failuresOf(verification);
		return `not proved: ${length === 1 ? 'one thing is' : `${length} things are`} wrong`;
	}

	const detail = (name: VerifyStepName) =>
		verification.steps.find((step) => step.name === name)?.detail ?? '';
	return `proved in ${stepTime(tookInAll(verification))}: metadata in PostgreSQL (${detail('rows')}), artifacts in ${detail('volume')}`;
}
