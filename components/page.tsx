import {lastScroll, pageColumns, pageRows, type Page as PageText} from '../src/screen/page.ts';
import type {View} from '../src/screen/view.ts';
import {activityText} from './activity.tsx';
import {Dialog} from './dialog.tsx';
import {useTheme} from './theme.ts';

interface PageProperties {
	readonly page: PageText;
	readonly view: Pick<View, 'columns' | 'rows'>;
	readonly scroll: number;
}

/** A text in a dialog, as much of it as there is room for. */
export function Page({page, view, scroll}: PageProperties) {
	const theme = useTheme();
	const last = lastScroll(view, page);
	const first = Math.min(scroll, last);
	const room = pageRows(view, page);
	const shown = [...page.lines.slice(first, first + room), ...page.foot];
	const place =
		last === 0 ? '' : `  (${first + 1}-${Math.min(first + room, page.lines.length)} of ${page.lines.length})`;
	return (
		<Dialog
			title={`${page.title}${place}`}
			lines={shown.map((line) => activityText(theme, line))}
			columns={view.columns}
			rows={view.rows}
			wanted={pageColumns(view) + 2}
		/>
	);
}
