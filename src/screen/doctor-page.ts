import type {Correction} from '../engine/doctor/check.ts';
import type {Examination} from '../engine/doctor/examination.ts';
import {countsText, type ToldFinding} from '../engine/doctor/findings.ts';
import type {Failure} from '../failure.ts';
import {environmentLines} from '../stack/environment/checks.ts';
import type {EnvironmentFacts} from '../stack/environment/facts.ts';
import type {LintSeverity} from '../stack/lint/rule.ts';
import {mask} from '../stack/mask.ts';
import {breakText} from '../text.ts';
import {textLine, type ActivityLine, type Mark, type SegmentTone} from './activity.ts';
import {blankLine, paragraph, type Page} from './page.ts';

/** How a severity looks; its word is beside it. */
const severities: Readonly<Record<LintSeverity, readonly [mark: Mark, tone: SegmentTone]>> = {
	error: ['failed', 'error'],
	warning: ['warning', 'warning'],
	advice: ['note', 'muted'],
};

/** What the doctor's dialog holds: the last examination, while the next one is under way, too. */
export interface Consultation {
	readonly examination?: Examination;
	/** Why the last one failed. */
	readonly failure?: Failure;
	readonly isChecking: boolean;
}

/** What the stack runs on, what is wrong there, and what in its files. */
export function doctorPage(consultation: Consultation, columns: number): Omit<Page, 'foot'> {
	const {examination, failure, isChecking} = consultation;
	return {
		title: `Doctor${isChecking ? '  looking' : ''}`,
		lines: [
			...(failure ? failureLines(failure, columns) : []),
			...(examination ? examinationLines(examination, columns) : []),
			...(!failure && !examination ? [textLine('working', 'looking at the engine and the files')] : []),
		],
	};
}

/** What a correction changes, and what that means; then the difference. */
export function fixPage(corrections: readonly Correction[], columns: number): Omit<Page, 'foot'> {
	return {
		title: `Write ${corrections.map(({file}) => file.input.file).join(', ')}?`,
		lines: corrections.flatMap(({changes, diff}) => [
			...changes.flatMap(({change, caution}) => [
				...paragraph(`${change}.`, columns, {mark: 'done'}),
				...(caution === '' ? [] : paragraph(caution, columns, {mark: 'warning', tone: 'warning'})),
			]),
			blankLine,
			...diffLines(diff, columns),
		]),
	};
}

/** The signs of a unified difference, in the colours that people know. */
const signs: Readonly<Record<string, SegmentTone>> = {'+': 'ok', '-': 'error', '@': 'busy'};

function diffLines(diff: string, columns: number): readonly ActivityLine[] {
	return diff
		.trimEnd()
		.split('\n')
		.flatMap((line) =>
			breakText(line, columns).map((text) => textLine('none', text, signs[line.charAt(0)] ?? 'plain')),
		);
}

function failureLines({message, why, next}: Failure, columns: number): readonly ActivityLine[] {
	return [
		...paragraph(message, columns, {mark: 'failed', tone: 'strong'}),
		...(why === '' ? [] : paragraph(why, columns, {tone: 'muted'})),
		...next.flatMap((step) => paragraph(step, columns, {tone: 'accent'})),
		blankLine,
	];
}

function examinationLines({facts, findings, note}: Examination, columns: number): readonly ActivityLine[] {
	return [
		...(findings.length === 0
			? [textLine('done', 'nothing is wrong', 'strong')]
			: paragraph(countsText(findings), columns, {tone: 'strong'})),
		...(note === undefined ? [] : paragraph(note, columns, {tone: 'muted'})),
		blankLine,
		...factLines(facts, columns),
		...worstFirst(findings).flatMap((finding) => findingLines(finding, columns)),
	];
}

function worstFirst(findings: readonly ToldFinding[]): readonly ToldFinding[] {
	return (['error', 'warning', 'advice'] as const).flatMap((severity) =>
		findings.filter((finding) => finding.severity === severity),
	);
}

/** A line for each part of the environment; text that goes on stands below its beginning. */
function factLines(facts: EnvironmentFacts, columns: number): readonly ActivityLine[] {
	return Object.entries(environmentLines).flatMap(([name, describe]) => {
		const text = describe(facts);
		const label = name.padEnd(9);
		return text === undefined
			? []
			: paragraph(mask(text), Math.max(8, columns - label.length)).map(({segments}, row) => ({
					mark: 'none' as const,
					segments: [
						{text: row === 0 ? label : ' '.repeat(label.length), tone: 'muted' as const},
						...segments,
					],
				}));
	});
}

function findingLines(finding: ToldFinding, columns: number): readonly ActivityLine[] {
	const {severity, where, rule, what, reason, fix, fixable} = finding;
	const [mark, tone] = severities[severity];
	return [
		blankLine,
		{
			mark,
			segments: [
				{text: severity, tone},
				{text: `  ${where}  ${rule}`, tone: 'muted'},
			],
		},
		...paragraph(`${what}.`, columns, {tone: 'strong'}),
		...(reason === '' ? [] : paragraph(reason, columns)),
		...paragraph(`${fix}${fixable ? ' (f does it)' : ''}`, columns, {tone: 'accent'}),
	];
}
