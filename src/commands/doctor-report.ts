import type {LintSeverity} from '../stack/lint/rule.ts';
import {environmentLines} from '../stack/environment/checks.ts';
import type {EnvironmentFinding} from '../stack/environment/environment.ts';
import type {EnvironmentFacts} from '../stack/environment/facts.ts';
import {mask} from '../stack/mask.ts';
import type {Stack} from '../stack/model.ts';
import {jsonVersion} from '../stack/status-json.ts';
import type {StateRow} from '../stack/status.ts';
import {wrapWords} from '../text.ts';
import type {Output} from './context.ts';
import {paint} from './paint.ts';
import {engineJson} from './version.ts';
import type {CheckedFile, Correction} from '../engine/doctor/check.ts';
import {countsText, type ToldFinding} from '../engine/doctor/findings.ts';
import type {Written} from '../engine/doctor/write.ts';

/** How a severity looks. */
const tones: Readonly<Record<LintSeverity, StateRow['tone']>> = {
	error: 'error',
	warning: 'warning',
	advice: 'muted',
};

/** What the stack runs on as a person reads it, a line each. */
export function environmentText(facts: EnvironmentFacts): string {
	const lines = Object.entries(environmentLines).flatMap(([name, describe]) => {
		const text = describe(facts);
		return text === undefined ? [] : [`${name.padEnd(9)}${mask(text)}`];
	});
	return [...lines, ''].join('\n');
}

/** The stack, then each finding: where, how bad, which rule; what is wrong, why, and what to do. */
export function findingsText(
	stack: Stack,
	files: readonly CheckedFile[],
	findings: readonly ToldFinding[],
	output: Output,
): string {
	const names = files.map(({input, isOurs}) => `${input.file}${isOurs ? ' (as mlstack wrote it)' : ''}`);
	const heading = [
		`stack    ${stack.project}${names.length === 0 ? '' : `, from ${names.join(', ')}`}`,
		...(stack.warnings ?? []).map((warning) => `compose  ${paint(output, 'warning', 'warns')}: ${warning}`),
		'',
	];
	return [...heading, ...findings.flatMap((finding) => findingLines(finding, output)), ''].join('\n');
}

function findingLines(finding: ToldFinding, output: Output): readonly string[] {
	const {where, severity, rule, what, reason, fix, fixable} = finding;
	const paragraph = (label: string, text: string): readonly string[] =>
		wrapWords(text, Math.max((output.columns ?? Number.POSITIVE_INFINITY) - 7, 20)).map(
			(line, index) => (index === 0 ? label.padEnd(7) : ' '.repeat(7)) + line,
		);
	return [
		`${where} ${paint(output, tones[severity], severity)} ${rule}`,
		...paragraph('', `${what}.`),
		...(reason === '' ? [] : paragraph('  why:', reason)),
		...paragraph('  fix:', `${fix}${fixable ? ' (--fix does it)' : ''}`),
		'',
	];
}

/** How many findings there are, in a sentence. `wasFixed`: `--fix` has been there. */
export function summaryText(findings: readonly ToldFinding[], wasFixed: boolean): string {
	const fixable = findings.filter((finding) => finding.fixable).length;
	if (findings.length === 0) {
		return wasFixed ? 'Nothing is wrong any more.' : 'Nothing is wrong.';
	}

	const offer = fixable === 0 ? '' : `; \`mlstack doctor --fix\` mends ${fixable}, and shows how first`;
	return `${countsText(findings)}${wasFixed ? ' left' : ''}${offer}.`;
}

/** A difference in the colours that people know. */
export function diffText({diff}: Correction, output: Output): string {
	const signs: Readonly<Record<string, StateRow['tone']>> = {'+': 'ok', '-': 'error', '@': 'busy'};
	return diff
		.split('\n')
		.map((line) => {
			const tone = signs[line.charAt(0)];
			return tone === undefined ? line : paint(output, tone, line);
		})
		.join('\n');
}

/** What was changed, what that means, and where the file is kept as it was. */
export function writtenText({correction, backup}: Written, output: Output): string {
	const lines = correction.changes.flatMap(({change, caution}) => [
		`- ${change}`,
		...(caution === '' ? [] : [`  ${paint(output, 'warning', 'caution:')} ${caution}`]),
	]);
	return [`Changed in ${correction.file.input.file}, kept as it was in ${backup}:`, ...lines, '', ''].join(
		'\n',
	);
}

/** What `mlstack doctor` found. */
export interface DoctorResult {
	readonly environment: EnvironmentFacts;
	readonly troubles: readonly EnvironmentFinding[];
	readonly stack: Stack;
	readonly files: readonly CheckedFile[];
	readonly written: readonly Written[];
}

/**
 * What `mlstack doctor --json` prints. `environment` holds what the stack runs on, and what is wrong with it; `findings`
 * are those of the files that remain, `fixed` the files that `--fix` wrote; `errors` counts what is an error of both.
 */
export function doctorDocument({environment, troubles, stack, files, written}: DoctorResult): object {
	const findings = files.flatMap(({path, isOurs, findings: found}) =>
		found.map(({rule, severity, place, service, what, reason, fix, fixable}) => ({
			rule,
			severity,
			file: path,
			line: place.line,
			column: place.column,
			service,
			what,
			reason: mask(reason),
			fix,
			fixable: fixable && !isOurs,
		})),
	);
	const {engine, away, tools, disks, ports, images, clock} = environment;
	return {
		version: jsonVersion,
		...(engine && {engine: {...engineJson(engine), cpus: engine.cpus, memory: engine.memory}}),
		...(away && {error: away}),
		...(tools?.compose !== undefined && {compose: tools.compose}),
		environment: {
			...(engine && {rootless: engine.rootless}),
			...(tools && {tools}),
			disks,
			ports,
			images,
			...(clock && {clock}),
			findings: troubles,
		},
		project: stack.project,
		origin: stack.origin,
		files: stack.files,
		warnings: stack.warnings ?? [],
		errors: [...findings, ...troubles].filter(({severity}) => severity === 'error').length,
		findings,
		fixed: written.map(({correction, backup}) => ({
			file: correction.file.path,
			backup,
			diff: correction.diff,
			changes: correction.changes,
		})),
	};
}
