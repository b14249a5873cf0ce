import sliceAnsi from 'slice-ansi';
import stringWidth from 'string-width';
import {narrowText, sgrSequence, styledNarrowText, styledWidth} from './narrow-text.ts';

/** Columns that a text takes on a terminal; escape sequences take none. */
export function width(text: string): number {
	if (narrowText.test(text)) {
		return text.length;
	}

	return styledNarrowText.test(text) ? styledWidth(text) : stringWidth(text);
}

/** Cuts a text to `columns`; a cut is shown by an ellipsis. */
export function cut(text: string, columns: number): string {
	if (columns <= 0) {
		return '';
	}

	if (narrowText.test(text)) {
		return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
	}

	if (text.length <= nearly(columns) && styledNarrowText.test(text)) {
		return styledWidth(text) <= columns ? text : cutStyled(text, columns - 1);
	}

	const start = head(text, columns);
	return stringWidth(start) <= columns ? start : `${sliceAnsi(start, 0, columns - 1)}…`;
}

/** The first columns of narrow text with styles, which end as all of it does, and an ellipsis. */
function cutStyled(text: string, columns: number): string {
	let at = 0;
	let left = columns;
	for (;;) {
		const escape = text.indexOf('\u001B', at);
		const run = (escape < 0 ? text.length : escape) - at;
		if (run > left || escape < 0) {
			const end = at + left;
			return `${text.slice(0, end)}${text.slice(end).match(sgrSequence)?.join('') ?? ''}…`;
		}

		left -= run;
		at = text.indexOf('m', escape) + 1;
	}
}

/** Columns beyond those that are asked for, so that what a cut leaves of a character is not among them. */
const spareColumns = 4;

/** Characters that usually hold so many columns and their colours. */
function nearly(columns: number): number {
	return 2 * columns + 200;
}

/**
 * The beginning of a text that is wider than `columns`, or all of it: who goes on to cut a line of 64 KiB pays for what is
 * seen of it.
 */
export function head(text: string, columns: number): string {
	for (let length = nearly(columns); length < text.length; length *= 4) {
		const escape = text.lastIndexOf('\u001B', length);
		// The parameters of a sequence are no text.
		const isWithin = escape >= 0 && !text.slice(escape, length).includes('m');
		const start = text.slice(0, isWithin ? escape : length);
		if (width(start) >= columns + spareColumns) {
			return start;
		}
	}

	return text;
}

/** Cuts in the middle, for paths and addresses whose end says most. */
export function cutMiddle(text: string, columns: number): string {
	if (width(text) <= columns || columns < 5) {
		return cut(text, columns);
	}

	const head = Math.floor((columns - 1) / 3);
	return `${sliceAnsi(text, 0, head)}…${sliceAnsi(text, width(text) - (columns - 1 - head))}`;
}

/** Cuts or pads a text to exactly `columns`. */
export function fit(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
	// Of what has room, nearly everything, the width is asked for once.
	const whole = text.length <= nearly(columns) ? width(text) : Number.POSITIVE_INFINITY;
	const shown = whole <= columns ? text : cut(text, columns);
	const padding = ' '.repeat(Math.max(0, columns - (whole <= columns ? whole : width(shown))));
	return align === 'left' ? shown + padding : padding + shown;
}

/** A left and a right part on one line of exactly `columns`; the left one gives way. */
export function spread(left: string, right: string, columns: number): string {
	const rightWidth = width(right);
	if (rightWidth >= columns) {
		return fit(right, columns);
	}

	return fit(left, columns - rightWidth) + right;
}

/** Breaks words into lines of at most `columns`; a word longer than that is broken. */
export function wrapWords(text: string, columns: number): readonly string[] {
	const lines: string[] = [];
	let line = '';
	for (const word of text.split(' ')) {
		let rest = word;
		if (line !== '' && width(line) + 1 + width(rest) <= columns) {
			line += ` ${rest}`;
			continue;
		}

		if (line !== '') {
			lines.push(line);
		}

		while (width(rest) > columns) {
			lines.push(sliceAnsi(rest, 0, columns));
			rest = sliceAnsi(rest, columns);
		}

		line = rest;
	}

	lines.push(line);
	return lines;
}

/** Breaks a text where the columns end, nothing left out: for commands and files, whose blanks count. */
export function breakText(text: string, columns: number): readonly string[] {
	const lines: string[] = [];
	let rest = text;
	while (width(rest) > columns) {
		const line = sliceAnsi(rest, 0, columns);
		lines.push(line);
		rest = rest.slice(line.length);
	}

	return [...lines, rest];
}
