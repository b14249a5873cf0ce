import sliceAnsi from 'slice-ansi';
import type {LogLine} from '../stack/model.ts';
import {LogBuffer} from './buffer.ts';
import type {LogEntry} from './entry.ts';
import type {Level} from './levels.ts';
import {MergedLog} from './merge.ts';
import type {LogSource} from './source.ts';
import {rowText, scrolled, windowOf, type LogPosition, type Pane} from './window.ts';

/** What of the logs is looked at, and how. */
export interface LogQuery {
	/** All services merged in time order, or the selected one. */
	readonly allLogs: boolean;
	readonly selected?: string;
	readonly position: LogPosition;
	readonly wrap: boolean;
	/** Columns scrolled to the right, when lines are cut. */
	readonly shift: number;
}

/** A row of the log pane. */
export interface LogRow {
	readonly service: string;
	/** Microseconds since 1970. */
	readonly time: number;
	/** Clean: nothing but colours acts on a terminal. */
	readonly text: string;
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
}

export interface LogBookOptions {
	/** Lines held for each service at most. */
	readonly lines?: number;
}

/** The logs of all services: bounded, clean, merged, and read a window at a time. */
export class LogBook {
	readonly #options: LogBookOptions;
	readonly #buffers = new Map<string, LogBuffer>();
	readonly #merged = new MergedLog();

	constructor(options: LogBookOptions = {}) {
		this.#options = options;
	}

	append(service: string, lines: readonly LogLine[]): void {
		this.#bufferOf(service).append(lines);
	}

	/** A line of mlstack's own in a service's log. `time`: milliseconds since 1970. */
	appendRule(service: string, time: number, text: string): void {
		this.#bufferOf(service).appendRule(time * 1000, text);
	}

	window(query: LogQuery, pane: Pane): LogWindow {
		const source = this.#source(query);
		const {rows, below} = windowOf(source, query.position, pane);
		return {
			rows: rows.map(({line, row}) => ({
				service: line.service,
				time: line.time,
				stderr: line.stream === 'stderr',
				level: line.level,
				rule: line.rule,
				continued: row > 0,
				text: pane.wrap
					? rowText(line.text, row, pane.columns)
					: query.shift > 0
						? sliceAnsi(line.text, query.shift)
						: line.text,
			})),
			below,
			total: source.end - source.first,
			dropped: this.#shown(query).reduce((sum, {dropped}) => sum + dropped, 0),
		};
	}

	/** The position after scrolling by rows; negative is back. */
	scrolled(query: LogQuery, pane: Pane, by: number | 'start'): LogPosition {
		return scrolled(this.#source(query), query.position, pane, by);
	}

	#bufferOf(service: string): LogBuffer {
		let buffer = this.#buffers.get(service);
		if (!buffer) {
			buffer = new LogBuffer({service, ...this.#options});
			this.#buffers.set(service, buffer);
			this.#merged.add(buffer);
		}

		return buffer;
	}

	#shown({allLogs, selected}: LogQuery): readonly LogBuffer[] {
		const one = this.#buffers.get(selected ?? '');
		return allLogs ? [...this.#buffers.values()] : one ? [one] : [];
	}

	#source(query: LogQuery): LogSource | EmptyLog {
		if (query.allLogs) {
			this.#merged.update();
			return this.#merged;
		}

		return this.#shown(query)[0] ?? emptyLog;
	}
}

type EmptyLog = typeof emptyLog;

const emptyLog = {
	first: 0,
	end: 0,
	at(_index: number): LogEntry | undefined {
		return undefined;
	},
};
