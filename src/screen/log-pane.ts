import {timestampColumns} from '../logs/format.ts';
import type {Pane} from '../logs/window.ts';
import type {View} from './view.ts';

/** The log pane's measures: the text's columns are what time, service and gutter leave. */
export interface LogPaneShape extends Pane {
	/** Columns of the service's name; 0 when one service is shown. */
	readonly gutter: number;
	/** Columns of the time and the blank after it; 0 when none is shown. */
	readonly time: number;
}

/** Names longer than this are cut. */
const longestName = 16;

export function logPane(
	view: View,
	services: readonly string[],
	rows: number,
	borders: boolean,
): LogPaneShape {
	const gutter =
		view.allLogs && services.length > 1
			? Math.min(longestName, Math.max(...services.map((name) => name.length)))
			: 0;
	const time = view.timestamps === 'off' ? 0 : timestampColumns[view.timestamps] + 1;
	const used = time + (gutter > 0 ? gutter + 1 : 0) + 2 + (borders ? 2 : 0);
	return {gutter, time, rows, wrap: view.wrap, columns: Math.max(8, view.columns - used)};
}
