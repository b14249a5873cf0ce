import {timestampColumns} from '../logs/format.ts';
import {logName} from '../logs/entry.ts';
import type {Pane} from '../logs/window.ts';
import type {ServiceView} from '../stack/state.ts';
import type {View} from './view.ts';

/** The log pane's measures: the text's columns are what time, service and gutter leave. */
export interface LogPaneShape extends Pane {
	/** Columns of the name of whose line it is; 0 when all are of one. */
	readonly gutter: number;
	/** Columns of the time and the blank after it; 0 when none is shown. */
	readonly time: number;
}

/** Names longer than this are cut. */
const longestName = 16;

/** By the name of a log, what it is called among others: its service, with the container's number where there are several. */
export function logLabels(services: readonly ServiceView[]): ReadonlyMap<string, string> {
	return new Map(
		services.flatMap(({name, containers}) =>
			containers.length > 1
				? containers.map(({number}) => [logName(name, number), `${name}-${number}`] as const)
				: [[name, name] as const],
		),
	);
}

/** The measures of the pane of a view that is as wide as it (log-readings.ts). */
export function logPane(
	view: View,
	services: readonly ServiceView[],
	rows: number,
	borders: boolean,
): LogPaneShape {
	const shown = services.filter(({name}) => view.allLogs || name === view.selected);
	const labels = [...logLabels(shown).values()];
	const gutter =
		labels.length > 1 ? Math.min(longestName, Math.max(...labels.map((label) => label.length))) : 0;
	const time = view.timestamps === 'off' ? 0 : timestampColumns[view.timestamps] + 1;
	const used = time + (gutter > 0 ? gutter + 1 : 0) + 2 + (borders ? 2 : 0);
	return {gutter, time, rows, wrap: view.wrap, columns: Math.max(8, view.columns - used)};
}
