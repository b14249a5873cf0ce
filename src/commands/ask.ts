import {createInterface} from 'node:readline/promises';
import {setTimeout as delay} from 'node:timers/promises';
import {ReadStream} from 'node:tty';

/** Puts a question on a terminal; `y` and `yes` are yes, anything else, the end of input and Ctrl-C are no. */
export async function ask(
	question: string,
	input: NodeJS.ReadableStream,
	output: NodeJS.WritableStream,
	signal: AbortSignal,
): Promise<boolean> {
	return /^y(es)?$/i.test((await readLine(`${question} [y/N]`, input, output, signal)).trim());
}

/** Puts a question on a terminal; the line that is typed, empty at the end of input and on Ctrl-C. */
export async function readLine(
	question: string,
	input: NodeJS.ReadableStream,
	output: NodeJS.WritableStream,
	signal: AbortSignal,
): Promise<string> {
	if (input instanceof ReadStream && !(await dropTypedAhead(input, signal))) {
		return '';
	}

	const lines = createInterface({input, output});
	const ended = new AbortController();
	lines.once('close', () => ended.abort());
	try {
		return await lines.question(`${question} `, {signal: AbortSignal.any([signal, ended.signal])});
	} catch (error) {
		signal.throwIfAborted();
		if (ended.signal.aborted) {
			output.write('\n');
			return '';
		}

		throw error;
	} finally {
		lines.close();
	}
}

/** How long, in ms, nothing must be typed before a question is put; a key that is held comes again sooner. */
const quiet = 50;

/** Ctrl-C, as a terminal sends it in raw mode. */
const interrupt = 0x03;

/**
 * Throws away what was typed before a question: whoever typed it had not read it. `false` when Ctrl-C was among it.
 * In raw mode the terminal hands over what it holds, also half a line.
 */
async function dropTypedAhead(input: ReadStream, signal: AbortSignal): Promise<boolean> {
	const heard = {something: false, interrupt: false};
	const drop = (chunk: Buffer) => {
		heard.something = true;
		heard.interrupt ||= chunk.includes(interrupt);
	};
	input.setRawMode(true);
	input.on('data', drop);
	try {
		do {
			heard.something = false;
			await delay(quiet, undefined, {signal}).catch(() => signal.throwIfAborted());
		} while (heard.something && !heard.interrupt);
	} finally {
		input.off('data', drop);
		input.pause();
		input.setRawMode(false);
	}

	return !heard.interrupt;
}
