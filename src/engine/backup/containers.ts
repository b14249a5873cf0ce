import {Failure} from '../../failure.ts';
import type {Container, OperationKind, Stack} from '../../stack/model.ts';
import type {Engine} from '../engine.ts';
import type {Reporter} from './reporting.ts';

/** The project's containers, as they are now. */
export async function currentContainers(
	engine: Pick<Engine, 'watch'>,
	stack: Stack,
	signal: AbortSignal,
): Promise<readonly Container[]> {
	const enough = new AbortController();
	try {
		for await (const event of engine.watch(stack.project, AbortSignal.any([signal, enough.signal]))) {
			if (event.type === 'snapshot') {
				return event.containers;
			}

			if (event.type === 'disconnected') {
				throw new Failure('the engine does not answer', {
					code: 'engine-lost',
					why: event.why,
					reason: 'noEngine',
				});
			}
		}
	} finally {
		enough.abort();
	}

	signal.throwIfAborted();
	throw new Failure('the engine does not answer', {code: 'engine-lost', reason: 'noEngine'});
}

/** Carries an operation on some services out, and reports it as a part of other work. */
export async function operate(
	engine: Pick<Engine, 'operate'>,
	kind: OperationKind,
	stack: Stack,
	services: readonly string[],
	reporter: Reporter,
	signal: AbortSignal,
): Promise<void> {
	for await (const progress of engine.operate(kind, stack, {services}, signal)) {
		reporter.pass(progress);
	}

	signal.throwIfAborted();
}
