import {wrapLine} from './wrap.ts';

/** A line that can be shown: its text is clean (clean.ts), its number never changes. */
export interface ShownLine {
	readonly text: string;
}

/** A numbered run of lines: `first` is the oldest that is still held, `end` the number the next one will get. */
export interface LineSource<Line extends ShownLine> {
	readonly first: number;
	readonly end: number;
	at(index: number): Line | undefined;
}

/** Where the reader is: at the end, or at a line that stays at the top of the pane while others arrive. */
export type LogPosition =
	| {readonly follow: true}
	/** `row`: how many of the line's wrapped rows are above the pane. */
	| {readonly follow: false; readonly index: number; readonly row: number};

/** The pane that lines are laid out for. */
export interface Pane {
	/** Columns for a line's text. */
	readonly columns: number;
	readonly rows: number;
	readonly wrap: boolean;
}

/** A row of the pane: a line, or the part of a wrapped one that falls on it. */
export interface WindowRow<Line extends ShownLine> {
	readonly line: Line;
	readonly index: number;
	/** 0 for a line's first row. */
	readonly row: number;
}

export interface Window<Line extends ShownLine> {
	readonly rows: ReadonlyArray<WindowRow<Line>>;
	/** How many lines lie wholly above and below the pane. */
	readonly above: number;
	readonly below: number;
}

interface Anchor {
	readonly index: number;
	readonly row: number;
}

/** How many rows a line takes. */
export function rowsOf(line: ShownLine, pane: Pane): number {
	return pane.wrap ? wrapLine(line.text, pane.columns).length : 1;
}

/** The part of a wrapped line that falls on its row `row`. */
export function rowText(text: string, row: number, columns: number): string {
	return wrapLine(text, columns)[row] ?? '';
}

/** The rows that a pane shows. Costs its rows, not the log's length. */
export function windowOf<Line extends ShownLine>(
	source: LineSource<Line>,
	position: LogPosition,
	pane: Pane,
): Window<Line> {
	const top = topOf(source, position, pane);
	const rows: Array<WindowRow<Line>> = [];
	let {index, row} = top;
	for (; index < source.end && rows.length < pane.rows; index++, row = 0) {
		const line = source.at(index);
		if (!line) {
			continue;
		}

		for (const count = rowsOf(line, pane); row < count && rows.length < pane.rows; row++) {
			rows.push({line, index, row});
		}
	}

	const last = rows.at(-1);
	return {
		rows,
		above: top.index - source.first,
		below: last ? source.end - 1 - last.index : 0,
	};
}

/**
 * The position after scrolling by rows; negative is back. `0` holds the place where the pane is now. Scrolling on to the
 * last row follows again.
 */
export function scrolled<Line extends ShownLine>(
	source: LineSource<Line>,
	position: LogPosition,
	pane: Pane,
	by: number | 'start',
): LogPosition {
	if (by === 'start') {
		return {follow: false, index: source.first, row: 0};
	}

	const bottom = bottomAnchor(source, pane);
	const target = moved(source, topOf(source, position, pane), by, pane);
	return by > 0 && !isBefore(target, bottom) ? {follow: true} : {follow: false, ...target};
}

/** The place nearest to a position at which all of a line is in the pane, or its first rows; the place is held. */
export function showing<Line extends ShownLine>(
	source: LineSource<Line>,
	position: LogPosition,
	pane: Pane,
	index: number,
): LogPosition {
	const top = topOf(source, position, pane);
	const highest = moved(source, {index: index + 1, row: 0}, -pane.rows, pane);
	const below = isBefore(top, highest) ? highest : top;
	return {follow: false, ...(isBefore(below, {index, row: 0}) ? below : {index, row: 0})};
}

function topOf<Line extends ShownLine>(source: LineSource<Line>, position: LogPosition, pane: Pane): Anchor {
	const bottom = bottomAnchor(source, pane);
	if (position.follow) {
		return bottom;
	}

	const held = position.index < source.first ? {index: source.first, row: 0} : position;
	return isBefore(held, bottom) ? {index: held.index, row: held.row} : bottom;
}

/** The top of the pane when its last row is the log's last. */
function bottomAnchor<Line extends ShownLine>(source: LineSource<Line>, pane: Pane): Anchor {
	return moved(source, {index: source.end, row: 0}, -pane.rows, pane);
}

function moved<Line extends ShownLine>(
	source: LineSource<Line>,
	from: Anchor,
	by: number,
	pane: Pane,
): Anchor {
	let {index, row} = from;
	let left = by;
	while (left < 0) {
		if (row >= -left) {
			return {index, row: row + left};
		}

		left += row;
		if (index <= source.first) {
			return {index: source.first, row: 0};
		}

		index--;
		const line = source.at(index);
		row = line ? rowsOf(line, pane) : 0;
	}

	while (left > 0 && index < source.end) {
		const line = source.at(index);
		const rest = (line ? rowsOf(line, pane) : 0) - row;
		if (left < rest) {
			return {index, row: row + left};
		}

		left -= rest;
		index++;
		row = 0;
	}

	return {index, row};
}

function isBefore(a: Anchor, b: Anchor): boolean {
	return a.index < b.index || (a.index === b.index && a.row < b.row);
}
