import {Failure} from '../../failure.ts';

/** Characters. An event or a reading takes some 6 KiB; what is longer without a newline is no such stream. */
const longestLine = 4 * 1024 * 1024;

/**
 * The values of a stream of JSON, one a line (`/events`, `/stats`), however its bytes are cut. Throws a Failure for what
 * is not JSON, and whatever the stream fails with. What follows the last newline is no value.
 */
export async function* parseLines(
	bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<unknown, void, undefined> {
	const decoder = new TextDecoder();
	let rest = '';
	for await (const chunk of bytes) {
		rest += decoder.decode(chunk, {stream: true});
		let start = 0;
		for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
			const line = rest.slice(start, end);
			start = end + 1;
			if (line.trim() !== '') {
				yield parse(line);
			}
		}

		rest = rest.slice(start);
		if (rest.length > longestLine) {
			throw notJson(rest);
		}
	}
}

function parse(line: string): unknown {
	try {
		return JSON.parse(line);
	} catch (error) {
		throw notJson(line, error);
	}
}

function notJson(text: string, cause?: unknown): Failure {
	return new Failure('the engine sent what is not JSON', {
		code: 'bad-json',
		why: `it begins with ${JSON.stringify(text.slice(0, 60))}`,
		cause,
	});
}
