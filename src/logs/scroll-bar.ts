import type {LogEntry} from './entry.ts';
import type {ShownLog} from './shown-log.ts';
import type {Window} from './window.ts';

/** What a row of the scroll bar stands for: lines in which something was found, or with an error; the former counts. */
export interface BarRow {
	readonly mark: 'found' | 'error' | undefined;
	/** Its lines are in the pane. */
	readonly thumb: boolean;
}

/** A scroll bar of so many rows; undefined when all lines are in the pane. Costs its rows, not the log's length. */
export function scrollBar(
	log: ShownLog,
	{above, below}: Window<LogEntry>,
	rows: number,
): readonly BarRow[] | undefined {
	const {first, end} = log.lines;
	const total = end - first;
	if (above + below <= 0) {
		return undefined;
	}

	const thumb = thumbOf({total, above, below}, rows);
	return Array.from({length: rows}, (_, row) => {
		const from = first + Math.floor((row * total) / rows);
		const to = first + Math.floor(((row + 1) * total) / rows);
		const mark = log.hasMatch(from, to) ? 'found' : log.hasError(from, to) ? 'error' : undefined;
		return {mark, thumb: row >= thumb.from && row < thumb.to};
	});
}

/** The number of the line that a row of the bar stands for. */
export function lineAtBar({lines: {first, end}}: ShownLog, row: number, rows: number): number {
	return first + Math.floor(((row + 0.5) * (end - first)) / rows);
}

/** It is at an end of the bar only when the pane is at that end of the log. */
function thumbOf(
	{total, above, below}: {readonly total: number; readonly above: number; readonly below: number},
	rows: number,
): {readonly from: number; readonly to: number} {
	const size = Math.min(rows - 1, Math.max(1, Math.round(((total - above - below) * rows) / total)));
	const room = rows - size;
	const place = Math.round((above * room) / (above + below));
	const from = above === 0 ? 0 : below === 0 ? room : Math.max(1, Math.min(room - 1, place));
	return {from, to: from + size};
}
