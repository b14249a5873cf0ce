import {setTimeout as sleep} from 'node:timers/promises';
import {probeTracking} from '../engine/probe.ts';
import {Queue} from '../engine/queue.ts';
import type {StackEvent, TrackingHealth} from '../stack/model.ts';
import {initialState, update, type StackState} from '../stack/state.ts';
import {stackStatus, type StackStatus} from '../stack/status.ts';
import {engineGone, type OpenStack} from './stack.ts';

/**
 * Milliseconds between two questions to MLflow, which pushes nothing. A change that the engine pushes brings the next one
 * at once; where nobody can be asked, only that does (the longest time that setTimeout knows).
 */
const pauses = {failing: 1000, working: 10_000, nobody: 2 ** 31 - 1};

/** How long, in ms, the first status waits for what only an inspection of each container tells, such as its start. */
const detailsTime = 2000;

/**
 * The stack's status, then again with each change that the engine pushes or a question to MLflow brings. The first one
 * comes when both have answered. Ends with the signal. Throws a Failure with reason `noEngine` when no first snapshot
 * comes; later absences of the engine are a status of their own (`unknown`).
 */
export async function* observe(
	{engine, info, stack}: OpenStack,
	signal: AbortSignal,
): AsyncGenerator<StackStatus, void, undefined> {
	let state: StackState = initialState;
	let tracking: TrackingHealth | undefined;
	let changed = new AbortController();
	const ended = new AbortController();
	const either = AbortSignal.any([signal, ended.signal]);
	const news = new Queue<StackEvent | TrackingHealth | 'late'>();
	const statusNow = () => stackStatus(stack, state, {tracking, host: info.host, now: Date.now()});

	async function watch(): Promise<void> {
		for await (const event of engine.watch(stack.project, either)) {
			news.push(event);
		}

		news.end();
	}

	async function askTracking(): Promise<void> {
		while (!either.aborted) {
			// Taken before the question: what changes meanwhile shortens the pause after it.
			const nudge = changed.signal;
			const url = runningUrl(statusNow());
			const answer = url === undefined ? undefined : await probeTracking(url, either);
			if (answer) {
				news.push(answer);
			}

			const pause = answer === undefined ? 'nobody' : answer.works ? 'working' : 'failing';
			await sleep(pauses[pause], undefined, {signal: AbortSignal.any([either, nudge])}).catch(() => {});
		}
	}

	for (const source of [watch, askTracking]) {
		source().catch((error: unknown) => (either.aborted ? news.end() : news.fail(error)));
	}

	let isComplete = false;
	const patience = setTimeout(() => news.push('late'), detailsTime);
	try {
		for await (const item of news) {
			if (item === 'late') {
				isComplete = true;
			} else if ('works' in item) {
				tracking = item;
			} else {
				state = update(state, item);
				changed.abort();
				changed = new AbortController();
			}

			if (!state.known && state.away) {
				throw engineGone(state.away.why);
			}

			isComplete ||= state.known && [...state.containers.values()].every(({tty}) => tty !== undefined);
			const status = statusNow();
			const isAsked = tracking !== undefined || runningUrl(status) === undefined;
			if (state.known && isComplete && isAsked) {
				yield status;
			}
		}
	} finally {
		clearTimeout(patience);
		ended.abort();
	}
}

/** The status as it is now, MLflow's answer included. */
export async function currentStatus(opened: OpenStack, signal: AbortSignal): Promise<StackStatus> {
	for await (const status of observe(opened, signal)) {
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
