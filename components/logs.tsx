import {activeLog, logViews} from '../src/screen/log-readings.ts';
import {Rows} from './rows.tsx';
import {logPaneRows, type LogPaneProperties} from './log-pane.ts';
import {useTheme} from './theme.ts';

/** The log, or two of them side by side. */
export function Logs({view, ...properties}: Omit<LogPaneProperties, 'focused'>) {
	const theme = useTheme();
	const [rows = [], beside = []] = logViews(view).map((each, place) => {
		const focused = view.pane === 'logs' && place === activeLog(view);
		return logPaneRows(theme, {...properties, view: each, focused});
	});
	return <Rows rows={rows.map((row, place) => row + (beside[place] ?? ''))} />;
}
