import {PassThrough, Writable} from 'node:stream';
import headless from '@xterm/headless';
import {render} from 'ink';
import type {ReactNode} from 'react';

/** A component drawn by Ink onto an emulated terminal of any size; read as a person reads it. */
export interface DrawnScreen {
	/** The rows, without trailing blanks, once everything that was drawn has arrived. */
	rows(): Promise<readonly string[]>;
	text(): Promise<string>;
	type(keys: string): Promise<void>;
	resize(columns: number, rows: number): void;
	close(): void;
}

class Stdout extends Writable {
	readonly isTTY = true;
	columns: number;
	rows: number;
	readonly terminal: headless.Terminal;

	constructor(columns: number, rows: number) {
		super({decodeStrings: false});
		this.columns = columns;
		this.rows = rows;
		this.terminal = new headless.Terminal({cols: columns, rows, allowProposedApi: true, convertEol: true});
	}

	override _write(chunk: string | Uint8Array, _encoding: BufferEncoding, done: () => void): void {
		this.terminal.write(chunk, done);
	}
}

class Stdin extends PassThrough {
	readonly isTTY = true;
	setRawMode(): this {
		return this;
	}

	ref(): this {
		return this;
	}

	unref(): this {
		return this;
	}
}

const settle = async () => new Promise((resolve) => setTimeout(resolve, 60));

export function draw(element: ReactNode, columns: number, rows: number): DrawnScreen {
	const stdout = new Stdout(columns, rows);
	const stdin = new Stdin();
	const instance = render(element, {
		stdout: stdout as unknown as NodeJS.WriteStream,
		stdin: stdin as unknown as NodeJS.ReadStream,
		stderr: new PassThrough() as unknown as NodeJS.WriteStream,
		interactive: true,
		alternateScreen: true,
		incrementalRendering: true,
		exitOnCtrlC: false,
		patchConsole: false,
	});
	const read = async () => {
		await instance.waitUntilRenderFlush();
		await settle();
		const {active} = stdout.terminal.buffer;
		return Array.from(
			{length: stdout.rows},
			(_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
		);
	};
	return {
		rows: read,
		text: async () => (await read()).join('\n'),
		async type(keys) {
			stdin.write(keys);
			await settle();
		},
		resize(newColumns, newRows) {
			stdout.columns = newColumns;
			stdout.rows = newRows;
			stdout.terminal.resize(newColumns, newRows);
			stdout.emit('resize');
		},
		close() {
			instance.unmount();
			stdout.terminal.dispose();
		},
	};
}
