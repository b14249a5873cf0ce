import {fallbackLine} from '../engine/choice.ts';
import type {Engine} from '../engine/engine.ts';
import {Failure} from '../failure.ts';
import type {EngineInfo, Stack} from '../stack/model.ts';
import {initialState, serviceViews, update, type StackState} from '../stack/state.ts';
import {nearest} from '../parse-arguments.ts';
import type {CommandContext} from './context.ts';
import {tellInterruption} from './interruption.ts';

/** An engine that answers, and the stack that is meant on it. */
export interface OpenStack {
	readonly engine: Engine;
	readonly info: EngineInfo;
	readonly stack: Stack;
}

/** Asks both at once. Throws the engine's Failure first: without one, nothing else helps. */
export async function openStack(context: CommandContext): Promise<OpenStack> {
	const {openEngine, request, signal} = context;
	const engine = await openEngine();
	if (engine.choice?.isFallback) {
		await context.stderr.write(`mlstack: ${fallbackLine(engine.choice)}\n`);
	}

	const [described, resolved] = await Promise.allSettled([
		engine.describe(signal),
		engine.resolve(request, signal),
	]);
	if (described.status === 'rejected') {
		throw described.reason;
	}

	if (resolved.status === 'rejected') {
		throw resolved.reason;
	}

	await tellInterruption(context, resolved.value.project);
	return {engine, info: described.value, stack: resolved.value};
}

/** The project's containers as they are now. Throws a Failure with reason `noEngine` when the engine goes away. */
export async function currentState(engine: Engine, stack: Stack, signal: AbortSignal): Promise<StackState> {
	const ended = new AbortController();
	try {
		for await (const event of engine.watch(stack.project, AbortSignal.any([signal, ended.signal]))) {
			const state = update(initialState, event);
			if (state.away) {
				throw engineGone(state.away.why);
			}

			if (state.known) {
				return state;
			}
		}
	} finally {
		ended.abort();
	}

	signal.throwIfAborted();
	throw engineGone('');
}

/** The engine answered, and then no longer. */
export function engineGone(why: string): Failure {
	return new Failure('the engine stopped answering', {
		code: 'engine-gone',
		reason: 'noEngine',
		why,
		next: ['mlstack status'],
	});
}

/** The services named on the command line. Throws a Failure with reason `wrongCall` for one that the stack lacks. */
export function namedServices(
	names: readonly string[],
	stack: Stack,
	state: StackState = initialState,
): readonly string[] {
	const known = serviceViews(stack, state).map(({name}) => name);
	const unknown = names.find((name) => !known.includes(name));
	// Of a project without its files only the engine knows the services.
	if (unknown === undefined || (stack.origin === 'project' && !state.known)) {
		return names;
	}

	const near = nearest(unknown, known);
	throw new Failure(`\`${unknown}\` is not a service of ${stack.project}`, {
		code: 'unknown-service',
		reason: 'wrongCall',
		why: near === undefined ? `it has ${known.join(', ') || 'none'}` : `did you mean \`${near}\`?`,
		next: ['mlstack status'],
	});
}
