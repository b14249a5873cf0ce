import sliceAnsi from 'slice-ansi';
import type {LogBook, LogRow, LogWindow} from '../src/logs/book.ts';
import type {BarRow} from '../src/logs/scroll-bar.ts';
import type {Found} from '../src/logs/shown-log.ts';
import type {LogInput} from '../src/screen/log-input.ts';
import {formatTimestamp} from '../src/logs/format.ts';
import {logLabels, logPane} from '../src/screen/log-pane.ts';
import type {View} from '../src/screen/view.ts';
import type {ServiceView} from '../src/stack/state.ts';
import {formatNumber} from '../src/stack/format.ts';
import {cut, fit, width} from '../src/text.ts';
import {panelRows} from './panel.tsx';
import type {Theme} from './theme.ts';

export interface LogPaneProperties {
	readonly book: LogBook;
	/** As wide as the pane. */
	readonly view: View;
	/** Keys go to it. */
	readonly focused: boolean;
	/** In the table's order, which gives each service its colour. */
	readonly services: readonly ServiceView[];
	/** What the lines' times are shown against. */
	readonly now: number;
	/** By service, in milliseconds since 1970. */
	readonly startedAt: ReadonlyMap<string, number>;
	readonly rows: number;
	readonly borders: boolean;
	/** Instead of lines, while there is none; the last ones count. */
	readonly messages: readonly string[];
}

/** The rows of a pane with the log of the selected service, or of all, merged in time order. */
export function logPaneRows(theme: Theme, properties: LogPaneProperties): readonly string[] {
	const {book, view, focused, services, now, startedAt, rows, borders, messages} = properties;
	const labels = logLabels(services);
	const inner = view.columns - (borders ? 2 : 0);
	const pane = logPane(view, services, rows, borders);
	const window = book.window(view, pane);
	const lines = window.rows.map((row) => {
		const frame = {now, startedAt: startedAt.get(row.service)};
		const time = row.continued ? '' : formatTimestamp(row.time, view.timestamps, frame);
		const place = services.findIndex(({name}) => name === row.service);
		const colour = theme.services[Math.max(0, place) % theme.services.length] ?? String;
		const label = row.continued ? '' : (labels.get(row.log) ?? row.service);
		const name = pane.gutter === 0 ? '' : `${colour(fit(label, pane.gutter))} `;
		// A time is of ASCII.
		const text = `${theme.paint.muted(time)}${''.padEnd(pane.time - time.length)}${name}${rowText(theme, row)}`;
		return row.picked || row.marked ? theme.paint.picked(withoutReset(fit(text, inner))) : text;
	});
	if (lines.length === 0) {
		lines.push(
			...messages.slice(-rows).map((message) => ` ${theme.paint.muted(cut(message, view.columns - 4))}`),
		);
	}

	const blank = Array.from({length: Math.max(0, rows - lines.length)}, () => '');
	return panelRows(theme, {
		title: titleText(theme, view, window),
		aside: hasPhraseFirst(view) ? '' : asideText(theme, window),
		lines: [...lines, ...blank],
		rightEdge: window.bar?.map((row) => barText(theme, row, focused)),
		columns: view.columns,
		borders,
		focused,
		keepTitle: true,
	});
}

/** `Logs  all services  [held]  /text 2 of 14  &filter  [errors]`; what is typed now comes first. */
function titleText({paint}: Theme, view: View, {found, problem, picked}: LogWindow): string {
	const which = view.allLogs ? 'all services' : (view.selected ?? '');
	const mode = view.position.follow ? paint.ok('[follow]') : paint.warning('[held]');
	const words = [
		...(picked === undefined ? [] : [`[range of ${formatNumber(picked)}]`]),
		...(view.wrap ? ['[wrap]'] : []),
		...(view.minimum ? [`[${view.minimum === 'error' ? 'errors' : 'warnings'}]`] : []),
		...(view.timestamps === 'utc' ? ['[utc]'] : []),
		...(view.foldNoise ? ['[noise folded]'] : []),
	];
	const search = phraseText(view, 'search', '/');
	const filter = phraseText(view, 'filter', '&');
	const phrases = [
		...(search === '' ? [] : [`${search}${found ? paint.muted(` ${foundText(found)}`) : ''}`]),
		...(filter === '' ? [] : [filter]),
	];
	return [
		// What is typed must be seen, however narrow the pane is; of two logs side by side also which is which.
		...(hasPhraseFirst(view) ? [] : ['Logs']),
		...(hasPhraseFirst(view) && !view.beside ? [] : [paint.strong(which)]),
		...(view.input === 'filter' ? phrases.toReversed() : phrases),
		...(problem === undefined ? [] : [paint.warning(problem)]),
		mode,
		...words.map((word) => paint.muted(word)),
	].join('  ');
}

