import type {Card, MendStep} from '../stack/diagnosis/card.ts';
import type {Output} from './context.ts';
import {paint} from './paint.ts';

/** A card as a person reads it: what happened, why, the line that it was read from, and what to do. */
export function cardText({severity, title, why, mend, line, errors = []}: Card, output: Output): string {
	const mark = severity === 'error' ? paint(output, 'error', '✗') : paint(output, 'warning', '!');
	const read = line ? [line] : errors;
	return [
		`${mark} ${title}`,
		...labelled('why:', why === '' ? [] : [why]),
		...labelled(
			'line:',
			read.map(({service, text}) => `${service === '' ? '' : `${service} │ `}${text.trim()}`),
		),
		...labelled('next:', mend.flatMap(stepLines)),
		'',
	].join('\n');
}

function stepLines({text, command, change}: MendStep): readonly string[] {
	return [text, ...[command, change].flatMap((code) => code?.split('\n').map((line) => `  ${line}`) ?? [])];
}

function labelled(label: string, lines: readonly string[]): readonly string[] {
	return lines.map((line, index) => `  ${(index === 0 ? label : '').padEnd(5)} ${line}`);
}
