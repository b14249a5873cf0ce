import type {ActivityLine, Mark} from '../src/screen/activity.ts';
import {fit} from '../src/text.ts';
import {Rows} from './rows.tsx';
import {useTheme, type Theme, type Tone} from './theme.ts';

/** How a mark looks: a glyph, its ASCII form, its tone. */
const marks: Readonly<Record<Mark, readonly [glyph: string, ascii: string, tone: Tone]>> = {
	working: ['◐', 'o', 'busy'],
	done: ['✓', '+', 'ok'],
	failed: ['✗', 'x', 'error'],
	warning: ['!', '!', 'warning'],
	note: ['·', '-', 'muted'],
	none: [' ', ' ', 'plain'],
};

interface ActivityProperties {
	readonly lines: readonly ActivityLine[];
	readonly rows: number;
	readonly columns: number;
}

/** What is at work, and what should be read now, between the table and the log. */
export function Activity({lines, rows, columns}: ActivityProperties) {
	const theme = useTheme();
	const shown = lines.slice(0, rows).map((line) => fit(` ${activityText(theme, line)}`, columns));
	return <Rows rows={shown} />;
}

/** A line with its mark, in colours. */
export function activityText(theme: Theme, {mark, segments}: ActivityLine): string {
	const text = segments.map((segment) => theme.paint[segment.tone](segment.text)).join('');
	return `${markText(theme, mark)} ${text}`;
}

/** A mark as it is drawn, one column wide. */
export function markText({paint, glyphs}: Theme, mark: Mark): string {
	const [glyph, ascii, tone] = marks[mark];
	return paint[tone](glyphs.ascii ? ascii : glyph);
}
