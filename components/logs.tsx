import {Box} from 'ink';
import type {ComponentProps} from 'react';
import {activeLog, logViews} from '../src/screen/log-readings.ts';
import {LogPane} from './log-pane.tsx';

type LogsProperties = Omit<ComponentProps<typeof LogPane>, 'focused'>;

/** The log, or two of them side by side. */
export function Logs({view, ...properties}: LogsProperties) {
	const views = logViews(view);
	const panes = views.map((each, place) => (
		<LogPane
			key={place}
			{...properties}
			view={each}
			focused={view.pane === 'logs' && place === activeLog(view)}
		/>
	));
	return views.length === 1 ? (
		panes
	) : (
		<Box>
			{panes.map((pane, place) => (
				<Box key={place} flexDirection="column" width={views[place]?.columns ?? 0}>
					{pane}
				</Box>
			))}
		</Box>
	);
}
