import {cut, fit, width} from '../src/text.ts';
import {Line} from './line.tsx';
import {useTheme, type Theme} from './theme.ts';

interface PanelProperties {
	readonly title: string;
	/** At the right end of the title's row. */
	readonly aside?: string;
	/** Already styled; each is cut or padded to the panel. */
	readonly lines: readonly string[];
	readonly columns: number;
	readonly borders: boolean;
	readonly focused: boolean;
	/** Without borders the title is left out, unless it must be seen. */
	readonly keepTitle?: boolean;
}

/** A titled box of finished lines; `columns` wide, two rows taller than its lines when it has borders. */
export function Panel({title, aside = '', lines, columns, borders, focused, keepTitle}: PanelProperties) {
	const theme = useTheme();
	if (!borders) {
		return (
			<>
				{keepTitle && <Line text={titleRow(theme, title, aside, columns, focused, false)} />}
				{lines.map((line, row) => (
					<Line key={row} text={fit(line, columns)} />
				))}
			</>
		);
	}

	const paint = focused ? theme.paint.accent : theme.paint.muted;
	const {corners, horizontal, vertical} = theme.glyphs;
	const edge = paint(vertical);
	return (
		<>
			<Line text={titleRow(theme, title, aside, columns, focused, true)} />
			{lines.map((line, row) => (
				<Line key={row} text={`${edge}${fit(line, columns - 2)}${edge}`} />
			))}
			<Line text={paint(`${corners[3]}${horizontal.repeat(Math.max(0, columns - 2))}${corners[2]}`)} />
		</>
	);
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
