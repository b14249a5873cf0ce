const escape = '\u001B[';

/** Rows that have to move by the same number for it to be worth while. */
const fewest = 2;

/** Rows `top` up to `end` of the next frame are what stood `by` rows further down in the last one. */
interface Shift {
	readonly top: number;
	readonly end: number;
	readonly by: number;
}

/**
 * What moves the rows that a terminal shows to where most of the next frame's are, as a log does that a line was added
 * to, so that they need not be written again: lines are deleted at one end and inserted at the other (DL and IL, VT102,
 * ECMA-48), from the first row and back to it. Gives that, and the rows that are shown then; undefined when nothing
 * moved, or the frames differ in height. The build puts it into Ink (bin/build.js), which only knows rows that change
 * where they are.
 */
export function scrollRows(
	last: readonly string[],
	next: readonly string[],
): {readonly sequence: string; readonly rows: readonly string[]} | undefined {
	const shift = shiftOf(last, next);
	if (!shift) {
		return undefined;
	}

	const {top, end, by} = shift;
	const count = Math.abs(by);
	const blank = Array.from({length: count}, () => '');
	const moved = next.slice(top, end);
	// Up, the rows above those that move go, and there is room below them; down it is the other way round.
	const [first, size] = by > 0 ? [top, end - top + by] : [top - count, end - top + count];
	const inserted = by > 0 ? first + size - count : first;
	const deleted = by > 0 ? first : first + size - count;
	const rows = [
		...last.slice(0, first),
		...(by > 0 ? [...moved, ...blank] : [...blank, ...moved]),
		...last.slice(first + size),
	];
	const back = by > 0 ? down(inserted - deleted) : up(deleted - inserted);
	return countSame(rows, next) > countSame(last, next)
		? {sequence: `${down(deleted)}${escape}${count}M${back}${escape}${count}L${up(inserted)}`, rows}
		: undefined;
}

function shiftOf(last: readonly string[], next: readonly string[]): Shift | undefined {
	if (last.length !== next.length) {
		return undefined;
	}

	const by = mostMoved(last, next);
	if (by === undefined) {
		return undefined;
	}

	let best: Shift | undefined;
	for (let row = 0; row < next.length; row++) {
		const top = row;
		while (row < next.length && next[row] === last[row + by]) {
			row++;
		}

		if (row - top > (best ? best.end - best.top : 0)) {
			best = {top, end: row, by};
		}
	}

	return best;
}

/** By how many rows most of the changed rows have moved; rows that stand there twice say nothing. */
function mostMoved(last: readonly string[], next: readonly string[]): number | undefined {
	const places = new Map<string, number>();
	for (const [row, text] of last.entries()) {
		places.set(text, places.has(text) ? Number.NaN : row);
	}

	const votes = new Map<number, number>();
	let most: number | undefined;
	for (const [row, text] of next.entries()) {
		const by = (places.get(text) ?? Number.NaN) - row;
		if (text !== last[row] && !Number.isNaN(by)) {
			const count = (votes.get(by) ?? 0) + 1;
			votes.set(by, count);
			if (count >= fewest && (most === undefined || count >= (votes.get(most) ?? 0))) {
				most = by;
			}
		}
	}

	return most;
}

/** Rows that need not be written. */
function countSame(shown: readonly string[], next: readonly string[]): number {
	return next.reduce((count, text, row) => count + Number(text === shown[row]), 0);
}

function down(rows: number): string {
	return rows > 0 ? `${escape}${rows}B` : '';
}

function up(rows: number): string {
	return rows > 0 ? `${escape}${rows}A` : '';
}
