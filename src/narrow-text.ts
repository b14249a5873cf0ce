/**
 * Text whose width is its length: ASCII, Latin, and the punctuation, arrows, boxes, blocks and shapes that a terminal
 * shows one column wide and that never join with their neighbours.
 */
export const narrowText =
	/^[\u0020-\u007E\u00A1-\u00AC\u00AE-\u02FF\u2010-\u2027\u2190-\u21FF\u2500-\u25FC\u25FF\u2713\u2717]*$/;

/** Such text with colours and other styles (SGR) in it. */
export const styledNarrowText = new RegExp(
	narrowText.source.replace(/^\^(.*)\$$/, String.raw`^$1(?:\u001B\[[\d;]*m$1)*$`),
);

/** Colours and other styles: the only escape sequences in what is drawn. */
export const sgrSequence = /\u001B\[[\d;]*m/g;
