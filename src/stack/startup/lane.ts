import {kindOf, placeOf, stepKinds, type Step, type StepId} from './steps.ts';

/**
 * The steps of one service (or of the stack) in order. A service does one thing at a time: what begins ends what came
 * before it, and sends back to waiting what was taken up too early.
 */
export type Steps = readonly Step[];

/** The steps that every start of this service has, waiting. */
export function expectedSteps(of: 'stack' | 'database' | 'tracking', service: string): Steps {
	return stepKinds
		.filter((kind) => kind.of === of && kind.expected)
		.map((kind) => ({id: kind.id, service, state: 'waiting', detail: ''}));
}

/** `guess`: nothing was heard yet, so that earlier steps may still turn out to happen: they stay waiting. */
export function startStep(steps: Steps, service: string, id: StepId, at: number, guess = false): Steps {
	const place = placeOf(id);
	if (steps.some((step) => step.state === 'done' && placeOf(step.id) > place)) {
		return steps;
	}

	if (steps.some((step) => step.id === id && step.state === 'working')) {
		return steps;
	}

	return withStep(steps, service, id).map((step) => {
		if (step.id === id) {
			return begun(step, at);
		}

		if (placeOf(step.id) < place) {
			return guess ? step : closed(step, at);
		}

		return step.state === 'working' ? postponed(step) : step;
	});
}

/** Ends a step, and all before it; begins the one that follows from it. */
export function finishStep(steps: Steps, service: string, id: StepId, at: number): Steps {
	const place = placeOf(id);
	const before = withStep(steps, service, id);
	const already = before.find((step) => step.id === id)?.state === 'done';
	if (already) {
		return steps;
	}

	const since = Math.max(...before.map((step) => step.end ?? step.start ?? 0)) || at;
	const after = before.map((step) =>
		step.id === id ? ended(step, 'done', since, at) : placeOf(step.id) < place ? closed(step, at) : step,
	);
	const next = kindOf(id)?.next;
	const later = after.some((step) => placeOf(step.id) > place && step.state !== 'waiting');
	return next && !later ? startStep(after, service, next, at) : after;
}

/** Sets the detail of a step that has begun. */
export function noteStep(steps: Steps, id: StepId, detail: string): Steps {
	const known = steps.find((step) => step.id === id);
	if (!known || known.detail === detail || (known.state !== 'working' && known.state !== 'done')) {
		return steps;
	}

	return steps.map((step) => (step === known ? {...step, detail} : step));
}

/** The step at work fails; without one, the first that waits. */
export function failStep(steps: Steps, at: number, why: string): Steps {
	const failed =
		steps.find((step) => step.state === 'working') ?? steps.find((step) => step.state === 'waiting');
	return failed
		? steps.map((step) => (step === failed ? {...ended(step, 'failed', at, at), detail: why} : step))
		: steps;
}

/**
 * A step that was overtaken: done if it had begun, skipped if not. Times come from two clocks (the engine's and this
 * machine's), so none ends before it began.
 */
export function closed(step: Step, at: number): Step {
	if (step.state === 'working') {
		return ended(step, 'done', at, at);
	}

	return step.state === 'waiting' ? {...step, state: 'skipped'} : step;
}

/** `since`: when it began, if it was never seen to begin. */
function ended(step: Step, state: 'done' | 'failed', since: number, at: number): Step {
	const start = step.start ?? Math.min(since, at);
	return {...step, state, start, end: Math.max(start, at)};
}

/** A step that was done and goes on keeps its beginning. */
function begun(step: Step, at: number): Step {
	const {end, ...rest} = step;
	return {...rest, state: 'working', start: step.state === 'done' ? (step.start ?? at) : at};
}

function postponed(step: Step): Step {
	const {start, end, ...rest} = step;
	return {...rest, state: 'waiting', detail: ''};
}

/** The steps, with this one among them at its place. */
function withStep(steps: Steps, service: string, id: StepId): Steps {
	if (steps.some((step) => step.id === id)) {
		return steps;
	}

	const added: Step = {id, service, state: 'waiting', detail: ''};
	return [...steps, added].sort((a, b) => placeOf(a.id) - placeOf(b.id));
}
