import {Text} from 'ink';
import {memo} from 'react';

/**
 * One row of the screen, styled and cut to its width beforehand. A Text a row, memoized, is the cheapest frame that Ink
 * draws: nothing is wrapped, truncated or clipped, and only rows whose string changed are drawn again.
 */
export const Line = memo(function Line({text}: {readonly text: string}) {
	return <Text wrap="hard">{text === '' ? ' ' : text}</Text>;
});
