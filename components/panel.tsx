import {cut, fit, width} from '../src/text.ts';
import {Rows} from './rows.tsx';
import {useTheme, type Theme} from './theme.ts';

interface PanelProperties {
	readonly title: string;
	/** At the right end of the title's row. */
	readonly aside?: string;
	/** Already styled; each is cut or padded to the panel. */
	readonly lines: readonly string[];
	/** Instead of the right border beside each line. */
	readonly rightEdge?: readonly string[] | undefined;
	readonly columns: number;
	readonly borders: boolean;
	readonly focused: boolean;
	/** Without borders the title is left out, unless it must be seen. */
	readonly keepTitle?: boolean;
}

/** A titled box of finished lines; `columns` wide, two rows taller than its lines when it has borders. */
export function Panel(properties: PanelProperties) {
	return <Rows rows={panelRows(useTheme(), properties)} />;
}

/** The rows of a panel, each exactly as wide as it, so that panels can stand side by side. */
export function panelRows(theme: Theme, properties: PanelProperties): readonly string[] {
	const {title, aside = '', lines, rightEdge, columns, borders, focused, keepTitle} = properties;
	if (!borders) {
		return [
			...(keepTitle ? [titleRow(theme, title, aside, columns, focused, false)] : []),
			...lines.map((line) => fit(line, columns)),
		];
	}

	const paint = focused ? theme.paint.accent : theme.paint.muted;
	const {corners, horizontal, vertical} = theme.glyphs;
	const edge = paint(vertical);
	return [
		titleRow(theme, title, aside, columns, focused, true),
		...lines.map((line, row) => `${edge}${fit(line, columns - 2)}${rightEdge?.[row] ?? edge}`),
		paint(`${corners[3]}${horizontal.repeat(Math.max(0, columns - 2))}${corners[2]}`),
	];
}

function titleRow(
	theme: Theme,
	title: string,
	aside: string,
	columns: number,
	focused: boolean,
	cornered: boolean,
): string {
	const paint = focused ? theme.paint.accent : theme.paint.muted;
	const {corners, horizontal} = theme.glyphs;
	const inner = columns - 2;
	const right = aside === '' || width(aside) + 3 > inner ? '' : ` ${aside} ${paint(horizontal)}`;
	const left = ` ${cut(title, inner - width(right) - 3)} `;
	const rule = horizontal.repeat(Math.max(0, inner - width(left) - width(right) - 1));
	const [first, last] = cornered ? [corners[0], corners[1]] : [horizontal, horizontal];
	return `${paint(first + horizontal)}${left}${paint(rule)}${right}${paint(last)}`;
}
