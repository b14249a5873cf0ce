import {memo} from 'react';
import {firstService} from '../src/screen/hit.ts';
import {serviceTable, type Cell, type TableFacts} from '../src/screen/service-table.ts';
import type {History} from '../src/stack/samples.ts';
import {serviceStates, type ServiceStatus} from '../src/stack/status.ts';
import {cut, fit} from '../src/text.ts';
import {Panel} from './panel.tsx';
import {useTheme, type Theme} from './theme.ts';

interface ServicesProperties {
	readonly statuses: readonly ServiceStatus[];
	/** Milliseconds since 1970. */
	readonly now: number;
	readonly stats: boolean;
	/** By container id. */
	readonly samples: ReadonlyMap<string, History>;
	readonly selected: string | undefined;
	readonly columns: number;
	/** Rows for services; a longer list scrolls with the selection. */
	readonly rows: number;
	readonly borders: boolean;
	readonly focused: boolean;
	/** Instead of services, while none is known. */
	readonly message: string;
}

/** The service table: a glyph and a word for the state, then what there is room for. */
export const Services = memo(function Services(properties: ServicesProperties) {
	const {statuses, now, stats, samples, selected, columns, rows, borders, focused, message} = properties;
	const theme = useTheme();
	const inner = columns - (borders ? 2 : 0);
	const facts: TableFacts = {
		now,
		ascii: theme.glyphs.ascii,
		stats,
		history: ({containers: [first]}) => (first ? samples.get(first.id) : undefined),
	};
	const table = serviceTable(statuses, facts, inner - 5);
	const lines = statuses.map((status, row) => {
		const cells = table.rows[row] ?? [];
		const isSelected = status.service === selected;
		const {glyph, ascii, tone} = serviceStates[status.state];
		const mark = isSelected ? theme.paint.selected(theme.glyphs.pointer) : ' ';
		const dot = theme.paint[tone](theme.glyphs.ascii ? ascii : glyph);
		const text = cells
			.map((cell, column) => paintCell(theme, cell, table.widths[column] ?? 0, isSelected))
			.join('  ');
		return `${mark} ${dot} ${text}`;
	});
	const index = Math.max(
		0,
		statuses.findIndex(({service}) => service === selected),
	);
	const first = firstService(index, lines.length, rows);
	const shown =
		lines.length === 0
			? [` ${theme.paint.muted(cut(message, inner - 2))}`]
			: lines.slice(first, first + rows);
	const padded = [...shown, ...Array.from({length: Math.max(0, rows - shown.length)}, () => '')];
	const hidden = lines.length - rows;
	return (
		<Panel
			title="Services"
			aside={hidden > 0 ? theme.paint.muted(`${first + 1}-${first + rows} of ${lines.length}`) : ''}
			lines={padded}
			columns={columns}
			borders={borders}
			focused={focused}
		/>
	);
});

function paintCell(theme: Theme, cell: Cell, columns: number, isSelected: boolean): string {
	const text = fit(cell.text, columns, cell.align);
	return isSelected && cell.tone === 'strong' ? theme.paint.selected(text) : theme.paint[cell.tone](text);
}
