import type {LogEntry} from '../logs/entry.ts';
import type {LogPlace} from '../logs/place.ts';
import type {View} from './view.ts';

/** Where the reader is in a log. */
export interface LogReading {
	/** The selected service's name. */
	readonly selected?: string;
	readonly position: LogPlace;
	/** Columns scrolled to the right, when lines are cut. */
	readonly shift: number;
	/** The line that was found, jumped to or clicked last; of a range that is growing the end that moves. */
	readonly mark?: LogEntry;
	/** The end of a range that stays. */
	readonly range?: LogEntry;
}

/** The other one of two logs side by side: keys do not go to it. */
export interface BesideReading extends LogReading {
	/** Where it is drawn. */
	readonly side: 'left' | 'right';
}

/** Narrower than this, a terminal has no room for two logs side by side. */
export const splitColumns = 140;

/** The logs on the screen from left to right: each as the view when keys go to it, and as wide as its pane. */
export function logViews(view: View): readonly View[] {
	const {beside, columns} = view;
	if (!beside || columns < splitColumns) {
		return [view];
	}

	const left = Math.ceil(columns / 2);
	const other = swapped(view);
	const [first, second] = beside.side === 'left' ? [other, view] : [view, other];
	return [
		{...first, columns: left},
		{...second, columns: columns - left},
	];
}

/** Which of the logs on the screen the keys go to, counted from the left. */
export function activeLog(view: View): 0 | 1 {
	return view.beside?.side === 'left' && view.columns >= splitColumns ? 1 : 0;
}

/** The view as wide as its own log's pane. */
export function ownPane(view: View): View {
	return logViews(view)[activeLog(view)] ?? view;
}

/** The same screen, with the keys going to the other log. */
export function swapped(view: View): View {
	const {beside, selected, position, shift, mark, range, ...rest} = view;
	if (!beside) {
		return view;
	}

	const {side, ...reading} = beside;
	return {
		...rest,
		...reading,
		beside: {
			...(selected !== undefined && {selected}),
			position,
			shift,
			...(mark && {mark}),
			...(range && {range}),
			side: side === 'left' ? 'right' : 'left',
		},
	};
}

/** The same screen, with the keys going to a log, counted from the left. */
export function atLog(view: View, log: number): View {
	return activeLog(view) === log ? view : swapped(view);
}

/** A second service's log beside the selected one's, at the same place; or one log again, the one that keys go to. */
export function splitToggled(view: View, services: readonly string[]): View {
	const {beside, ...one} = view;
	if (beside) {
		return one;
	}

	const place = services.indexOf(view.selected ?? '');
	const other = services[(place + 1) % services.length];
	return other === undefined || other === view.selected
		? view
		: {
				...view,
				allLogs: false,
				beside: {selected: other, position: view.position, shift: view.shift, side: 'right'},
			};
}

/** The view with another service selected; when its log is the one beside, keys go there. */
export function withSelected(view: View, name: string): View {
	if (name === view.selected) {
		return view;
	}

	if (name === view.beside?.selected) {
		return swapped(view);
	}

	const {mark, range, ...rest} = view;
	return view.allLogs ? {...view, selected: name} : {...rest, selected: name, position: {follow: true}};
}

/** The next pane, or the one before: the services, then the logs from left to right. */
export function paneAfter(view: View, step: 1 | -1): View {
	const logs = logViews(view).length;
	const now = view.pane === 'services' ? 0 : activeLog(view) + 1;
	const next = (now + step + logs + 1) % (logs + 1);
	return next === 0 ? {...view, pane: 'services'} : {...atLog(view, next - 1), pane: 'logs'};
}
