import {Text} from 'ink';
import {useTheme} from './theme.ts';

/**
 * Rows of the screen, styled and cut to their width beforehand, and with every style ended. One Text for a whole block
 * is the cheapest frame that Ink draws: nothing is wrapped, truncated or clipped, and a row costs React and the layout
 * nothing. Rows are cut with an ellipsis, which a screen of ASCII shows as another mark.
 */
export function Rows({rows}: {readonly rows: readonly string[]}) {
	const {glyphs} = useTheme();
	if (rows.length === 0) {
		return null;
	}

	const text = rows.join('\n');
	const shown = glyphs.ascii ? text.replaceAll('…', glyphs.cut) : text;
	// A text of nothing takes no row.
	return <Text wrap="hard">{shown === '' ? ' ' : shown}</Text>;
}
