import sliceAnsi from 'slice-ansi';
import {head} from '../text.ts';
import type {LogLine} from '../stack/model.ts';
import {LogBuffer} from './buffer.ts';
import {logName, type LogEntry} from './entry.ts';
import type {Level} from './levels.ts';
import {highlighted} from './highlight.ts';
import {highlights, type Range} from './matcher.ts';
import {MergedLog} from './merge.ts';
import {atBar, jumped, looked, moved, placeOf, scrolledBy, type MarkedPlace} from './moves.ts';
import {lineAt, type LogJump, type LogPlace} from './place.ts';
import type {LogQuery} from './query.ts';
import {scrollBar, type BarRow} from './scroll-bar.ts';
import type {Span} from './source.ts';
import {ShownLog, type Found, type Located} from './shown-log.ts';
import {rowText, type Pane, type Window} from './window.ts';

/** A row of the log pane. */
export interface LogRow {
	readonly service: string;
	/** The name of the log it is a line of. */
	readonly log: string;
	/** Microseconds since 1970. */
	readonly time: number;
	/** Clean: nothing but colours acts on a terminal. What is looked for is inverse. */
	readonly text: string;
	/** It brings colours of its own. */
	readonly coloured: boolean;
	/** The line that the search or a jump is at. */
	readonly marked: boolean;
	/** It is in the range. */
	readonly picked: boolean;
	readonly stderr: boolean;
	readonly level: Level | undefined;
	/** A line of mlstack's own: the container exited. */
	readonly rule: boolean;
	/** Not the first row of its line. */
	readonly continued: boolean;
}

export interface LogWindow {
	readonly rows: readonly LogRow[];
	/** Lines below the pane. */
	readonly below: number;
	/** Lines held in memory. */
	readonly total: number;
	/** Lines that were dropped to make room. */
	readonly dropped: number;
	/** Beside the rows of the pane; absent when all lines are in it. */
	readonly bar?: readonly BarRow[];
	/** Lines in the range; absent without one. */
	readonly picked?: number;
	/** How many lines the search found; without a search absent. */
	readonly found?: Found;
	/** What is wrong with the search or the filter, for people. */
	readonly problem?: string;
}

export interface LogBookOptions {
	/** Lines held for each container at most. */
	readonly lines?: number;
}

/** Two logs can be on the screen at once. */
const mostViews = 2;

/** The logs of all services: bounded, clean, merged, and read a window at a time. */
export class LogBook {
	readonly #options: LogBookOptions;
	readonly #buffers = new Map<string, LogBuffer>();
	#merged = new MergedLog();
	/** Of services with several containers, all their logs. */
	readonly #services = new Map<string, MergedLog>();
	/** What is looked at, the newest first. */
	#views: readonly ShownLog[] = [];
	#came = 0;

	constructor(options: LogBookOptions = {}) {
		this.#options = options;
	}

	/** Lines of a service's container that came, oldest first. Gives those that are new, clean (see LogBuffer). */
	append(
		service: string,
		lines: readonly LogLine[],
		number = 1,
	): ReadonlyArray<Pick<LogEntry, 'time' | 'text'>> {
		this.#came += lines.length;
		return this.#bufferOf(service, number).append(lines);
	}

	/** How many lines came, of all services. */
	get came(): number {
		return this.#came;
	}

	/** A line of mlstack's own in a container's log. `time`: milliseconds since 1970. Gives whether it found room. */
	appendRule(service: string, time: number, text: string, number = 1): boolean {
		return this.#bufferOf(service, number).appendRule(time * 1000, text);
	}

	/** The log of a service's container, if any line of it came. */
	buffer(service: string, number: number): LogBuffer | undefined {
		return this.#buffers.get(logName(service, number));
	}

	/** The line of a service that was written at a moment (microseconds since 1970), and is the one that is meant. */
	find(service: string, time: number, isMeant: (plain: string) => boolean): LogEntry | undefined {
		for (const buffer of this.#buffers.values()) {
			const entry = buffer.service === service ? lineAt(buffer, time, isMeant) : undefined;
			if (entry) {
				return entry;
			}
		}

		return undefined;
	}