/** Narrower than this, the title has no room for a search or a filter beside what it says otherwise. */
const titleColumns = 80;

function hasPhraseFirst({columns, search, filter, input}: View): boolean {
	return columns < titleColumns && (search ?? filter ?? input) !== undefined;
}

/** Inverse, where the next character goes. */
const cursor = '\u001B[7m \u001B[27m';

function phraseText(view: View, input: LogInput, sign: string): string {
	const phrase = view[input];
	const isOpen = view.input === input;
	if (!isOpen && !phrase) {
		return '';
	}

	const regex = phrase?.regex ? ' [regex]' : '';
	const text = phrase?.text ?? '';
	const room = Math.max(8, Math.floor(view.columns / 2) - 12);
	// Of a long one the end, where it is typed.
	const shown = width(text) > room ? `…${sliceAnsi(text, width(text) - room + 1)}` : text;
	return `${sign}${shown}${isOpen ? cursor : ''}${regex}`;
}

/** `2 of 14`; a plus while older lines are still looked at. */
function foundText({count, place, partial}: Found): string {
	const total = `${formatNumber(count)}${partial ? '+' : ''}`;
	return place === undefined ? `${total} found` : `${formatNumber(place)} of ${total}`;
}

function asideText({paint}: Theme, window: LogWindow): string {
	const parts = [
		...(window.below > 0 ? [paint.warning(`${formatNumber(window.below)} below`)] : []),
		...(window.dropped > 0 ? [`${formatNumber(window.dropped)} older dropped`] : []),
		`${formatNumber(window.total)} ${window.total === 1 ? 'line' : 'lines'}`,
	];
	return paint.muted(parts.join(', '));
}

/** A cell of the scroll bar: a mark, the thumb, or the border. */
function barText({paint, glyphs, colours}: Theme, {mark, thumb}: BarRow, focused: boolean): string {
	if (mark) {
		const text = (mark === 'found' ? paint.selected : paint.error)(glyphs[mark]);
		return thumb && colours ? `\u001B[7m${text}\u001B[27m` : text;
	}

	return (focused ? paint.accent : paint.muted)(thumb ? glyphs.thumb : glyphs.vertical);
}

/** `│ text`. */
function rowText(theme: Theme, row: LogRow): string {
	const {paint, glyphs} = theme;
	const edge = row.marked
		? paint.selected(glyphs.pointer)
		: row.picked
			? paint.selected(glyphs.picked)
			: row.stderr
				? paint.warning(glyphs.gutter)
				: paint.muted(glyphs.gutter);
	const {horizontal} = glyphs;
	const text = row.rule
		? paint.muted(`${horizontal.repeat(2)} ${row.text} ${horizontal.repeat(2)}`)
		: paintLevel(theme, row);
	return `${edge} ${text}`;
}

/** A line's own resets leave the background of a picked row: every other attribute ends one by one (ECMA-48, 8.3.117). */
function withoutReset(text: string): string {
	return text.replaceAll(
		/\u001B\[0?(;[\d;]+)?m/g,
		(_, rest: string | undefined) => `\u001B[22;23;24;27;29;39${rest ?? ''}m`,
	);
}

/** A line that brings colours of its own keeps them. */
function paintLevel({paint}: Theme, {text, level, coloured}: LogRow): string {
	if (coloured) {
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
