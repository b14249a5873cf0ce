/**
 * Text whose width is its length: ASCII, Latin, and the punctuation, arrows, boxes, blocks and shapes that a terminal
 * shows one column wide and that never join with their neighbours.
 */
export const narrowText =
	/^[\u0020-\u007E\u00A1-\u00AC\u00AE-\u02FF\u2010-\u2027\u2190-\u21FF\u2500-\u25FC\u25FF\u2713\u2717]*$/;

/** Colours and other styles (SGR): the only escape sequences in what is drawn. */
export const sgrSequence = /\u001B\[[\d;]*m/g;

/** Narrow text with styles in it. */
export const styledNarrowText = new RegExp(
	narrowText.source.replace(/^\^(.*)\$$/, (_, run: string) => `^${run}(?:${sgrSequence.source}${run})*$`),
);

/** A text without its styles: what is searched, measured and filtered. */
export function plainText(text: string): string {
	return text.includes('\u001B') ? text.replaceAll(sgrSequence, '') : text;
}

/** Columns of styledNarrowText: its length without the sequences. */
export function styledWidth(text: string): number {
	let columns = text.length;
	let at = text.indexOf('\u001B');
	while (at >= 0) {
		const end = text.indexOf('m', at) + 1;
		columns -= end - at;
		at = text.indexOf('\u001B', end);
	}

	return columns;
}