	/** The place at which a line is marked and to be seen; undefined when it is not among the lines that are shown. */
	placeOf(query: LogQuery, pane: Pane, entry: LogEntry): MarkedPlace | undefined {
		return placeOf(this.#updated(query), query, pane, entry);
	}

	/** Forgets every line: what comes is of another engine. */
	clear(): void {
		this.#buffers.clear();
		this.#services.clear();
		this.#merged = new MergedLog();
		this.#views = [];
	}

	/** Every container's log. */
	all(): Iterable<LogBuffer> {
		return this.#buffers.values();
	}

	/** The logs that are looked at. */
	shown({allLogs, selected}: Pick<LogQuery, 'allLogs' | 'selected'>): readonly LogBuffer[] {
		const all = [...this.#buffers.values()];
		return allLogs ? all : all.filter(({service}) => service === selected);
	}

	/** The logs of which a reader who holds his place may miss lines there: they begin no earlier than his first row. */
	startingBelow(query: LogQuery): readonly LogBuffer[] {
		const {position} = query;
		const {entry} = position;
		if (position.follow || !entry) {
			return [];
		}

		const log = this.#show(query);
		const isAtStart = log.indexOf(entry) <= log.lines.first;
		return this.shown(query).filter((buffer) => {
			const first = buffer.at(buffer.first);
			return first !== undefined && (isAtStart || entry.order <= first.order);
		});
	}

	/** Looks at a slice of what a filter or a search has not seen yet; gives whether that was all. */
	update(query: LogQuery): boolean {
		return this.#show(query).update();
	}

	window(query: LogQuery, pane: Pane): LogWindow {
		const log = this.#updated(query);
		const {window, mark} = looked(log, query, pane);
		const ranges = rangesIn(log, window);
		const found = log.found(mark);
		const range = rangeIn(log, query);
		const bar = scrollBar(log, window, pane.rows);
		const {problem, lines} = log;
		return {
			rows: window.rows.map(({line, index, row}) => {
				const text = highlighted(line.text, ranges.get(index) ?? []);
				return {
					service: line.service,
					log: line.log,
					time: line.time,
					stderr: line.stream === 'stderr',
					level: line.level,
					rule: line.rule,
					coloured: line.text !== line.plain,
					marked: index === mark,
					picked: range !== undefined && index >= range.from && index < range.to,
					continued: row > 0,
					text: pane.wrap
						? rowText(text, row, pane.columns)
						: query.shift > 0
							? sliceAnsi(head(text, query.shift + pane.columns), query.shift)
							: text,
				};
			}),
			below: window.below + (lines === log.base.source ? this.#leftOut(query) : 0),
			total: lines.end - lines.first,
			dropped: this.shown(query).reduce((sum, {dropped}) => sum + dropped, 0),
			...(bar && {bar}),
			...(range && {picked: range.to - range.from}),
			...(found && {found}),
			...(problem !== undefined && {problem}),
		};
	}

	/** The lines of the range, or else all that are shown, as far as they have been looked at. */
	entries(query: LogQuery): readonly LogEntry[] {
		const log = this.#show(query);
		const {lines} = log;
		const {from, to} = rangeIn(log, query) ?? {from: lines.first, to: lines.end};
		return Array.from({length: to - from}, (_, at) => lines.at(from + at)).filter(
			(entry) => entry !== undefined,
		);
	}

	/** The line that the search or a jump is at, or else the first one in the pane. */
	current(query: LogQuery, pane: Pane): LogEntry | undefined {
		const log = this.#show(query);
		const {window, mark} = looked(log, query, pane);
		return (mark === undefined ? undefined : log.lines.at(mark)) ?? window.rows[0]?.line;
	}

	/** The line on a row of the pane. */
	lineAt(query: LogQuery, pane: Pane, row: number): LogEntry | undefined {
		return looked(this.#show(query), query, pane).window.rows[row]?.line;
	}

	/** The place that a row of the scroll bar stands for. */
	atBar(query: LogQuery, pane: Pane, row: number): LogPlace {
		return atBar(this.#show(query), pane, row);
	}

	/** The position after scrolling by rows; negative is back. */
	scrolled(query: LogQuery, pane: Pane, by: number | 'start'): LogPlace {
		return scrolledBy(this.#updated(query), query, pane, by);
	}

	/** The marked line moved by rows (see `moved` in moves.ts). */
	moved(query: LogQuery, pane: Pane, by: number | 'start' | 'end'): MarkedPlace | undefined {
		return moved(this.#updated(query), query, pane, by);
	}

	/** Where a jump leads: the line is marked, and the place held; undefined when there is no such line. */
	jumped(query: LogQuery, pane: Pane, to: LogJump): MarkedPlace | undefined {
		return jumped(this.#updated(query), query, pane, to);
	}

	#updated(query: LogQuery): ShownLog {
		const log = this.#show(query);
		log.update();
		return log;
	}

	/** Lines that found no room at the end of logs that are held. */
	#leftOut(query: LogQuery): number {
		return this.shown(query).reduce((sum, {logEnd, end}) => sum + logEnd - end, 0);
	}

	#bufferOf(service: string, number: number): LogBuffer {
		const log = logName(service, number);
		let buffer = this.#buffers.get(log);
		if (!buffer) {
			buffer = new LogBuffer({service, number, ...this.#options});
			this.#buffers.set(log, buffer);
			this.#merged.add(buffer);
			this.#services.get(service)?.add(buffer);
		}

		return buffer;
	}

	#show(query: LogQuery): ShownLog {
		const base = this.#base(query);
		let log = this.#views.find((view) => view.isFor(base.source, query));
		if (!log) {
			log = new ShownLog(base, query);
			this.#views = [log, ...this.#views].slice(0, mostViews);
		}

		return log;
	}

	#base(query: LogQuery): Located {
		const logs = this.shown(query);
		const [only, ...others] = logs;
		if (only && others.length === 0) {
			return {source: only, indexOf: (entry) => (entry.log === only.log ? entry.index : undefined)};
		}

		const merged = query.allLogs ? this.#merged : this.#mergedLogOf(query.selected ?? '', logs);
		merged.update();
		return {source: merged, indexOf: (entry) => merged.indexOf(entry)};
	}

	#mergedLogOf(service: string, logs: readonly LogBuffer[]): MergedLog {
		let merged = this.#services.get(service);
		if (!merged) {
			merged = new MergedLog(logs);
			this.#services.set(service, merged);
		}

		return merged;
	}
}

/** The lines from the end of the range that stays to the marked one. */
function rangeIn(log: ShownLog, {range, mark = range}: LogQuery): Span | undefined {
	const {first, end} = log.lines;
	if (!range || !mark || first === end) {
		return undefined;
	}

	const ends = [range, mark].map((entry) => Math.min(end - 1, Math.max(first, log.indexOf(entry))));
	return {from: Math.min(...ends), to: Math.max(...ends) + 1};
}

function rangesIn({matcher}: ShownLog, {rows}: Window<LogEntry>): ReadonlyMap<number, readonly Range[]> {
	if (!matcher) {
		return new Map<number, readonly Range[]>();
	}

	const lines = new Map(rows.map(({index, line}) => [index, line.plain]));
	const ranges = highlights(matcher, [...lines.values()]);
	return new Map([...lines.keys()].map((index, at) => [index, ranges[at] ?? []]));
}
