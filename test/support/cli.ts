import {call} from '../../src/call.ts';
import type {Output} from '../../src/commands/context.ts';
import type {Engine, EngineOptions} from '../../src/engine/engine.ts';

/** What a call of mlstack is given besides its arguments. */
export interface CliOptions {
	readonly engine?: Engine;
	readonly isTTY?: boolean;
	readonly columns?: number;
	readonly colors?: boolean;
	readonly environment?: Readonly<Record<string, string | undefined>>;
	/** Where mlstack is called. */
	readonly directory?: string;
	readonly signal?: AbortSignal;
	/** What the user answers to a question. */
	readonly answer?: boolean;
	/** What the user types to one question after the other; nothing when they have run out. */
	readonly lines?: readonly string[];
	/** Whether there is a browser. */
	readonly browser?: boolean;
	/** Told of each text as it is written. */
	readonly onWrite?: (text: string) => void;
}

/** What came of a call of mlstack. */
export interface CliResult {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
	readonly questions: readonly string[];
	readonly opened: readonly string[];
	/** The options with which an engine was opened. */
	readonly engines: readonly EngineOptions[];
}

/** Calls mlstack in this process, in a world of the test's own. */
export async function runCli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
	const {engine, isTTY = false, columns = 100, colors = false, environment = {}, onWrite} = options;
	const written = {stdout: '', stderr: ''};
	const questions: string[] = [];
	const lines = [...(options.lines ?? [])];
	const opened: string[] = [];
	const engines: EngineOptions[] = [];
	const output = (name: keyof typeof written): Output => ({
		isTTY,
		columns: isTTY ? columns : undefined,
		colors,
		write: async (text) => {
			written[name] += text;
			onWrite?.(text);
			return Promise.resolve();
		},
	});
	const code = await call(argv, {
		stdout: output('stdout'),
		stderr: output('stderr'),
		isTTY,
		environment,
		directory: options.directory ?? '/home/ana/kws',
		signal: options.signal ?? new AbortController().signal,
		openEngine: async (engineOptions) => {
			engines.push(engineOptions);
			return engine ? Promise.resolve(engine) : Promise.reject(new Error('this test gives no engine'));
		},
		ask: async (question) => {
			questions.push(question);
			return Promise.resolve(options.answer === true);
		},
		read: async (question) => {
			questions.push(question);
			return Promise.resolve(lines.shift() ?? '');
		},
		browse: async (url) => {
			opened.push(url);
			return Promise.resolve(options.browser !== false);
		},
	});
	return {code, ...written, questions, opened, engines};
}
