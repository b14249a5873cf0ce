import {setTimeout as delay} from 'node:timers/promises';
import pty from '@lydell/node-pty';
import headless from '@xterm/headless';

export interface TerminalOptions {
	readonly columns?: number;
	readonly rows?: number;
	readonly cwd?: string;
	readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** A real program on a pseudo-terminal, its screen read from an emulated terminal, as a person sees it. */
export class Terminal {
	readonly exited: Promise<{readonly exitCode: number; readonly signal: number | undefined}>;
	/** All that was written to the terminal, escape sequences included. */
	written = '';
	readonly #pty: pty.IPty;
	readonly #screen: headless.Terminal;
	#pending = Promise.resolve();
	#ended = false;

	constructor(file: string, arguments_: readonly string[], options: TerminalOptions = {}) {
		const {columns = 120, rows = 36, cwd = process.cwd(), environment = {}} = options;
		this.#screen = new headless.Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 1000});
		// NO_COLOR and CI of the machine that tests must not decide what is tested.
		const {CI, NO_COLOR, FORCE_COLOR, ...inherited} = process.env;
		const env: Record<string, string> = {};
		for (const [name, value] of Object.entries({
			...inherited,
			TERM: 'xterm-256color',
			COLORTERM: 'truecolor',
			...environment,
		})) {
			if (value !== undefined) {
				env[name] = value;
			}
		}

		this.#pty = pty.spawn(file, [...arguments_], {cols: columns, rows, cwd, env, name: 'xterm-256color'});
		this.#pty.onData((data) => {
			this.written += data;
			this.#pending = this.#pending.then(
				() => new Promise<void>((resolve) => this.#screen.write(data, () => resolve())),
			);
		});
		// What the emulator answers (cursor position, device attributes) goes back, as a real terminal does.
		this.#screen.onData((data) => {
			if (!this.#ended) {
				this.#pty.write(data);
			}
		});
		this.exited = new Promise((resolve) => {
			this.#pty.onExit(({exitCode, signal}) => {
				this.#ended = true;
				resolve({exitCode, signal});
			});
		});
	}

	get pid(): number {
		return this.#pty.pid;
	}

	/** Which buffer is shown: a program on the alternate screen leaves the normal one as it was. */
	get buffer(): 'normal' | 'alternate' {
		return this.#screen.buffer.active.type;
	}

	press(keys: string): void {
		if (!this.#ended) {
			this.#pty.write(keys);
		}
	}

	resize(columns: number, rows: number): void {
		this.#screen.resize(columns, rows);
		if (!this.#ended) {
			this.#pty.resize(columns, rows);
		}
	}

	kill(signal: string): void {
		this.#pty.kill(signal);
	}

	/** Closes the terminal itself, as when the connection breaks; the program on it gets a SIGHUP. */
	hangUp(): void {
		// What the types leave out: without it the terminal stays open until the program has ended.
		(this.#pty as pty.IPty & {destroy(): void}).destroy();
	}

	/** The screen's rows as text, without trailing blanks. */
	rows(): readonly string[] {
		const {active} = this.#screen.buffer;
		return Array.from(
			{length: this.#screen.rows},
			(_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
		);
	}

	screen(): string {
		return this.rows().join('\n');
	}

	/** Waits until the screen shows a text; throws with the screen when it does not within `timeout` ms. */
	async shows(expected: string | RegExp, timeout = 15_000): Promise<string> {
		return this.until(
			(screen) => (typeof expected === 'string' ? screen.includes(expected) : expected.test(screen)),
			`the screen to show ${String(expected)}`,
			timeout,
		);
	}

	async showsNot(unexpected: string | RegExp, timeout = 15_000): Promise<string> {
		return this.until(
			(screen) => !(typeof unexpected === 'string' ? screen.includes(unexpected) : unexpected.test(screen)),
			`the screen to show ${String(unexpected)} no more`,
			timeout,
		);
	}

	async until(condition: (screen: string) => boolean, what: string, timeout: number): Promise<string> {
		const end = Date.now() + timeout;
		for (;;) {
			await this.#pending;
			const screen = this.screen();
			if (condition(screen)) {
				return screen;
			}

			if (Date.now() > end || this.#ended) {
				throw new Error(
					`waited ${timeout} ms for ${what}${this.#ended ? ' (the program ended)' : ''}:\n${screen}`,
				);
			}

			await delay(15);
		}
	}

	/** Settles when all that was written so far is on the screen. */
	async settled(): Promise<void> {
		// The last bytes may be read after the exit was noticed.
		await delay(100);
		await this.#pending;
	}

	/**
	 * The private modes (DECSET) that were switched on and not off again, or off and not on as the cursor: what
	 * a program that leaves must not leave behind.
	 */
	modesLeftOn(): readonly string[] {
		const modes = new Map<string, boolean>();
		for (const [, names = '', switched] of this.written.matchAll(/\u001B\[\?([\d;]+)([hl])/g)) {
			for (const name of names.split(';')) {
				// The cursor (25) and wrapping at the end of a row (7) are on from the start, and left on by `h`.
				modes.set(name, name === '25' || name === '7' ? switched === 'l' : switched === 'h');
			}
		}

		return [...modes].filter(([, left]) => left).map(([name]) => name);
	}

	/** Ends the program if it still runs. */
	async close(): Promise<void> {
		if (!this.#ended) {
			this.#pty.kill('SIGKILL');
			await this.exited;
		}

		this.#screen.dispose();
	}
}
