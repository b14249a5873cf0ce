import type {Engine} from '../engine/engine.ts';
import type {LogLine} from '../stack/model.ts';
import type {LogBuffer} from './buffer.ts';
import {cleanLine} from './clean.ts';
import type {LogEntry} from './entry.ts';

/** What reading older lines brought. */
export interface Older {
	/** Lines that the buffer took. */
	readonly taken: number;
	/** There is nothing older in the engine. */
	readonly reachedStart: boolean;
}

/** Lines asked for on top: what has come meanwhile, and the pieces of long lines, which the engine counts as lines. */
const spare = 100;

/** Lines of the buffer's start by which it is found in the log. */
const startLines = 20;

/**
 * Reads lines from before a buffer's first one, as far back as the engine has them, and puts them in front of it. Hold
 * the buffer first: a full one that is not held takes none, and one that drops lines meanwhile takes none either. Throws
 * the engine's Failure; an aborted signal ends it quietly.
 *
 * The engine cannot be asked for "1000 lines before this one": `tail` counts from the log's end, and only then does
 * `until` leave lines out (Engine 28.5, json-file and local). So it is asked for as many as are known to follow, and
 * the wanted ones, and for more when that was not enough; the reading ends where the known ones begin.
 */
export async function readOlder(
	engine: Pick<Engine, 'logs'>,
	container: string,
	buffer: LogBuffer,
	{wanted = 1000, signal}: {readonly wanted?: number; readonly signal: AbortSignal},
): Promise<Older> {
	const known = startOf(buffer);
	if (known.length === 0) {
		return {taken: 0, reachedStart: true};
	}

	const {first} = buffer;
	let count = -1;
	for (let tail = buffer.logEnd - first + wanted + spare; ; tail *= 2) {
		const lines = engine.logs({container, tail, follow: false}, signal);
		const {older, total} = await readUpTo(known, lines, wanted);
		if (signal.aborted || buffer.first !== first) {
			return {taken: 0, reachedStart: false};
		}

		if (older.length >= wanted || total === count) {
			const taken = buffer.prepend(older);
			return {taken, reachedStart: total === count && taken === total};
		}

		count = total;
	}
}

/** So many readings that brought nothing, since others read or lines came meanwhile, are borne. */
const patience = 5;

/**
 * Reads older lines into a held buffer until it holds those of a moment (microseconds since 1970), or the log begins.
 * Throws the engine's Failure; an aborted signal ends it quietly.
 */
export async function readBackTo(
	engine: Pick<Engine, 'logs'>,
	container: string,
	buffer: LogBuffer,
	{time, signal}: {readonly time: number; readonly signal: AbortSignal},
): Promise<void> {
	let failed = 0;
	while (!signal.aborted && failed < patience && (buffer.at(buffer.first)?.time ?? time) >= time) {
		const {taken, reachedStart} = await readOlder(engine, container, buffer, {wanted: 5000, signal});
		if (reachedStart) {
			return;
		}

		failed = taken > 0 ? 0 : failed + 1;
	}
}

/** The buffer's first lines that came from the log. */
function startOf(buffer: LogBuffer): readonly LogEntry[] {
	const entries: LogEntry[] = [];
	for (let index = buffer.first; index < buffer.end && entries.length < startLines; index++) {
		const entry = buffer.at(index);
		if (entry && !entry.rule) {
			entries.push(entry);
		}
	}

	return entries;
}

/** The last `most` lines of a log before the known ones, and how many there are before those in all. */
async function readUpTo(
	known: readonly LogEntry[],
	batches: AsyncIterable<readonly LogLine[]>,
	most: number,
): Promise<{older: readonly LogLine[]; total: number}> {
	let lines: LogLine[] = [];
	let left = 0;
	let start: number | undefined;
	for await (const batch of batches) {
		lines.push(...batch);
		start = startIn(lines, known);
		if (start !== undefined && start + known.length <= lines.length) {
			break;
		}

		if (lines.length > 2 * (most + startLines)) {
			left += lines.length - most - startLines;
			lines = lines.slice(-most - startLines);
		}
	}

	// The known ones are there no more, or in the log of the container before this one: age tells.
	start ??= lines.findIndex(({time}) => time >= (known[0]?.time ?? 0));
	const older = lines.slice(0, start < 0 ? lines.length : start);
	return {older: older.slice(-most), total: left + older.length};
}

/** Where the known lines begin, as far as they go. */
function startIn(lines: readonly LogLine[], known: readonly LogEntry[]): number | undefined {
	const start = lines.findIndex((_, at) =>
		known.every((entry, index) => {
			const line = lines[at + index];
			return line === undefined || isSame(line, entry);
		}),
	);
	return start < 0 ? undefined : start;
}

function isSame(line: LogLine, entry: LogEntry): boolean {
	return line.stamp === entry.stamp && line.stream === entry.stream && cleanLine(line.text) === entry.text;
}
