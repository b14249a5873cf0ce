import {styleText} from 'node:util';
import type {StateRow} from '../stack/status.ts';
import type {Output} from './context.ts';

/** The terminal's own colours, so that they suit whatever palette the user chose. */
const styles: Readonly<Record<StateRow['tone'], Parameters<typeof styleText>[0]>> = {
	ok: 'green',
	busy: 'cyan',
	warning: 'yellow',
	error: ['red', 'bold'],
	muted: 'dim',
};

/** Text in the colour of what it says, where the output shows colours. */
export function paint({colors}: Pick<Output, 'colors'>, tone: StateRow['tone'], text: string): string {
	// The output knows better than the process's own streams, which styleText would ask.
	return colors ? styleText(styles[tone], text, {validateStream: false}) : text;
}
