import {failureLines} from '../failure.ts';
import {selector} from '../selector.ts';
import {isUnderWay} from '../stack/operation.ts';
import {serviceStatus, type ServiceStatus} from '../stack/status.ts';
import {selectCards, selectServices, type AppState} from '../store.ts';
import {noticeMarks, operationLines, textLine, type ActivityLine} from './activity.ts';
import {cardLines} from './card-lines.ts';
import {activityRoom, layoutOf, type Layout} from './layout.ts';
import {timelineLines} from './timeline-lines.ts';

/** The service table's rows as people read them. */
export const selectStatuses = selector(
	(state: AppState) => [selectServices(state), state.tracking, state.engine?.host, state.now],
	(services, tracking, host, now): readonly ServiceStatus[] =>
		services.map((view) => serviceStatus(view, {tracking, host, now})),
);

/** When each service's container started, in milliseconds since 1970; of several the first one's. */
export const selectStarts = selector(
	(state: AppState) => [selectServices(state)],
	(services): ReadonlyMap<string, number> => {
		const starts = new Map<string, number>();
		for (const {name, container} of services) {
			if (container?.startedAt !== undefined) {
				starts.set(name, container.startedAt);
			}
		}

		return starts;
	},
);

/** The lines between table and log: the start or the operation at work, then what the user should read. */
export function activityLines(state: AppState, ascii: boolean): readonly ActivityLine[] {
	const {operation, timeline, view, now} = state;
	const lines: ActivityLine[] = [];
	if (timeline.phase === 'starting' || timeline.phase === 'failed') {
		lines.push(...timelineLines(timeline, {now, columns: view.columns, ascii}));
	} else if (isUnderWay(operation)) {
		lines.push(...operationLines(operation, now));
	}

	const wrong = selectCards(state);
	const told = toldLines(state, wrong.length > 0);
	if (wrong.length > 0) {
		const rows = activityRoom(view, selectServices(state).length) - lines.length - told.length;
		lines.push(...cardLines(wrong, {columns: view.columns, rows, ascii}));
	}

	return [...lines, ...told];
}

/** What the user was told last, or else why there is no stack. */
function toldLines({notice, stackFailure}: AppState, hasCard: boolean): readonly ActivityLine[] {
	if (notice) {
		return notice.ofOperation && hasCard
			? []
			: [
					textLine(noticeMarks[notice.level], notice.text, notice.level === 'error' ? 'strong' : 'plain'),
					...notice.more.map((text) => textLine('none', text, 'muted')),
				];
	}

	return stackFailure
		? [
				textLine('failed', stackFailure.message, 'strong'),
				...failureLines(stackFailure)
					.slice(1)
					.map((text) => textLine('none', text, 'muted')),
			]
		: [];
}

/** How the terminal's rows are divided now. */
export function dashboardLayout(state: AppState): Layout {
	return layoutOf(state.view, selectServices(state).length, activityLines(state, false).length);
}

/** Narrower than this, the table has no room for figures (service-table.ts). */
const statsColumns = 60;

/** Whether any figure is on the screen; streams for what is not shown are not opened. */
export function showsStats({view, noEngine}: AppState): boolean {
	return view.stats && view.columns >= statsColumns && !noEngine;
}
