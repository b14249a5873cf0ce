import type {LogLine} from '../stack/model.ts';
import {rowText, scrolled, windowOf, type LineSource, type LogPosition, type Pane} from './window.ts';

/** What of the logs is looked at, and how. */
export interface LogQuery {
	readonly allLogs: boolean;
	readonly selected?: string;
	readonly position: LogPosition;
	readonly wrap: boolean;
	readonly shift: number;
}
export interface LogRow {
	readonly service: string;
	readonly time: string;
	readonly text: string;
	readonly stderr: boolean;
	readonly continued: boolean;
}
type Entry = LogLine & {readonly service: string};
export class LogBook {
	readonly #all: Entry[] = [];
	readonly #services = new Map<string, Entry[]>();
	constructor(_options: {lines?: number} = {}) {}
	append(service: string, lines: readonly LogLine[]): void {
		let list = this.#services.get(service);
		if (!list) {
			this.#services.set(service, (list = []));
		}
		for (const line of lines) {
			const entry = {...line, service};
			list.push(entry);
			this.#all.push(entry);
		}
	}
	window(query: LogQuery, pane: Pane) {
		const source = this.#source(query);
		const window = windowOf(source, query.position, pane);
		return {
			rows: window.rows.map(({line, row}): LogRow => ({
				service: line.service,
				time: new Date(line.time / 1000).toISOString().slice(11, 19),
				stderr: line.stream === 'stderr',
				continued: row > 0,
				text: pane.wrap ? rowText(line.text, row, pane.columns) : line.text.slice(query.shift),
			})),
			below: window.below,
			total: source.end - source.first,
			dropped: source.first,
		};
	}
	scrolled(query: LogQuery, pane: Pane, by: number | 'start'): LogPosition {
		return scrolled(this.#source(query), query.position, pane, by);
	}
	#source({allLogs, selected}: LogQuery): LineSource<Entry> {
		const list = allLogs ? this.#all : (this.#services.get(selected ?? '') ?? []);
		return {first: 0, end: list.length, at: (index) => list[index]};
	}
}
