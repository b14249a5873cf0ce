import {Text} from 'ink';
import {memo} from 'react';
import {useTheme} from './theme.ts';

/**
 * One row of the screen, styled and cut to its width beforehand. A Text a row, memoized, is the cheapest frame that Ink
 * draws: nothing is wrapped, truncated or clipped, and only rows whose string changed are drawn again.
 * Texts are cut with an ellipsis, which a screen of ASCII shows as another mark.
 */
export const Line = memo(function Line({text}: {readonly text: string}) {
	const {glyphs} = useTheme();
	const shown = glyphs.ascii ? text.replaceAll('…', glyphs.cut) : text;
	return <Text wrap="hard">{shown === '' ? ' ' : shown}</Text>;
});
