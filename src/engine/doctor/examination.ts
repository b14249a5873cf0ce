import {asFailure} from '../../failure.ts';
import {examine} from '../../stack/environment/environment.ts';
import type {EnvironmentFacts} from '../../stack/environment/facts.ts';
import type {Stack, StackRequest} from '../../stack/model.ts';
import type {Engine} from '../engine.ts';
import {
	checkFiles,
	checkOptionsFor,
	correctionsOf,
	whyNoFile,
	type CheckedFile,
	type Correction,
} from './check.ts';
import {toldFindings, type ToldFinding} from './findings.ts';

/** What the doctor finds in one look at everything. */
export interface Examination {
	readonly facts: EnvironmentFacts;
	readonly findings: readonly ToldFinding[];
	readonly stack: Stack;
	readonly files: readonly CheckedFile[];
	/** What mends can be made in the files. */
	readonly corrections: readonly Correction[];
	/** Why there is no file to look at. */
	readonly note?: string;
}

/**
 * Looks at what a stack runs on, and at its files. Throws a Failure for files that cannot be read or that compose
 * refuses; when no engine answers either, that one's.
 */
export async function examineAll(
	engine: Engine,
	request: StackRequest,
	signal: AbortSignal,
): Promise<Examination> {
	const resolved = await engine.resolve(request, signal).catch(asFailure);
	signal.throwIfAborted();
	const stack = 'project' in resolved ? resolved : undefined;
	const facts = await engine.environment(stack, signal);
	if (!stack) {
		throw facts.away ?? resolved;
	}

	const files = await checkFiles(engine, stack, checkOptionsFor(facts, request.directory), signal);
	const note = whyNoFile(stack);
	return {
		facts,
		findings: toldFindings(examine(facts), files),
		stack,
		files,
		corrections: correctionsOf(files),
		...(note !== undefined && {note}),
	};
}
