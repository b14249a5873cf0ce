import type {IncomingMessage} from 'node:http';
import {setTimeout as sleep} from 'node:timers/promises';
import {Failure} from '../../failure.ts';
import type {StackEvent} from '../../stack/model.ts';
import {Queue} from '../queue.ts';
import type {Connection} from './connection.ts';
import {labels, parseContainerList} from './containers.ts';
import {actions, parseEvent} from './events.ts';
import {parseLines} from './ndjson.ts';
import {shortReason} from './no-engine.ts';
import {WatchedProject} from './watched-project.ts';

/** Milliseconds. A try on a socket of this machine costs next to nothing: it is seen soon that the engine is back. */
const firstDelay = 100;
const longestDelay = {local: 250, remote: 2000};

/** Milliseconds until the first answer is given up; ssh alone may take 30 s to connect. */
const answerTimeout = 45_000;

/**
 * A project's containers: a snapshot, then what changes, as `Engine.watch` says. One long request and no polling.
 * Throws a Failure only for an engine that is too old; anything else is waited for.
 */
export async function* watchProject(
	connection: Connection,
	project: string,
	signal: AbortSignal,
): AsyncGenerator<StackEvent, void, undefined> {
	const stopped = AbortSignal.any([signal, connection.closed]);
	const longest = connection.endpoint.address.kind === 'socket' ? longestDelay.local : longestDelay.remote;
	let delay = firstDelay;
	let away: string | undefined;
	while (!stopped.aborted) {
		let why: string;
		try {
			for await (const event of watchOnce(connection, project, stopped)) {
				if (event.type === 'snapshot') {
					delay = firstDelay;
					if (away !== undefined) {
						away = undefined;
						yield {type: 'connected', at: Date.now()};
					}
				}

				yield event;
			}

			why = 'it closed the connection';
		} catch (error) {
			if (error instanceof Failure && error.code === 'engine-too-old') {
				throw error;
			}

			why = shortReason(error);
		}

		if (stopped.aborted) {
			return;
		}

		if (away !== why) {
			away = why;
			yield {type: 'disconnected', at: Date.now(), why};
		}

		await sleep(delay, undefined, {signal: stopped}).catch(() => {});
		delay = Math.min(delay * 2, longest);
	}
}

/** One connection's events. Ends or throws when the engine goes away. */
async function* watchOnce(
	connection: Connection,
	project: string,
	stopped: AbortSignal,
): AsyncGenerator<StackEvent, void, undefined> {
	const attempt = new AbortController();
	const signal = AbortSignal.any([stopped, attempt.signal]);
	const timer = setTimeout(() => attempt.abort(new Error('it does not answer')), answerTimeout);
	try {
		const label = [`${labels.project}=${project}`];
		const queue = new Queue<StackEvent>();
		const watched = new WatchedProject(connection, (event) => queue.push(event), signal);
		// The events first: what happens while the list is made is then among them.
		const events = await connection.request('GET', '/events', {
			query: {filters: {type: ['container'], label, event: actions}},
			signal,
		});
		readEvents(events, watched).then(
			() => queue.end(),
			(error: unknown) => queue.fail(error),
		);
		const list = await connection.json('GET', '/containers/json', {
			query: {all: true, filters: {label}},
			signal,
		});
		watched.begin(parseContainerList(list));
		clearTimeout(timer);
		yield* queue;
	} finally {
		clearTimeout(timer);
		attempt.abort();
	}
}

async function readEvents(events: IncomingMessage, watched: WatchedProject): Promise<void> {
	for await (const message of parseLines(events)) {
		const event = parseEvent(message);
		if (event !== undefined) {
			watched.take(event);
		}
	}
}
