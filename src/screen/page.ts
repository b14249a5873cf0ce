import type {Notice} from '../store.ts';
import {breakText, wrapWords} from '../text.ts';
import {noticeMarks, textLine, type ActivityLine, type Mark, type SegmentTone} from './activity.ts';
import type {View} from './view.ts';

/** A text that is read in a dialog: longer than the screen, it is scrolled. */
export interface Page {
	readonly title: string;
	readonly lines: readonly ActivityLine[];
	/** Always seen, below the lines. */
	readonly foot: readonly ActivityLine[];
}

/** Wider than this, a text is hard to read. */
const widest = 100;

/** Columns of a page's text. The border and a blank at both sides, and the mark with the blank behind it, come off. */
export function pageColumns({columns}: Pick<View, 'columns'>): number {
	return Math.max(16, Math.min(widest, columns - 4) - 2);
}

/** Rows of a page's lines: what border, footer and foot leave. */
export function pageRows({rows}: Pick<View, 'rows'>, {foot}: Page): number {
	return Math.max(1, rows - 4 - foot.length);
}

/** The furthest that a page is scrolled to. */
export function lastScroll(view: Pick<View, 'rows'>, page: Page): number {
	return Math.max(0, page.lines.length - pageRows(view, page));
}

/** A text wrapped between words, its mark before the first line. */
export function paragraph(
	text: string,
	columns: number,
	{mark = 'none', tone = 'plain'}: {readonly mark?: Mark; readonly tone?: SegmentTone} = {},
): readonly ActivityLine[] {
	return wrapWords(text, columns).map((line, row) => textLine(row === 0 ? mark : 'none', line, tone));
}

/** A text that must stay as it is, indented and broken where the columns end. */
export function verbatim(
	text: string,
	columns: number,
	tone: SegmentTone = 'accent',
): readonly ActivityLine[] {
	return text
		.split('\n')
		.flatMap((line) => breakText(line, columns - 2))
		.map((line) => textLine('none', `  ${line}`, tone));
}

export const blankLine: ActivityLine = {mark: 'none', segments: []};

/** What the user was told last, at the foot of a page, which hides the dashboard's lines. */
export function noticeFoot(notice: Notice | undefined, columns: number): readonly ActivityLine[] {
	if (!notice) {
		return [];
	}

	const mark = noticeMarks[notice.level];
	return [notice.text, ...notice.more].flatMap((text, index) =>
		paragraph(text, columns, index === 0 ? {mark} : {tone: 'muted'}),
	);
}
