import type {Writable} from 'node:stream';

/**
 * Writes chunks to a stream and ends it. Each one has left this process before the next is asked for: a slow reader slows
 * the source down, and the source may use one buffer for all of them.
 *
 * Rejects with what the source threw; the stream stays open then. A stream that breaks only ends the work: whoever reads
 * from its other side hears of that.
 */
export async function writeAll(source: AsyncIterable<Uint8Array>, stream: Writable): Promise<void> {
	stream.on('error', () => {});
	for await (const chunk of source) {
		if (!(await isWritten(stream, chunk))) {
			return;
		}
	}

	stream.end();
}

async function isWritten(stream: Writable, chunk: Uint8Array): Promise<boolean> {
	return new Promise((resolve) => {
		stream.write(chunk, (error) => {
			resolve(!error);
		});
	});
}
