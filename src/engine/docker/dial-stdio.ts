import {spawn, type ChildProcessWithoutNullStreams} from 'node:child_process';
import {Socket} from 'node:net';
import {Duplex} from 'node:stream';
import http from 'node:http';

/** As much of ssh's own words as a message needs, in characters. */
const errorTail = 2000;

/**
 * An HTTP agent whose connections are `docker --host ssh://... system dial-stdio`: the docker CLI runs the user's own
 * ssh, with its configuration, keys and jump hosts, and joins our standard input and output with the remote socket.
 */
export class DialStdioAgent extends http.Agent {
	readonly #url: string;
	readonly #environment: NodeJS.ProcessEnv;

	constructor(url: string, environment: NodeJS.ProcessEnv) {
		// Each idle connection is an ssh process.
		super({keepAlive: true, maxFreeSockets: 4});
		this.#url = url;
		this.#environment = environment;
	}

	override createConnection(): DialStdio {
		return new DialStdio(
			spawn('docker', ['--host', this.#url, 'system', 'dial-stdio'], {
				env: this.#environment,
				// Without a terminal of its own, ssh cannot ask for a password in the middle of the screen.
				detached: true,
				windowsHide: true,
			}),
		);
	}
}

/** A child's standard input and output as one stream; it fails with what the child wrote to standard error. */
export class DialStdio extends Duplex {
	readonly #child: ChildProcessWithoutNullStreams;
	#errors = '';

	constructor(child: ChildProcessWithoutNullStreams) {
		super();
		this.#child = child;
		child.stdout.on('data', (chunk: Buffer) => {
			if (!this.push(chunk)) {
				child.stdout.pause();
			}
		});
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			this.#errors = (this.#errors + text).slice(-errorTail);
		});
		// A broken pipe says less than the child's own end, which follows it.
		child.stdin.on('error', () => {});
		child.on('error', (error) => this.destroy(error));
		// `close` and not the end of the output: only then is it known whether this is an end or a failure.
		child.on('close', (code) => {
			if (code === 0) {
				this.push(null);
			} else {
				this.destroy(new DialError(this.#errors.trim() || `docker system dial-stdio exited (${code})`));
			}
		});
	}

	override _read(): void {
		this.#child.stdout.resume();
	}

	override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
		this.#child.stdin.write(chunk, done);
	}

	override _final(done: () => void): void {
		this.#child.stdin.end(done);
	}

	override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
		// Waits for the end of its input: a signal alone does not end it.
		for (const pipe of this.#pipes()) {
			pipe.destroy();
		}

		this.#child.kill();
		this.#child.unref();
		done(error);
	}

	ref(): this {
		this.#child.ref();
		for (const pipe of this.#pipes()) {
			pipe.ref();
		}

		return this;
	}

	/** An idle connection must not keep the program alive. */
	unref(): this {
		this.#child.unref();
		for (const pipe of this.#pipes()) {
			pipe.unref();
		}

		return this;
	}

	#pipes(): readonly Socket[] {
		const {stdin, stdout, stderr} = this.#child;
		return [stdin, stdout, stderr].filter((pipe) => pipe instanceof Socket);
	}
}

/** The docker CLI or ssh could not reach the remote engine; the message is theirs. */
export class DialError extends Error {
	override readonly name = 'DialError';
	readonly code = 'EDIALSTDIO';
}
