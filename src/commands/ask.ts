import {createInterface} from 'node:readline/promises';

/** Puts a question on a terminal; `y` and `yes` are yes, anything else, the end of input and Ctrl-C are no. */
export async function ask(
	question: string,
	input: NodeJS.ReadableStream,
	output: NodeJS.WritableStream,
	signal: AbortSignal,
): Promise<boolean> {
	const lines = createInterface({input, output});
	const ended = new AbortController();
	lines.once('close', () => ended.abort());
	try {
		const answer = await lines.question(`${question} [y/N] `, {
			signal: AbortSignal.any([signal, ended.signal]),
		});
		return /^y(es)?$/i.test(answer.trim());
	} catch (error) {
		signal.throwIfAborted();
		if (ended.signal.aborted) {
			output.write('\n');
			return false;
		}

		throw error;
	} finally {
		lines.close();
	}
}
