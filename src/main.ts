import {constants} from 'node:os';
import {isatty} from 'node:tty';
import {call} from './call.ts';
import {Interruption} from './commands/context.ts';
import {streamOutput} from './commands/output.ts';
import {Failure} from './failure.ts';

/**
 * Runs mlstack as this process: its arguments (without `node` and the script), streams, environment and signals.
 * What is loaded before the command's own module is on the measured path to the first frame, so it is next to nothing.
 */
export async function main(argv: readonly string[]): Promise<void> {
	const {env: environment} = process;
	const stop = new AbortController();
	listenForSignals(stop);
	const code = await call(argv, {
		stdout: streamOutput(process.stdout, environment),
		stderr: streamOutput(process.stderr, environment),
		isTTY: isatty(0) && isatty(1),
		signal: stop.signal,
		environment,
		directory: process.cwd(),
		openEngine: async (options) => (await import('./engine/open.ts')).openEngine(options),
		ask: async (question) =>
			(await import('./commands/ask.ts')).ask(question, process.stdin, process.stderr, stop.signal),
		read: async (question) =>
			(await import('./commands/ask.ts')).readLine(question, process.stdin, process.stderr, stop.signal),
		browse: async (url) => (await import('./commands/browse.ts')).browse(url, environment),
	});
	// Everything written was waited for; a connection that somebody left open must not hold the shell.
	process.exit(code);
}

/** The first signal asks the command to end; a second Ctrl-C ends it. A reader that closed the pipe has read enough. */
function listenForSignals(stop: AbortController): void {
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		const exitCode = 128 + constants.signals[signal];
		process.on(signal, () => {
			if (stop.signal.aborted && signal === 'SIGINT') {
				process.exit(exitCode);
			}

			stop.abort(new Interruption(`stopped by ${signal}`, exitCode));
		});
	}

	process.stdout.on('error', (error: NodeJS.ErrnoException) => {
		const isClosed = error.code === 'EPIPE' || error.code === 'EIO';
		stop.abort(new Interruption(`standard output: ${error.message}`, isClosed ? 0 : 1));
	});
	// The command ends as after a signal, so that the terminal is given back; then it is told what happened.
	for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
		process.on(event, (error: unknown) => {
			if (stop.signal.aborted) {
				process.exit(1);
			}

			stop.abort(unexpected(error));
		});
	}

	// With standard error gone there is nobody to tell.
	process.stderr.on('error', () => undefined);
}

function unexpected(error: unknown): Failure {
	return new Failure('mlstack met an error that it did not expect, and ended', {
		code: 'unexpected',
		why: error instanceof Error ? error.message : String(error),
		next: ['MLSTACK_DEBUG=1 mlstack   (prints where it happened)'],
		cause: error,
	});
}
