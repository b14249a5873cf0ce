import {formatTimestamp} from '../logs/format.ts';
import type {Card, MendStep} from '../stack/diagnosis/card.ts';
import {textLine, type ActivityLine} from './activity.ts';
import {blankLine, paragraph, verbatim, type Page} from './page.ts';

/** What a card is explained with. */
export interface Explanation {
	readonly card: Card;
	/** Of the cards on the screen, from 1. */
	readonly place: number;
	readonly count: number;
	/** Which of its commands and changes was copied last, from 0. */
	readonly copied: number | undefined;
	/** Milliseconds since 1970. */
	readonly now: number;
	/** Keys that do something with this card, with what they do: `f  mend the file`. */
	readonly offers: readonly string[];
}

/** A card's commands and file changes, in the order of its steps: what can be copied. */
export function codesOf({mend}: Pick<Card, 'mend'>): readonly string[] {
	return mend.flatMap((step) => codesIn(step));
}

const codesIn = ({command, change}: MendStep): readonly string[] =>
	[command, change].filter((code) => code !== undefined);

/** A whole card: what happened, why, what to do, and what it was read from. */
export function explainPage(explanation: Explanation, columns: number): Omit<Page, 'foot'> {
	const {card, place, count, offers} = explanation;
	return {
		title: `What is wrong${count > 1 ? `  ${place} of ${count}` : ''}`,
		lines: [
			...paragraph(card.title, columns, {
				mark: card.severity === 'error' ? 'failed' : 'warning',
				tone: 'strong',
			}),
			...section('Why', card.why === '' ? [] : paragraph(card.why, columns)),
			...section('What to do', stepLines(explanation, columns)),
			...section('Read from', sourceLines(explanation, columns)),
			...section(
				'Keys',
				offers.map((offer) => textLine('none', offer)),
			),
		],
	};
}

/** That a card which was explained is no longer true. */
export function overPage(columns: number): Omit<Page, 'foot'> {
	return {
		title: 'What is wrong',
		lines: paragraph('This is over: what the card told is no longer so.', columns, {mark: 'done'}),
	};
}

function section(title: string, lines: readonly ActivityLine[]): readonly ActivityLine[] {
	return lines.length === 0 ? [] : [blankLine, textLine('none', title, 'muted'), ...lines];
}

function stepLines({card: {mend}, copied}: Explanation, columns: number): readonly ActivityLine[] {
	const lines: ActivityLine[] = [];
	let code = 0;
	for (const [index, step] of mend.entries()) {
		lines.push(...paragraph(mend.length > 1 ? `${index + 1}. ${step.text}` : step.text, columns));
		for (const text of codesIn(step)) {
			lines.push(...verbatim(text, columns), ...(code++ === copied ? [copiedLine] : []));
		}
	}

	return lines;
}

const copiedLine = textLine('done', 'copied', 'muted');

function sourceLines(
	{card: {line, errors = []}, now}: Explanation,
	columns: number,
): readonly ActivityLine[] {
	const lines: ActivityLine[] = [];
	for (const {at, service, text} of line ? [line, ...errors] : errors) {
		const time = formatTimestamp(at * 1000, 'local', {now}).trim();
		lines.push(
			textLine('none', `${time} ${service || 'the operation’s output'}`),
			...verbatim(text.trim(), columns, 'warning'),
		);
	}

	return lines;
}
