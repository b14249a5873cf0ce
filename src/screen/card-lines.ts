import type {Card, MendStep} from '../stack/diagnosis/card.ts';
import {wrapWords} from '../text.ts';
import {textLine, type ActivityLine} from './activity.ts';

/**
 * What is wrong as lines: the most important card whole, with the log line that it was read from; of the others their
 * titles.
 */
export function cardLines(cards: readonly Card[], columns: number): readonly ActivityLine[] {
	const [first, ...others] = cards;
	if (!first) {
		return [];
	}

	const room = Math.max(20, columns - 5);
	return [
		titleLine(first),
		...wrapWords(first.why, room).map((text) => textLine('none', text, 'muted')),
		...(first.line ? [textLine('none', `“${first.line.text.trim()}”`, 'warning')] : []),
		...(first.errors ?? []).map(({text}) => textLine('none', text.trim(), 'warning')),
		...first.mend.flatMap((step) => stepLines(step, room)),
		...others.map(titleLine),
	];
}

function titleLine({severity, title}: Card): ActivityLine {
	return textLine(severity === 'error' ? 'failed' : 'warning', title, 'strong');
}

function stepLines({text, command, change}: MendStep, room: number): readonly ActivityLine[] {
	return [
		...wrapWords(text, room).map((line) => textLine('none', line)),
		...[command, change].flatMap((code) =>
			code === undefined ? [] : code.split('\n').map((line) => textLine('none', `  ${line}`, 'accent')),
		),
	];
}
