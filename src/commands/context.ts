import type {Values} from '../arguments.ts';
import type {Engine, EngineOptions} from '../engine/engine.ts';
import type {ExitReason} from '../failure.ts';
import type {EngineKind, StackRequest} from '../stack/model.ts';

/** What every command's module exports under the name `run`. Throws a Failure; the returned word is the exit code. */
export type Run = (context: CommandContext) => Promise<ExitReason>;

/** Where a command writes: standard output, standard error, or a test's memory. */
export interface Output {
	readonly isTTY: boolean;
	/** Columns of the terminal, now; `undefined` where it is none. */
	readonly columns: number | undefined;
	/** A terminal that shows colours, and nobody asked for none (NO_COLOR). */
	readonly colors: boolean;
	/** Settles when the text has been taken, so that a slow reader slows the command instead of filling memory. */
	readonly write: (text: string) => Promise<void>;
}

/** Everything that a command knows of the world, so that a test can give it another one. */
export interface CommandContext {
	readonly values: Values;
	readonly positionals: readonly string[];
	readonly engine: EngineOptions;
	readonly request: StackRequest;
	/** Results, and everything that `--json` prints. */
	readonly stdout: Output;
	/** Progress, notes and failures, for people. */
	readonly stderr: Output;
	/** A person sits there: both standard input and standard output are a terminal. */
	readonly isTTY: boolean;
	/** Aborted by SIGINT, SIGTERM, SIGHUP and by a reader that closed the pipe; its reason is an Interruption. */
	readonly signal: AbortSignal;
	/** The engine that the options name; the same one each time. It is closed when the command has ended. */
	readonly openEngine: () => Promise<Engine>;
	/** An engine of a kind, whatever the options say; closed by whoever asked. */
	readonly openOther: (kind: EngineKind) => Promise<Engine>;
	/** Puts a question that `y` or `yes` answers; anything else is no. */
	readonly ask: (question: string) => Promise<boolean>;
	/** Puts a question that is answered with a line of text; it is empty when the input has ended. */
	readonly read: (question: string) => Promise<string>;
	/** Opens a URL in the user's browser; `false` where there is none. */
	readonly browse: (url: string) => Promise<boolean>;
}

/** Why a command was told to stop, and what the process then exits with. */
export class Interruption extends Error {
	override readonly name = 'Interruption';
	readonly exitCode: number;

	constructor(message: string, exitCode: number) {
		super(message);
		this.exitCode = exitCode;
	}
}
