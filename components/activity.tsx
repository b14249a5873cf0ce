import type {ActivityLine} from '../src/screen/activity.ts';
import {fit} from '../src/text.ts';
import {Line} from './line.tsx';
import {useTheme, type Theme, type Tone} from './theme.ts';

/** How a mark looks: a glyph, its ASCII form, its tone. */
const marks: Readonly<Record<ActivityLine['mark'], readonly [glyph: string, ascii: string, tone: Tone]>> = {
	working: ['◐', 'o', 'busy'],
	done: ['✓', '+', 'ok'],
	failed: ['✗', 'x', 'error'],
	info: ['✓', '+', 'ok'],
	warning: ['!', '!', 'warning'],
	error: ['✗', 'x', 'error'],
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
	return lines
		.slice(0, rows)
		.map((line, row) => <Line key={row} text={fit(` ${activityText(theme, line)}`, columns)} />);
}

function activityText({paint, glyphs}: Theme, {mark, text, detail}: ActivityLine): string {
	const [glyph, ascii, tone] = marks[mark];
	const shown =
		mark === 'none' ? paint.muted(text) : mark === 'error' || mark === 'failed' ? paint.strong(text) : text;
	return `${paint[tone](glyphs.ascii ? ascii : glyph)} ${shown}${detail === '' ? '' : `  ${paint.muted(detail)}`}`;
}
