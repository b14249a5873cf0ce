import type {LintFinding, LintSeverity} from '../../stack/lint/rule.ts';
import {formatBytes, formatCount} from '../../stack/format.ts';
import {mask} from '../../stack/mask.ts';
import type {EngineInfo, Stack} from '../../stack/model.ts';
import {jsonVersion} from '../../stack/status-json.ts';
import type {StateRow} from '../../stack/status.ts';
import type {Failure} from '../../failure.ts';
import {wrapWords} from '../../text.ts';
import type {Output} from '../context.ts';
import {paint} from '../paint.ts';
import {engineJson, engineLine} from '../version.ts';
import type {CheckedFile, Correction} from './check.ts';
import type {Written} from './write.ts';

/** What a stack runs on. */
export interface Environment {
	/** Why none answers, where none does. */
	readonly engine: EngineInfo | Failure;
	/** The version of the Compose plugin; undefined where there is none. */
	readonly compose: string | undefined;
}

/** How a severity looks, and how so many of it are called. */
const severities: Readonly<
	Record<LintSeverity, {readonly tone: StateRow['tone']; readonly counted: (count: number) => string}>
> = {
	error: {tone: 'error', counted: (count) => formatCount(count, 'error')},
	warning: {tone: 'warning', counted: (count) => formatCount(count, 'warning')},
	advice: {tone: 'muted', counted: (count) => formatCount(count, 'piece of advice', 'pieces of advice')},
};

/** The environment as a person reads it, a line each. */
export function environmentText({engine, compose}: Environment): string {
	const isKnown = 'kind' in engine;
	return [
		`engine   ${isKnown ? engineLine(engine) : `none: ${engine.message}`}`,
		...(isKnown
			? [
					`machine  ${formatCount(engine.cpus, 'cpu')}, ${formatBytes(engine.memory)} of memory, ${engine.arch}`,
				]
			: []),
		...(isKnown && engine.kind === 'native' ? [] : [`compose  ${compose ?? 'none'}`]),
		'',
	].join('\n');
}

/** The stack, then each finding: where, how bad, which rule; what is wrong, why, and what to do. */
export function findingsText(stack: Stack, files: readonly CheckedFile[], output: Output): string {
	const names = files.map(({input, isOurs}) => `${input.file}${isOurs ? ' (as mlstack wrote it)' : ''}`);
	const heading = [`stack    ${stack.project}${names.length === 0 ? '' : `, from ${names.join(', ')}`}`, ''];
	return [
		...heading,
		...files.flatMap(({findings, isOurs}) => findings.flatMap((each) => findingLines(each, isOurs, output))),
		'',
	].join('\n');
}

function findingLines(finding: LintFinding, isOurs: boolean, output: Output): readonly string[] {
	const {place, severity, rule, what, reason, fix, fixable} = finding;
	const paragraph = (label: string, text: string): readonly string[] =>
		wrapWords(text, Math.max((output.columns ?? Number.POSITIVE_INFINITY) - 7, 20)).map(
			(line, index) => (index === 0 ? label.padEnd(7) : ' '.repeat(7)) + line,
		);
	return [
		`${place.file}:${place.line}:${place.column} ${paint(output, severities[severity].tone, severity)} ${rule}`,
		...paragraph('', `${what}.`),
		// A parser's message may quote the file.
		...(reason === '' ? [] : paragraph('  why:', mask(reason))),
		...paragraph('  fix:', `${fix}${fixable && !isOurs ? ' (--fix does it)' : ''}`),
		'',
	];
}

/** How many findings there are, in a sentence. `wasFixed`: `--fix` has been there. */
export function summaryText(files: readonly CheckedFile[], wasFixed: boolean): string {
	const findings = files.flatMap((file) => file.findings);
	const fixable = files
		.filter(({isOurs}) => !isOurs)
		.flatMap((file) => file.findings)
		.filter((finding) => finding.fixable).length;
	if (findings.length === 0) {
		return wasFixed ? 'Nothing is wrong any more.\n' : 'Nothing is wrong.\n';
	}

	const counts = (['error', 'warning', 'advice'] as const).flatMap((severity) => {
		const count = findings.filter((finding) => finding.severity === severity).length;
		return count === 0 ? [] : [severities[severity].counted(count)];
	});
	const offer = fixable === 0 ? '' : `; \`mlstack doctor --fix\` mends ${fixable}, and shows how first`;
	return `${counts.join(', ')}${wasFixed ? ' left' : ''}${offer}.\n`;
}

/** A difference in the colours that people know. */
export function diffText({diff}: Correction, output: Output): string {
	const tones: Readonly<Record<string, StateRow['tone']>> = {'+': 'ok', '-': 'error', '@': 'busy'};
	return diff
		.split('\n')
		.map((line) => {
			const tone = tones[line.charAt(0)];
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

/**
 * What `mlstack doctor --json` prints. `findings` are those that remain, `fixed` the files that `--fix` wrote; `errors`
 * counts the findings that are errors.
 */
export function doctorDocument(
	{engine, compose}: Environment,
	{project, origin, files: paths}: Stack,
	files: readonly CheckedFile[],
	written: readonly Written[],
): object {
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
	return {
		version: jsonVersion,
		...('kind' in engine
			? {engine: {...engineJson(engine), cpus: engine.cpus, memory: engine.memory}}
			: {error: engine}),
		...(compose !== undefined && {compose}),
		project,
		origin,
		files: paths,
		errors: findings.filter(({severity}) => severity === 'error').length,
		findings,
		fixed: written.map(({correction, backup}) => ({
			file: correction.file.path,
			backup,
			diff: correction.diff,
			changes: correction.changes,
		})),
	};
}
