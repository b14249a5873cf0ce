import type {Engine} from '../engine.ts';

/** Lines of a server's log that are read, from its end: one that is started again and again writes some ten each time. */
const linesRead = 200;

/** What PostgreSQL writes last when its log finds no room, in the words of the C library (ENOSPC, EDQUOT). */
const stopped = /PANIC: .*(?:No space left on device|Disk quota exceeded).*$/;

/** The line with which a server stopped as its disk was full, since a time (RFC 3339); undefined when it did not. */
export async function fullDiskLine(
	engine: Pick<Engine, 'logs'>,
	container: string,
	since: string,
	signal: AbortSignal,
): Promise<string | undefined> {
	let found: string | undefined;
	for await (const lines of engine.logs({container, since, tail: linesRead, follow: false}, signal)) {
		for (const {text} of lines) {
			found = stopped.exec(text)?.[0] ?? found;
		}
	}

	return found;
}
