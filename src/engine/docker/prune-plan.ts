import type {Stack} from '../../stack/model.ts';
import type {PruneFacts, PrunePlan, PruneScope} from '../../stack/prune.ts';
import {makePlan} from '../../stack/prune/plan.ts';
import {olderApi} from './api-version.ts';
import {listObjects} from './prune-facts.ts';
import {readLayers, readUsage, usageTypes, type Refinement} from './prune-usage.ts';
import type {Requests} from './requests.ts';

/** Reads what volumes hold; handed in, as it may start a container. */
export type ReadContents = (facts: PruneFacts, signal: AbortSignal) => Promise<Refinement>;

/** Something slow, and how a note calls it when it fails. */
interface SlowPart {
	readonly what: string;
	readonly read: (signal: AbortSignal) => Promise<Refinement>;
}

/**
 * The plan at once, from what the engine lists; then again each time when something slow has come: sizes, shared layers,
 * what volumes hold. The last one is complete. What fails on the way becomes a note of the plan.
 */
export async function* planPrune(
	requests: Requests,
	stack: Stack,
	scope: PruneScope,
	readContents: ReadContents,
	signal: AbortSignal,
): AsyncGenerator<PrunePlan> {
	// Whoever has seen enough stops reading; what is still computed for the rest is then not wanted either.
	const left = new AbortController();
	const either = AbortSignal.any([signal, left.signal]);
	try {
		let facts: PruneFacts = {
			...(await listObjects(requests, Date.now(), either)),
			notes: [],
			complete: false,
		};
		yield makePlan(facts, scope, stack);
		const pending = new Set<Promise<{refine: Refinement; forget: () => void}>>();
		for (const part of slowParts(requests, facts, readContents)) {
			const arrival: Promise<{refine: Refinement; forget: () => void}> = readOrNote(
				part,
				requests,
				either,
			).then((refine) => ({refine, forget: () => pending.delete(arrival)}));
			pending.add(arrival);
		}

		while (pending.size > 0) {
			const {refine, forget} = await Promise.race(pending);
			forget();
			signal.throwIfAborted();
			facts = {...refine(facts), complete: pending.size === 0};
			yield makePlan(facts, scope, stack);
		}
	} catch (error) {
		if (!signal.aborted) {
			throw await requests.explain(error);
		}
	} finally {
		left.abort();
	}
}

function slowParts(requests: Requests, facts: PruneFacts, readContents: ReadContents): readonly SlowPart[] {
	const usage: readonly SlowPart[] =
		// Before 1.42 each answer holds all kinds, and a second one at the same time is refused.
		olderApi(requests.apiVersion, '1.42')
			? [{what: 'Sizes and the build cache', read: async (signal) => readUsage(requests, undefined, signal)}]
			: usageTypes.map(({type, what}) => ({
					what,
					read: async (signal) => readUsage(requests, type, signal),
				}));
	return [
		...usage,
		{what: 'Shared layers', read: async (signal) => readLayers(requests, facts.images, signal)},
		{what: 'The contents of volumes', read: async (signal) => readContents(facts, signal)},
	];
}

/** Without its slow parts a plan is still right about what goes. */
async function readOrNote(
	{what, read}: SlowPart,
	requests: Requests,
	signal: AbortSignal,
): Promise<Refinement> {
	try {
		return await read(signal);
	} catch (error) {
		const {message} = signal.aborted ? {message: 'cancelled'} : await requests.explain(error);
		return (facts) => ({...facts, notes: [...facts.notes, `${what} could not be read: ${message}.`]});
	}
}
