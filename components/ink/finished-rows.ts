import {styledNarrowText} from '../../src/narrow-text.ts';

/** What Ink has to draw: a text at a place of the screen, or where a box is clipped. */
export interface InkOperation {
	readonly type: string;
	readonly x?: number;
	readonly y?: number;
	readonly text?: string;
	readonly transformers?: ReadonlyArray<(line: string, index: number) => string>;
}

/**
 * The rows of a frame in which every text is of whole rows, as Rows draws them; undefined for any other, such as one with
 * a dialog on top. `write` gives a text as Ink writes it.
 *
 * The build puts this before Ink's own way (bin/build.js), which makes an object for every cell of the screen and reads
 * every row again for every frame: most of what a frame costs, and garbage of half a megabyte.
 */
export function finishedRows(
	operations: readonly InkOperation[],
	height: number,
	write: (text: string) => string,
): readonly string[] | undefined {
	const rows: Array<string | undefined> = Array.from({length: height});
	for (const {type, x, y: top = -1, text = '', transformers = []} of operations) {
		if (type !== 'write' || x !== 0 || !Number.isInteger(top)) {
			return undefined;
		}

		for (const [index, line] of text.split('\n').entries()) {
			const y = top + index;
			if (rows[y] !== undefined) {
				return undefined;
			}

			if (y >= 0 && y < height) {
				rows[y] = write(transformers.reduce((row, transform) => transform(row, index), line));
			}
		}
	}

	return rows.map((row = '') => row);
}

/**
 * A row as a terminal is to get it. One of narrow text goes there as it stands, its styles ended: `byInk`, which reads a
 * row character by character and writes it anew, took a third of a frame in which every row is another. Blanks at the end,
 * which Ink leaves out, are left to it where they may have a style.
 */
export function writtenRow(text: string, byInk: (text: string) => string): string {
	const isStyled = text.includes('\u001B');
	if (!styledNarrowText.test(text) || (isStyled && text.endsWith(' '))) {
		return byInk(text);
	}

	return isStyled ? `${text}\u001B[0m` : text.trimEnd();
}
