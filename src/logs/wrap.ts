import {narrowText, sgrSequence} from '../narrow-text.ts';
import {width} from '../text.ts';

const segmenter = new Intl.Segmenter(undefined, {granularity: 'grapheme'});
const sequences = new RegExp(`(${sgrSequence.source})`);
const reset = '\u001B[0m';

/** Lines that are kept wrapped: more than a screen has. */
const mostKept = 300;

let kept = new Map<string, readonly string[]>();
let keptColumns = 0;

/**
 * The rows of a clean line (clean.ts) on a pane of so many columns: at least one, each with the colours that were set
 * before it. A line of 64 KiB takes tens of milliseconds, and is on the screen frame after frame: what was wrapped is kept.
 */
export function wrapLine(text: string, columns: number): readonly string[] {
	if (narrowText.test(text)) {
		const count = Math.max(1, Math.ceil(text.length / columns));
		return Array.from({length: count}, (_, row) => text.slice(row * columns, (row + 1) * columns));
	}

	if (columns !== keptColumns || kept.size >= mostKept) {
		kept = new Map();
		keptColumns = columns;
	}

	let rows = kept.get(text);
	if (!rows) {
		rows = wrap(text, columns);
		kept.set(text, rows);
	}

	return rows;
}

function wrap(text: string, columns: number): readonly string[] {
	const rows: string[] = [];
	let row = '';
	let used = 0;
	let style = '';
	for (const part of text.split(sequences)) {
		if (part.startsWith('\u001B')) {
			row += part;
			style = part === reset ? '' : style + part;
			continue;
		}

		for (const {segment} of segmenter.segment(part)) {
			const taken = width(segment);
			if (used + taken > columns && used > 0) {
				rows.push(style === '' ? row : row + reset);
				row = style;
				used = 0;
			}

			row += segment;
			used += taken;
		}
	}

	rows.push(row);
	return rows;
}
