import {createInterface} from 'node:readline/promises';

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
