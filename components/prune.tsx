import {pruneLayout, pruneLines} from '../src/screen/prune-lines.ts';
import type {PruneSelection} from '../src/screen/prune-dialog.ts';
import {pendingText} from '../src/screen/prune-question-lines.ts';
import {Panel} from './panel.tsx';
import {useTheme} from './theme.ts';

interface PruneProperties {
	readonly selection: PruneSelection;
	readonly hint?: string | undefined;
	readonly columns: number;
	readonly rows: number;
}

/** What could go, over the whole screen but for the footer. */
export function Prune({selection, hint, columns, rows}: PruneProperties) {
	const {paint, glyphs} = useTheme();
	const layout = pruneLayout({columns, rows});
	const lines = pruneLines(selection, hint, layout).map(({pointed, segments}) => {
		const cursor = pointed ? paint.selected(glyphs.pointer) : ' ';
		return `${cursor} ${segments.map(({text, tone}) => paint[tone](text)).join('')}`;
	});
	return (
		<Panel
			title={`Prune  ${paint.strong(selection.project)}`}
			aside={paint.muted(pendingText(selection))}
			lines={lines}
			columns={columns}
			borders={layout.borders}
			focused
			keepTitle
		/>
	);
}
