import {isUnderWay} from '../stack/operation.ts';
import {serviceStatus, type ServiceStatus} from '../stack/status.ts';
import {selectServices, type AppState} from '../store.ts';
import {operationLines, type ActivityLine} from './activity.ts';
import {layoutOf, type Layout} from './layout.ts';

/** The service table's rows as people read them. */
export function selectStatuses(state: AppState): readonly ServiceStatus[] {
	const facts = {tracking: state.tracking, host: state.engine?.host, now: state.now};
	return selectServices(state).map((view) => serviceStatus(view, facts));
}

/** The lines between table and log: the operation at work, then what the user should read. */
export function activityLines(state: AppState): readonly ActivityLine[] {
	const {operation, notice, stackFailure} = state;
	const lines: ActivityLine[] = [];
	if (isUnderWay(operation)) {
		lines.push(...operationLines(operation, state.now));
	}

	if (notice) {
		lines.push({mark: notice.level, text: notice.text, detail: ''});
		lines.push(...notice.more.map((text): ActivityLine => ({mark: 'none', text, detail: ''})));
	} else if (stackFailure) {
		lines.push({mark: 'error', text: stackFailure.message, detail: ''});
		for (const text of [stackFailure.why, ...stackFailure.next]) {
			lines.push(...(text === '' ? [] : [{mark: 'none', text, detail: ''} as const]));
		}
	}

	return lines;
}

/** How the terminal's rows are divided now. */
export function dashboardLayout(state: AppState): Layout {
	return layoutOf(state.view, selectServices(state).length, activityLines(state).length);
}

/** Narrower than this, the table has no room for figures (service-table.ts). */
const statsColumns = 60;

/** Whether any figure is on the screen; streams for what is not shown are not opened. */
export function showsStats({view, noEngine}: AppState): boolean {
	return view.stats && view.columns >= statsColumns && !noEngine;
}
