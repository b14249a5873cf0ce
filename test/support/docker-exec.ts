import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import type {IncomingMessage} from 'node:http';
import type {Duplex} from 'node:stream';

interface Exec {
	readonly command: readonly string[];
	readonly environment: readonly string[];
	readonly attachStdin: boolean;
	/** As the engine: unknown until the command has ended. */
	exitCode: number | null;
}

/** Runs the commands of `exec` as processes of this machine: their input, output and end are real. */
export class FakeExecs {
	/** How often an inspection still says that an ended command runs, as the real engine does for a moment. */
	late = 0;
	readonly #execs = new Map<string, Exec>();
	readonly #children = new Set<ChildProcess>();

	/** Gives the id. */
	create(body: string): string {
		const {Cmd, Env, AttachStdin} = JSON.parse(body) as {
			Cmd: string[];
			Env: string[];
			AttachStdin: boolean;
		};
		const id = `exec${this.#execs.size}`;
		this.#execs.set(id, {command: Cmd, environment: Env, attachStdin: AttachStdin, exitCode: null});
		return id;
	}

	/** `POST /exec/{id}/start`, turned into a raw connection. The connection breaks after `cutAfter` bytes of output. */
	async start(
		id: string,
		request: IncomingMessage,
		socket: Duplex,
		head: Buffer,
		cutAfter = Infinity,
	): Promise<void> {
		const exec = this.#execs.get(id);
		const [program, ...words] = exec?.command ?? [];
		if (exec === undefined || program === undefined) {
			socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
			return;
		}

		socket.write(
			'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n' +
				'Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n',
		);
		const env = {
			...process.env,
			...Object.fromEntries(exec.environment.map((entry) => entry.split('=', 2))),
		};
		// A process group of its own, so that what the command started ends with it.
		const child = spawn(program, words, {env, detached: true});
		this.#children.add(child);
		let left = cutAfter;
		const forward = (type: number) => (chunk: Buffer) => {
			const header = Buffer.alloc(8);
			header[0] = type;
			header.writeUInt32BE(chunk.length, 4);
			const bytes = Buffer.concat([header, chunk]).subarray(0, left);
			left -= bytes.length;
			socket.write(bytes);
			if (left <= 0) {
				setImmediate(() => socket.destroy());
			}
		};
		child.stdout.on('data', forward(1));
		child.stderr.on('data', forward(2));
		child.stdin.on('error', () => {});
		socket.on('error', () => {});
		if (exec.attachStdin) {
			feed(socket, child.stdin, head, Number(request.headers['content-length'] ?? 0));
		}

		const [code] = (await once(child, 'close')) as [number | null];
		this.#children.delete(child);
		exec.exitCode = code ?? 137;
		socket.end();
	}

	/** Ends the commands that still run: a client that goes away leaves them running. */
	close(): void {
		for (const {pid} of this.#children) {
			if (pid !== undefined) {
				process.kill(-pid, 'SIGKILL');
			}
		}
	}

	inspect(id: string): object | undefined {
		const exec = this.#execs.get(id);
		if (exec === undefined) {
			return undefined;
		}

		if (exec.exitCode !== null && this.late > 0) {
			this.late--;
			return {ID: id, Running: true, ExitCode: null};
		}

		return {ID: id, Running: exec.exitCode === null, ExitCode: exec.exitCode};
	}
}

/** What follows the request's body is the command's input, to its end. */
function feed(socket: Duplex, input: NodeJS.WritableStream, head: Buffer, bodyLength: number): void {
	let skip = bodyLength;
	const take = (chunk: Buffer): void => {
		const rest = chunk.subarray(Math.min(skip, chunk.length));
		skip -= chunk.length - rest.length;
		if (rest.length > 0 && !input.write(rest)) {
			socket.pause();
		}
	};
	input.on('drain', () => socket.resume());
	take(head);
	socket.on('data', take);
	socket.on('end', () => input.end());
}
