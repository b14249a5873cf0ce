import {setTimeout as sleep} from 'node:timers/promises';
import {probeTracking} from '../engine/probe.ts';
import type {StackEvent, TrackingHealth} from '../stack/model.ts';
import {initialState, update, type StackState} from '../stack/state.ts';
import {stackStatus, type StackStatus} from '../stack/status.ts';
import {Merge} from './merge.ts';
import {engineGone, type OpenStack} from './stack.ts';

/** How a tracking server is asked; a test asks none. */
export type Probe = (url: string, signal: AbortSignal) => Promise<TrackingHealth>;

/**
 * Milliseconds between two questions to MLflow, which pushes nothing. A change that the engine pushes brings the next one
 * at once; where nobody can be asked, only that does (the longest time that setTimeout knows).
 */
const pauses = {failing: 1000, working: 10_000, nobody: 2 ** 31 - 1};

/**
 * The stack's status, then again with each change that the engine pushes or a question to MLflow brings. The first one
 * comes when both have answered. Ends with the signal. Throws a Failure with reason `noEngine` when no first snapshot
 * comes; later absences of the engine are a status of their own (`unknown`).
 */
export async function* observe(
	{engine, info, stack}: OpenStack,
	signal: AbortSignal,
	probe: Probe = probeTracking,
): AsyncGenerator<StackStatus, void, undefined> {
	let state: StackState = initialState;
	let tracking: TrackingHealth | undefined;
	let changed = new AbortController();
	const ended = new AbortController();
	const either = AbortSignal.any([signal, ended.signal]);
	const statusNow = () => stackStatus(stack, state, {tracking, host: info.host, now: Date.now()});

	async function* questions(): AsyncGenerator<TrackingHealth, void, undefined> {
		while (!either.aborted) {
			// Taken before the question: what changes meanwhile shortens the pause after it.
			const nudge = changed.signal;
			const url = runningUrl(statusNow());
			const answer = url === undefined ? undefined : await quietly(probe(url, either), either);
			if (answer) {
				yield answer;
			}

			const pause = answer === undefined ? 'nobody' : answer.works ? 'working' : 'failing';
			await sleep(pauses[pause], undefined, {signal: AbortSignal.any([either, nudge])}).catch(
				() => undefined,
			);
		}
	}

	const news = new Merge<StackEvent | TrackingHealth>();
	news.add(engine.watch(stack.project, either));
	news.add(questions());
	try {
		for await (const item of news) {
			if ('works' in item) {
				tracking = item;
			} else {
				state = update(state, item);
				changed.abort();
				changed = new AbortController();
			}

			if (!state.known && state.away) {
				throw engineGone(state.away.why);
			}

			const status = statusNow();
			const url = runningUrl(status);
			const isAsked = url === undefined || tracking !== undefined;
			if (state.known && isAsked) {
				yield status;
			}
		}
	} finally {
		ended.abort();
	}
}

/** The status as it is now, MLflow's answer included. */
export async function currentStatus(
	opened: OpenStack,
	signal: AbortSignal,
	probe?: Probe,
): Promise<StackStatus> {
	for await (const status of observe(opened, signal, probe)) {
		return status;
	}

	signal.throwIfAborted();
	throw engineGone('');
}

/** Where a tracking server that runs can be asked. */
function runningUrl({services}: StackStatus): string | undefined {
	return services.find(
		({url, containers}) => url !== undefined && containers.some(({status}) => status === 'running'),
	)?.url;
}

async function quietly<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> {
	try {
		return await promise;
	} catch (error) {
		if (signal.aborted) {
			return undefined;
		}

		throw error;
	}
}
