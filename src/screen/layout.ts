import type {View} from './view.ts';

/** Rows of each part of the dashboard, top to bottom; they add up to the terminal's rows. */
export interface Layout {
	readonly columns: number;
	/** Panels have borders; without them a small terminal has room for content. */
	readonly borders: boolean;
	readonly header: 1;
	/** Rows of the service table, without its border. */
	readonly services: number;
	/** Rows of the timeline, the operation at work, or a notice. */
	readonly activity: number;
	/** Rows of the log, without its border or title. */
	readonly log: number;
	readonly footer: 0 | 1;
}

/** Below these the borders fall away (design section 2). */
const borderColumns = 60;
const borderRows = 16;

/**
 * Divides the terminal's rows. The log takes what the others leave, at least a quarter; a long service table scrolls.
 */
export function layoutOf(view: Pick<View, 'columns' | 'rows'>, services: number, activity: number): Layout {
	const borders = view.columns >= borderColumns && view.rows >= borderRows;
	const footer = view.rows >= 6 ? 1 : 0;
	const frame = borders ? 4 : 1;
	const free = Math.max(2, view.rows - 1 - footer - frame);
	const most = Math.max(1, Math.floor(free / 2));
	const serviceRows = Math.min(Math.max(1, services), most);
	const activityRows = Math.min(activity, Math.max(0, free - serviceRows - Math.ceil(free / 4)));
	return {
		columns: view.columns,
		borders,
		header: 1,
		services: serviceRows,
		activity: activityRows,
		log: Math.max(1, free - serviceRows - activityRows),
		footer,
	};
}

/** The most rows that the activity gets. */
export function activityRoom(view: Pick<View, 'columns' | 'rows'>, services: number): number {
	return layoutOf(view, services, Number.POSITIVE_INFINITY).activity;
}
