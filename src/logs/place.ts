import type {LogEntry} from './entry.ts';
import {indexAtTime, type LogSource} from './source.ts';
import type {ShownLog} from './shown-log.ts';
import {rowsOf, scrolled, showing, windowOf, type LogPosition, type Pane, type Window} from './window.ts';

/** A position, and the line that is meant: it is found again when lines before it come, go, or are filtered. */
export type LogPlace = LogPosition & {readonly entry?: LogEntry};

/** What a jump goes to. `found` is what a search that is typed shows. */
export type LogJump = 'found' | 'next-match' | 'previous-match' | 'next-error' | 'previous-error';

/** The position of a place among the lines that are shown now. */
export function positionIn(log: ShownLog, place: LogPlace): LogPosition {
	return place.follow || !place.entry ? place : {...place, index: log.indexOf(place.entry)};
}

/** The number of a line, if it is shown. */
export function shownIndex(log: ShownLog, entry: LogEntry): number | undefined {
	const index = log.indexOf(entry);
	const there = log.lines.at(index);
	return there?.log === entry.log && there.index === entry.index ? index : undefined;
}

/** A place that is found again by its line. */
export function anchored({lines}: ShownLog, position: LogPosition): LogPlace {
	const entry = position.follow ? undefined : lines.at(position.index);
	return entry ? {...position, entry} : position;
}

/** The position itself when the line is in its rows; or one with the line below a third of the pane. */
export function around({lines}: ShownLog, position: LogPosition, pane: Pane, index: number): LogPosition {
	if (windowOf(lines, position, pane).rows.some((row) => row.index === index)) {
		return position;
	}

	let top = index;
	for (let rows = 0; top > lines.first; top--) {
		const above = lines.at(top - 1);
		rows += above ? rowsOf(above, pane) : 0;
		if (rows > pane.rows / 3) {
			break;
		}
	}

	return scrolled(lines, {follow: false, index: top, row: 0}, pane, 0);
}

/** The number of the line that is so many rows from another, at the log's ends the last one; undefined without a line. */
export function lineFrom(
	{lines}: ShownLog,
	pane: Pane,
	index: number,
	by: 'start' | 'end' | number,
): number | undefined {
	const last = lines.end - 1;
	if (last < lines.first) {
		return undefined;
	}

	if (typeof by === 'string') {
		return by === 'start' ? lines.first : last;
	}

	let at = Math.min(last, Math.max(lines.first, index));
	const step = Math.sign(by);
	for (let left = Math.abs(by); left > 0 && lines.at(at + step); at += step) {
		const line = lines.at(at);
		left -= line ? rowsOf(line, pane) : 1;
	}

	return at;
}

/** A place that shows a line, as near as can be to the one before. */
export function placeShowing(log: ShownLog, place: LogPlace, pane: Pane, index: number): LogPlace {
	return anchored(log, showing(log.lines, positionIn(log, place), pane, index));
}

/** Where a jump from the marked line leads, or from the rows that are shown. */
export function targetOf(
	log: ShownLog,
	{window, mark}: {readonly window: Window<LogEntry>; readonly mark: number | undefined},
	to: Exclude<LogJump, 'found'>,
): number | undefined {
	const direction = to.startsWith('next') ? 'next' : 'previous';
	const from =
		direction === 'next'
			? mark === undefined
				? (window.rows[0]?.index ?? 0)
				: mark + 1
			: (mark ?? (window.rows.at(-1)?.index ?? 0) + 1);
	return to.endsWith('match') ? log.match(from, direction) : log.error(from, direction);
}

/** Microseconds by which a line's place may differ from its time: those of a record stand at the place of its first. */
const placeTolerance = 2_000_000;

/** The line of a log that was written at a moment (microseconds since 1970), and is the one that is meant. */
export function lineAt(
	source: LogSource,
	time: number,
	isMeant: (plain: string) => boolean,
): LogEntry | undefined {
	for (let index = indexAtTime(source, time - placeTolerance); index < source.end; index++) {
		const entry = source.at(index);
		if (!entry || entry.order > time + placeTolerance) {
			return undefined;
		}

		if (Math.abs(entry.time - time) < 1 && isMeant(entry.plain)) {
			return entry;
		}
	}

	return undefined;
}
