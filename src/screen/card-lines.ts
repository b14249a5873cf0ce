import type {Card, MendStep} from '../stack/diagnosis/card.ts';
import {wrapWords} from '../text.ts';
import {textLine, type ActivityLine, type Segment} from './activity.ts';

/** What cards are drawn for. */
export interface CardShape {
	readonly columns: number;
	/** Lines that there is room for. */
	readonly rows: number;
	readonly ascii: boolean;
}

/** Lines that a part of a card takes at most; the whole is behind a key. */
const most = {title: 2, why: 3, code: 3};

/** Parts that give way where there is no room for all, the first ones first. Title and keys stay. */
const givesWay = ['source', 'others', 'code', 'why', 'step'] as const;

type Part = 'title' | 'keys' | (typeof givesWay)[number];

/**
 * What is wrong as lines: of the most important card what happened, why, the line that it was read from, and what to do
 * first; of the others their titles; then the keys that tell more.
 */
export function cardLines(
	cards: readonly Card[],
	{columns, rows, ascii}: CardShape,
): readonly ActivityLine[] {
	const [first, ...others] = cards;
	if (!first) {
		return [];
	}

	const room = Math.max(20, columns - 5);
	const [step] = first.mend;
	const parts: Record<Part, readonly ActivityLine[]> = {
		title: titleLines(first, room),
		why: shortened(wrapWords(first.why, room), most.why).map((text) => textLine('none', text, 'muted')),
		source: [...(first.line ? [first.line] : []), ...(first.errors ?? [])].map(({text}) =>
			textLine('none', ascii ? text.trim() : `“${text.trim()}”`, 'warning'),
		),
		step: step ? wrapWords(`Mend: ${step.text}`, room).map((line) => textLine('none', line)) : [],
		code: step ? codeLines(step) : [],
		others: others.flatMap((card) => titleLines(card, room)),
		keys: [keyLine(first, ascii)],
	};
	const total = () => Object.values(parts).reduce((sum, lines) => sum + lines.length, 0);
	for (const part of givesWay) {
		const over = total() - rows;
		parts[part] = over > 0 ? parts[part].slice(0, Math.max(0, parts[part].length - over)) : parts[part];
	}

	return Object.values(parts).flat();
}

function titleLines({severity, title}: Card, room: number): readonly ActivityLine[] {
	return shortened(wrapWords(title, room), most.title).map((text, row) =>
		textLine(row > 0 ? 'none' : severity === 'error' ? 'failed' : 'warning', text, 'strong'),
	);
}

function codeLines({command, change}: MendStep): readonly ActivityLine[] {
	const lines = [command, change].flatMap((code) => code?.split('\n') ?? []);
	return shortened(lines, most.code).map((line) => textLine('none', `  ${line}`, 'accent'));
}

/** The first lines; an ellipsis stands for the others. */
function shortened(lines: readonly string[], count: number): readonly string[] {
	return lines.length <= count ? lines : [...lines.slice(0, count - 1), `${lines[count - 1] ?? ''} …`];
}

/** `e explain · l log line`: what is told there, and where it was read. */
function keyLine({line, mend}: Card, ascii: boolean): ActivityLine {
	const key = (name: string, label: string): readonly Segment[] => [
		{text: name, tone: 'accent'},
		{text: ` ${label}`, tone: 'muted'},
	];
	const more = mend.length > 1 ? ` (${mend.length} ways to mend it)` : '';
	const separator: Segment = {text: ascii ? ' - ' : ' · ', tone: 'muted'};
	return {
		mark: 'none',
		segments: [
			...key('e', `explain${more}`),
			...(line && line.service !== '' ? [separator, ...key('l', 'log line')] : []),
		],
	};
}
