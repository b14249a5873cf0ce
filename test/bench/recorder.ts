import {setTimeout as delay} from 'node:timers/promises';
import pty from '@lydell/node-pty';
import headless from '@xterm/headless';

interface Chunk {
	/** Milliseconds, of performance.now(). */
	readonly at: number;
	readonly data: string;
}

/**
 * A program on a pseudo-terminal whose output is stamped as it is read and looked at later, so that emulating the
 * screen delays the answer but never the figure.
 */
export class Recorder {
	readonly startedAt: number;
	readonly #pty: pty.IPty;
	readonly #screen: headless.Terminal;
	readonly #chunks: Chunk[] = [];
	#shown = 0;
	/** Chunks before this one came before the last key: they cannot be its effect. */
	#from = 0;
	#wake: () => void = () => {};
	readonly exited: Promise<number>;
	#running = true;

	constructor(
		command: readonly [string, ...string[]],
		{
			columns = 120,
			rows = 36,
			cwd = process.cwd(),
			environment = {},
		}: {columns?: number; rows?: number; cwd?: string; environment?: Record<string, string>} = {},
	) {
		const {CI, NO_COLOR, FORCE_COLOR, ...inherited} = process.env;
		const [file, ...arguments_] = command;
		this.#screen = new headless.Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 0});
		this.startedAt = performance.now();
		this.#pty = pty.spawn(file, arguments_, {
			cols: columns,
			rows,
			cwd,
			name: 'xterm-256color',
			env: {...inherited, TERM: 'xterm-256color', COLORTERM: 'truecolor', ...environment},
		});
		this.#pty.onData((data) => {
			this.#chunks.push({at: performance.now(), data});
			this.#wake();
		});
		this.exited = new Promise((resolve) => {
			this.#pty.onExit(({exitCode}) => {
				this.#running = false;
				this.#wake();
				resolve(exitCode);
			});
		});
	}

	get pid(): number {
		return this.#pty.pid;
	}

	/** Bytes written to the terminal so far. */
	get bytes(): number {
		return this.#chunks.reduce((sum, {data}) => sum + Buffer.byteLength(data), 0);
	}

	press(keys: string): number {
		this.#from = this.#chunks.length;
		this.#pty.write(keys);
		return performance.now();
	}

	kill(signal: string): void {
		this.#pty.kill(signal);
	}

	/** When the chunk came, after the last key, that made the screen match; `undefined` when none did within `timeout` ms. */
	async shows(pattern: RegExp, timeout = 30_000): Promise<number | undefined> {
		const end = performance.now() + timeout;
		for (;;) {
			if (this.#shown > this.#from && pattern.test(this.screen())) {
				return this.#chunks[this.#shown - 1]?.at;
			}

			const chunk = this.#chunks[this.#shown];
			if (chunk) {
				this.#shown++;
				await new Promise<void>((resolve) => this.#screen.write(chunk.data, resolve));
				continue;
			}

			if (!this.#running || performance.now() > end) {
				return undefined;
			}

			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, 50);
				this.#wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		}
	}

	/** Brings the screen up to all that has come: a frame may come in several chunks, and be read in the middle. */
	async settle(): Promise<void> {
		await delay(300);
		// More may come while these are written.
		for (let chunk = this.#chunks[this.#shown]; chunk; chunk = this.#chunks[this.#shown]) {
			const {data} = chunk;
			this.#shown++;
			await new Promise<void>((resolve) => this.#screen.write(data, resolve));
		}
	}

	screen(): string {
		const {active} = this.#screen.buffer;
		return Array.from(
			{length: this.#screen.rows},
			(_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
		).join('\n');
	}

	async close(): Promise<void> {
		if (this.#running) {
			this.#pty.kill('SIGKILL');
			await this.exited;
		}

		this.#screen.dispose();
	}
}
