import type {Duplex} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import {asFailure, Failure} from '../../failure.ts';
import {FrameParts} from '../../logs/frame-parts.ts';
import {isRecord, numberIn, stringIn} from '../json.ts';
import type {ExecuteOptions, Execution} from '../engine.ts';
import {writeAll} from '../write-all.ts';
import type {Connection} from './connection.ts';

/** Bytes of standard error that are kept, from its end. */
const keptErrors = 64 * 1024;

/** Milliseconds between looking whether the engine has noticed the command's end, and how often. */
const exitDelay = 20;
const exitAttempts = 100;

/**
 * Runs a command inside a running container (Engine API, "Exec"). Throws a Failure for a container that is not there or
 * not running. A command that cannot be started ends with code 126 or 127 and the engine's words on its output. When the
 * signal aborts, the connection ends; the engine lets the command itself run on.
 */
export async function execute(
	connection: Connection,
	container: string,
	command: readonly string[],
	{input, environment = {}, user = ''}: ExecuteOptions,
	signal: AbortSignal,
): Promise<Execution> {
	try {
		const created = await connection.json('POST', `/containers/${encodeURIComponent(container)}/exec`, {
			body: {
				AttachStdin: input !== undefined,
				AttachStdout: true,
				AttachStderr: true,
				Tty: false,
				Cmd: command,
				Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
				User: user,
			},
			signal,
		});
		const id = stringIn(created, 'Id') ?? '';
		const socket = await connection.hijack(`/exec/${id}/start`, {
			body: {Detach: false, Tty: false},
			signal,
		});
		const feeding = input === undefined ? undefined : feed(socket, input);
		return reading(connection, socket, id, feeding, signal);
	} catch (error) {
		signal.throwIfAborted();
		throw await connection.explain(error);
	}
}

/** What is being written to a command, and what went wrong with its source. */
interface Feeding {
	failure: Failure | undefined;
}

/** Writes the command's input and closes it. A command may end without having read it all. */
function feed(socket: Duplex, input: AsyncIterable<Uint8Array>): Feeding {
	const feeding: Feeding = {failure: undefined};
	writeAll(input, socket).catch((error: unknown) => {
		// The output fails too, and tells it.
		feeding.failure = asFailure(error);
		socket.destroy(feeding.failure);
	});
	return feeding;
}

function reading(
	connection: Connection,
	socket: Duplex,
	id: string,
	feeding: Feeding | undefined,
	signal: AbortSignal,
): Execution {
	const {promise: done, resolve, reject} = Promise.withResolvers<Awaited<Execution['done']>>();
	// Whoever reads the output only is told there.
	done.catch(() => {});
	const errors = new Tail(keptErrors);
	async function* output(): AsyncGenerator<Uint8Array, void, undefined> {
		try {
			yield* outputOf(socket, errors);
			resolve({exitCode: await exitCodeOf(connection, id, signal), errors: errors.toString()});
		} catch (error) {
			if (signal.aborted) {
				reject(signal.reason);
				return;
			}

			const failure = feeding?.failure ?? (await connection.explain(error));
			reject(failure);
			throw failure;
		} finally {
			// Nothing, if it has been settled: the reader went away before the output's end.
			reject(new Failure('the output of a command was not read to its end', {code: 'output-unread'}));
			socket.destroy();
		}
	}

	return {output: output(), done};
}

/**
 * Standard output; standard error goes to `errors`. A raw connection that breaks just ends, so an end within a frame is
 * no end: throws a Failure.
 */
async function* outputOf(socket: Duplex, errors: Tail): AsyncGenerator<Uint8Array, void, undefined> {
	const parts = new FrameParts();
	for await (const chunk of bytesOf(socket)) {
		for (const {stream, bytes} of parts.push(chunk)) {
			if (stream === 'stderr') {
				errors.push(bytes);
			} else {
				yield bytes;
			}
		}
	}

	if (parts.isWithinFrame) {
		throw brokenOff();
	}
}

async function* bytesOf(socket: Duplex): AsyncGenerator<Uint8Array, void, undefined> {
	for await (const chunk of socket) {
		yield chunk;
	}
}

function brokenOff(): Failure {
	return new Failure('the output of a command broke off', {
		code: 'output-broken-off',
		why: 'the connection to the engine ended before the command did',
	});
}

/** The output ends a moment before the engine knows the exit code. Throws a Failure for a command that runs on. */
async function exitCodeOf(connection: Connection, id: string, signal: AbortSignal): Promise<number> {
	for (let attempt = 0; attempt < exitAttempts; attempt++) {
		const answer = await connection.json('GET', `/exec/${id}/json`, {signal});
		const exitCode = numberIn(answer, 'ExitCode');
		if (exitCode !== undefined && isRecord(answer) && answer['Running'] === false) {
			return exitCode;
		}

		await sleep(exitDelay, undefined, {signal});
	}

	throw brokenOff();
}

/** The last bytes of a stream, as text. */
class Tail {
	readonly #limit: number;
	#bytes: Uint8Array = new Uint8Array(0);

	constructor(limit: number) {
		this.#limit = limit;
	}

	push(bytes: Uint8Array): void {
		this.#bytes = Buffer.concat([this.#bytes, bytes]).subarray(-this.#limit);
	}

	toString(): string {
		return Buffer.from(this.#bytes).toString();
	}
}
