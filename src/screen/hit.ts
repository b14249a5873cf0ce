import type {Layout} from './layout.ts';
import {logViews} from './log-readings.ts';
import type {View} from './view.ts';

/** What stands at a place of the dashboard. */
export type Hit =
	/** `row`: of the rows for services, from 0. */
	| {readonly what: 'service'; readonly row: number}
	/** `log`: counted from the left; `row`: of the rows for lines, from 0, absent on a border. */
	| {readonly what: 'log'; readonly log: number; readonly row?: number; readonly isBar: boolean};

/** What is at a column and a row of the screen, both from 0; undefined for what no pane stands at. */
export function hitAt(view: View, layout: Layout, column: number, row: number): Hit | undefined {
	const {header, borders, services, activity, log: rows} = layout;
	const border = borders ? 1 : 0;
	const service = row - header - border;
	if (service < services) {
		return service >= 0 ? {what: 'service', row: service} : undefined;
	}

	// The title of the log is there without borders too.
	const line = service - services - border - activity - 1;
	if (line < -1 || line >= rows + border) {
		return undefined;
	}

	let left = 0;
	for (const [log, {columns}] of logViews(view).entries()) {
		left += columns;
		if (column < left) {
			const isLine = line >= 0 && line < rows;
			return {what: 'log', log, ...(isLine && {row: line}), isBar: borders && isLine && column === left - 1};
		}
	}

	return undefined;
}

/** The first service that is shown: a table with more services than rows scrolls with the selection. */
export function firstService(selected: number, services: number, rows: number): number {
	return Math.min(Math.max(0, selected - rows + 1), Math.max(0, services - rows));
}
