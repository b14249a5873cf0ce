import {Socket} from 'node:net';
import {Duplex} from 'node:stream';
import type {DialStdio} from './dial-stdio.ts';
import {ChunkMerger} from './merged-chunks.ts';

/**
 * Bytes that are read ahead. What is not taken is left with the system, where it costs nothing until it is read in one
 * piece: Node would read 64 KiB ahead in as many pieces as the engine wrote, which is one a line.
 */
export const readAhead = 1;

/** A connection to an engine, of whose logs the chunks are merged (merged-chunks.ts). */
export class MergingSocket extends Duplex {
	readonly #socket: Socket | DialStdio;
	readonly #merger = new ChunkMerger();

	constructor(socket: Socket | DialStdio) {
		super({readableHighWaterMark: readAhead, allowHalfOpen: false});
		this.#socket = socket;
		let hasEnded = false;
		socket.on('data', (bytes: Buffer) => {
			const merged = this.#merger.push(bytes);
			if (merged.length > 0 && !this.push(merged)) {
				socket.pause();
			}
		});
		socket.on('end', () => {
			hasEnded = true;
			this.push(null);
		});
		socket.on('error', (error) => this.destroy(error));
		socket.on('close', () => {
			// After its end there may be bytes that have not been taken.
			if (!hasEnded) {
				this.destroy();
			}
		});
	}

	override _read(): void {
		this.#socket.resume();
	}

	override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
		this.#merger.request();
		this.#socket.write(chunk, done);
	}

	override _final(done: () => void): void {
		this.#socket.end(done);
	}

	override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
		this.#socket.destroy();
		done(error);
	}

	// What Node's HTTP client asks of a socket. It sets time-outs only where it was given one; a pipe has neither them nor packets.
	setKeepAlive(isOn: boolean, initialDelay: number): this {
		if (this.#socket instanceof Socket) {
			this.#socket.setKeepAlive(isOn, initialDelay);
		}

		return this;
	}

	setNoDelay(): this {
		return this;
	}

	setTimeout(): this {
		return this;
	}

	ref(): this {
		this.#socket.ref();
		return this;
	}

	/** An idle connection must not keep the program alive. */
	unref(): this {
		this.#socket.unref();
		return this;
	}
}
