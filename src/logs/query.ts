import type {LogEntry} from './entry.ts';
import type {LogPlace} from './place.ts';
import type {LogSelection} from './shown-log.ts';

/** What of the logs is looked at, and how. */
export interface LogQuery extends LogSelection {
	/** All services merged in time order, or the selected one. */
	readonly allLogs: boolean;
	readonly selected?: string;
	readonly position: LogPlace;
	/** The line that was found or jumped to last. */
	readonly mark?: LogEntry;
	/** The other end of the range that goes from the marked line to here. */
	readonly range?: LogEntry;
	/** While a search is typed the pane shows the nearest line found, without leaving its place. */
	readonly input?: 'search' | 'filter';
	readonly wrap: boolean;
	/** Columns scrolled to the right, when lines are cut. */
	readonly shift: number;
}
