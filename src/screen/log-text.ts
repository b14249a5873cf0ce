import type {LogEntry} from '../logs/entry.ts';
import {formatTimestamp, type TimestampFrame, type TimestampMode} from '../logs/format.ts';

/** Lines that are written at once. */
const lines = 1000;

/** The text of log lines in pieces, so that a long log is never one string. `write` gives a line without its newline. */
export function* textOf(
	entries: readonly LogEntry[],
	write: (entry: LogEntry) => string,
): Generator<string, void, undefined> {
	for (let from = 0; from < entries.length; from += lines) {
		yield entries
			.slice(from, from + lines)
			.map((entry) => `${write(entry)}\n`)
			.join('');
	}
}

/** How a line is saved: the engine's stamp, whose it is, and the text without colours. */
export function savedLine({stamp, time, log, plain}: LogEntry): string {
	return `${stamp === '' ? new Date(time / 1000).toISOString() : stamp} ${log} | ${plain}`;
}

/** How a line is paged: as the pane shows it, with its own colours, and nothing else that acts on a terminal. */
export function pagedLine(
	{time, service, log, text}: LogEntry,
	mode: TimestampMode,
	frame: (service: string) => TimestampFrame,
	isOneLog: boolean,
): string {
	const shownTime = formatTimestamp(time, mode, frame(service));
	return `${shownTime === '' ? '' : `${shownTime} `}${isOneLog ? '' : `${log} | `}${text}`;
}
