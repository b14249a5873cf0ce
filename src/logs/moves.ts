import type {LogEntry} from './entry.ts';
import {
	anchored,
	around,
	lineFrom,
	placeShowing,
	positionIn,
	shownIndex,
	targetOf,
	type LogJump,
	type LogPlace,
} from './place.ts';
import type {LogQuery} from './query.ts';
import {lineAtBar} from './scroll-bar.ts';
import type {ShownLog} from './shown-log.ts';
import {scrolled, windowOf, type Pane, type Window} from './window.ts';

/** A line, and a place at which it is in the pane. */
export interface MarkedPlace {
	readonly position: LogPlace;
	readonly mark: LogEntry;
}

/** The rows that are shown, and the number of the marked line. */
export function looked(
	log: ShownLog,
	query: LogQuery,
	pane: Pane,
): {readonly window: Window<LogEntry>; readonly mark: number | undefined} {
	const position = positionIn(log, query.position);
	const window = windowOf(log.lines, position, pane);
	if (query.input !== 'search') {
		return {window, mark: query.mark && shownIndex(log, query.mark)};
	}

	const mark = log.match((window.rows.at(-1)?.index ?? 0) + 1, 'previous');
	return mark === undefined
		? {window, mark}
		: {window: windowOf(log.lines, around(log, position, pane, mark), pane), mark};
}

/** The place after scrolling by rows; negative is back. */
export function scrolledBy(log: ShownLog, {position}: LogQuery, pane: Pane, by: number | 'start'): LogPlace {
	return anchored(log, scrolled(log.lines, positionIn(log, position), pane, by));
}

/**
 * The marked line moved by rows, and a place that shows it, which is held. Without a marked line it begins at the last
 * one that is followed, or at the first one in the pane. Undefined when there is no line.
 */
export function moved(
	log: ShownLog,
	query: LogQuery,
	pane: Pane,
	by: number | 'start' | 'end',
): MarkedPlace | undefined {
	const {window, mark} = looked(log, query, pane);
	const from = mark ?? window.rows.at(query.position.follow ? -1 : 0)?.index ?? log.lines.first;
	const index = lineFrom(log, pane, from, by);
	const entry = index === undefined ? undefined : log.lines.at(index);
	return index === undefined || !entry
		? undefined
		: {mark: entry, position: placeShowing(log, query.position, pane, index)};
}

/** Where a jump leads: the line is marked, and the place held; undefined when there is no such line. */
export function jumped(log: ShownLog, query: LogQuery, pane: Pane, to: LogJump): MarkedPlace | undefined {
	const now = looked(log, query, pane);
	const target = to === 'found' ? now.mark : targetOf(log, now, to);
	const mark = target === undefined ? undefined : log.lines.at(target);
	return target === undefined || !mark
		? undefined
		: {mark, position: placeAround(log, query, pane, target, to === 'found')};
}

/** The place at which a line is marked and to be seen; undefined when it is not among the lines that are shown. */
export function placeOf(log: ShownLog, query: LogQuery, pane: Pane, mark: LogEntry): MarkedPlace | undefined {
	const index = shownIndex(log, mark);
	return index === undefined ? undefined : {mark, position: placeAround(log, query, pane, index)};
}

/** A place that shows a line; held, unless the end is followed and may be. */
function placeAround(log: ShownLog, query: LogQuery, pane: Pane, index: number, mayFollow = false): LogPlace {
	const position = around(log, positionIn(log, query.position), pane, index);
	const held = position.follow && !mayFollow ? scrolled(log.lines, position, pane, 0) : position;
	return anchored(log, held);
}

/** The place that a row of the scroll bar stands for; the last one is the end, which is followed. */
export function atBar(log: ShownLog, pane: Pane, row: number): LogPlace {
	const {first} = log.lines;
	if (row >= pane.rows - 1) {
		return {follow: true};
	}

	const middle = lineAtBar(log, row, pane.rows);
	const index = row === 0 ? first : Math.max(first, middle - Math.floor(pane.rows / 2));
	return anchored(log, scrolled(log.lines, {follow: false, index, row: 0}, pane, 0));
}
