import type {LogBook, LogRow} from '../src/logs/book.ts';
import {logPane} from '../src/screen/log-pane.ts';
import type {View} from '../src/screen/view.ts';
import {formatNumber} from '../src/stack/format.ts';
import {cut, fit} from '../src/text.ts';
import {Panel} from './panel.tsx';
import {useTheme, type Theme} from './theme.ts';

interface LogPaneProperties {
	readonly book: LogBook;
	/** Moves when the book's lines changed. */
	readonly version: number;
	readonly view: View;
	/** In the table's order, which gives each service its colour. */
	readonly services: readonly string[];
	readonly rows: number;
	readonly borders: boolean;
	/** Instead of lines, while there is none; the last ones count. */
	readonly messages: readonly string[];
}

/** The log of the selected service, or of all, merged in time order. */
export function LogPane({book, view, services, rows, borders, messages}: LogPaneProperties) {
	const theme = useTheme();
	const pane = logPane(view, services, rows, borders);
	const window = book.window(view, pane);
	const lines = window.rows.map((row) => rowText(theme, row, services, pane.gutter));
	if (lines.length === 0) {
		lines.push(
			...messages.slice(-rows).map((message) => ` ${theme.paint.muted(cut(message, view.columns - 4))}`),
		);
	}

	const blank = Array.from({length: Math.max(0, rows - lines.length)}, () => '');
	return (
		<Panel
			title={titleText(theme, view)}
			aside={asideText(theme, window)}
			lines={[...lines, ...blank]}
			columns={view.columns}
			borders={borders}
			focused={view.pane === 'logs'}
			keepTitle
		/>
	);
}

function titleText({paint}: Theme, view: View): string {
	const which = view.allLogs ? 'all services' : (view.selected ?? '');
	const mode = view.position.follow ? paint.ok('[follow]') : paint.warning('[held]');
	return `Logs  ${paint.strong(which)}  ${mode}${view.wrap ? paint.muted(' [wrap]') : ''}`;
}

function asideText({paint}: Theme, window: ReturnType<LogBook['window']>): string {
	const parts = [
		...(window.below > 0 ? [paint.warning(`${formatNumber(window.below)} below`)] : []),
		...(window.dropped > 0 ? [`${formatNumber(window.dropped)} older dropped`] : []),
		`${formatNumber(window.total)} ${window.total === 1 ? 'line' : 'lines'}`,
	];
	return paint.muted(parts.join(', '));
}

/** `19:27:24 postgres │ text`; a wrapped row repeats neither time nor service. */
function rowText(theme: Theme, row: LogRow, services: readonly string[], gutter: number): string {
	const {paint, glyphs} = theme;
	const place = services.indexOf(row.service);
	const colour = theme.services[Math.max(0, place) % theme.services.length] ?? String;
	const time = row.continued ? '' : clockTime(row.time);
	const name = gutter === 0 ? '' : `${colour(fit(row.continued ? '' : row.service, gutter))} `;
	const edge = row.stderr ? paint.warning(glyphs.gutter) : paint.muted(glyphs.gutter);
	const {horizontal} = glyphs;
	const text = row.rule
		? paint.muted(`${horizontal.repeat(2)} ${row.text} ${horizontal.repeat(2)}`)
		: paintLevel(theme, row);
	return `${paint.muted(fit(time, 9))}${name}${edge} ${text}`;
}

/** A line that brings colours of its own keeps them. */
function paintLevel({paint}: Theme, {text, level}: LogRow): string {
	if (text.includes('\u001B')) {
		return text;
	}

	switch (level) {
		case 'fatal':
		case 'error': {
			return paint.error(text);
		}

		case 'warning': {
			return paint.warning(text);
		}

		case 'debug': {
			return paint.muted(text);
		}

		default: {
			return text;
		}
	}
}

/** `19:27:24`, of the clock on the wall. */
function clockTime(microseconds: number): string {
	const date = new Date(microseconds / 1000);
	return [date.getHours(), date.getMinutes(), date.getSeconds()]
		.map((part) => String(part).padStart(2, '0'))
		.join(':');
}
