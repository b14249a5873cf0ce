import type {IncomingMessage} from 'node:http';
import {setImmediate, setTimeout as delay} from 'node:timers/promises';
import {Failure} from '../../failure.ts';
import {FrameDecoder} from '../../logs/frames.ts';
import {LineAssembler} from '../../logs/lines.ts';
import type {LogLine, LogRequest} from '../../stack/model.ts';
import {olderApi} from './api-version.ts';
import type {Connection} from './connection.ts';
import {hasTty} from './containers.ts';

/**
 * A container's log in batches of whole lines, as fast as they are taken: the engine is held back otherwise. With
 * `follow` it ends when the container stops. Throws a Failure, also for a container that keeps no log.
 */
export async function* readLogs(
	connection: Connection,
	request: LogRequest,
	signal: AbortSignal,
): AsyncGenerator<readonly LogLine[], void, undefined> {
	let answer: IncomingMessage | undefined;
	try {
		answer = await openLog(connection, request, signal);
		const tty = await isTty(connection, request, answer, signal);
		const assembler = new LineAssembler({tty});
		const decoder = tty ? undefined : new FrameDecoder();
		for await (const piece of piecesOf(answer)) {
			const lines =
				decoder === undefined ? assembler.push('stdout', piece) : assembler.pushFrames(decoder.push(piece));
			if (lines.length > 0) {
				yield lines;
			}
		}

		const rest = assembler.flush();
		if (rest.length > 0) {
			yield rest;
		}
	} catch (error) {
		if (!signal.aborted && !connection.closed.aborted) {
			throw explained(error) ?? (await connection.explain(error));
		}
	} finally {
		answer?.destroy();
	}
}

async function openLog(
	connection: Connection,
	{container, since, until, tail, follow}: LogRequest,
	signal: AbortSignal,
): Promise<IncomingMessage> {
	return connection.request('GET', `${pathOf(container)}/logs`, {
		query: {
			stdout: true,
			stderr: true,
			timestamps: true,
			follow,
			...(tail === undefined ? {} : {tail}),
			...(since === undefined ? {} : {since: unixTime(since)}),
			...(until === undefined ? {} : {until: unixTime(until)}),
		},
		signal,
	});
}

/**
 * A container with a TTY has no frames. From API 1.42 on the answer says which it is; an older engine calls both of
 * them raw, so that the container has to be looked at.
 */
async function isTty(
	connection: Connection,
	{container}: LogRequest,
	answer: IncomingMessage,
	signal: AbortSignal,
): Promise<boolean> {
	const type = answer.headers['content-type'];
	if (type === 'application/vnd.docker.multiplexed-stream') {
		return false;
	}

	if (type === 'application/vnd.docker.raw-stream' && !olderApi(connection.apiVersion, '1.42')) {
		return true;
	}

	return hasTty(await connection.json('GET', `${pathOf(container)}/json`, {signal}));
}

function pathOf(container: string): string {
	return `/containers/${encodeURIComponent(container)}`;
}

/** Milliseconds of work on a log that never pauses, after which keys have their turn. */
const longestTurn = 4;

/** Bytes that are made lines of in one go: what is made on the way is gone before V8 collects, and need not be copied. */
const pieceLength = 8 * 1024;

/** Bytes after which it is worth reading again at once: a socket holds about 50 KB of short lines. */
const fullRead = 32 * 1024;

/** Milliseconds between two reads of a log that goes on without a pause. */
const shortBreak = 5;

/**
 * The answer as it comes, in pieces. The engine writes each line for itself: who reads a flood as it comes is woken for
 * every few lines, which costs as much as the lines do. So between two small reads of a flood there is a millisecond, in
 * which the socket fills.
 */
async function* piecesOf(answer: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array, void, undefined> {
	let turn = performance.now();
	let last = 0;
	for await (const chunk of answer) {
		for (let at = 0; at < chunk.length; at += pieceLength) {
			yield chunk.subarray(at, at + pieceLength);
			if (performance.now() - turn > longestTurn) {
				await setImmediate();
				turn = performance.now();
			}
		}

		const now = performance.now();
		if (chunk.length < fullRead && now - last < shortBreak) {
			await delay(1);
			turn = performance.now();
		}

		last = now;
	}
}

/**
 * An RFC 3339 stamp as the Engine API takes it: seconds since 1970, a point, and the nanoseconds, none of which may be
 * lost in a double. Throws a Failure for a text that is no stamp.
 */
export function unixTime(stamp: string): string {
	const [, seconds = '', fraction = '', zone = ''] =
		/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(stamp) ?? [];
	const milliseconds = Date.parse(`${seconds}${zone}`);
	if (Number.isNaN(milliseconds)) {
		throw new Failure(`${stamp} is no point in time`, {
			code: 'bad-time',
			next: ['write it as 2026-11-24T12:00:00Z'],
			reason: 'wrongCall',
		});
	}

	return `${milliseconds / 1000}.${fraction.padEnd(9, '0')}`;
}

/** The engine answers 501 for a log driver that it cannot read (`none`, or one that sends the lines elsewhere). */
function explained(error: unknown): Failure | undefined {
	return error instanceof Failure && error.code === 'not-supported'
		? new Failure('this container keeps no log that can be read', {
				code: 'logs-unreadable',
				why: `its logging driver sends the lines elsewhere, or nowhere: ${error.message}`,
				next: ['set `logging: {driver: local}` for this service, then `mlstack up`'],
				cause: error,
			})
		: undefined;
}
