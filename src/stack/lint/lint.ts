import {parseComposeConfig} from '../compose-config.ts';
import {databaseRules} from './database-rules.ts';
import {projectRules} from './project-rules.ts';
import {
	servicePath,
	type Hit,
	type LintContext,
	type LintFinding,
	type LintInput,
	type LintRule,
} from './rule.ts';
import {nodeAt, parseSource, placeOf} from './source.ts';
import {trackingRules} from './tracking-rules.ts';

/**
 * Every rule, in the order in which `fix` applies them: what a mend builds on comes before it. To teach it another,
 * add a row to one of the three tables.
 */
export const lintRules: readonly LintRule[] = [...projectRules, ...databaseRules, ...trackingRules];

/**
 * What is wrong in a compose file, or could be better, in the order of its lines. The text says where, what compose made
 * of it says what it means. Throws a Failure when the configuration is none. A text that is no YAML gives one finding.
 */
export function lint(input: LintInput): readonly LintFinding[] {
	const context = contextOf(input);
	const [broken] = context.source.document.errors;
	if (broken) {
		return [
			{
				rule: 'yaml',
				severity: 'error',
				place: {file: input.file, line: broken.linePos?.[0].line ?? 1, column: broken.linePos?.[0].col ?? 1},
				service: '',
				what: 'The file is no YAML',
				reason: broken.message.split('\n', 1)[0] ?? '',
				fix: 'Mend it there.',
				fixable: false,
				path: [],
			},
		];
	}

	return lintRules
		.flatMap((rule) => findingsOf(rule, context))
		.toSorted((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
}

/** What `fix` did: a sentence for each change, in the order of the changes. */
export interface LintChange {
	readonly rule: string;
	readonly service: string;
	/** What was done, one sentence without a full stop. */
	readonly change: string;
	/** What it means for data that exists, or for people who use the stack; empty when nothing. */
	readonly caution: string;
}

/**
 * Mends what can be mended safely of these findings of `lint` for the same input. Comments, order and all that is not
 * concerned stay as they are. Findings that are not fixable are left to the user.
 */
export function fix(
	input: LintInput,
	findings: readonly LintFinding[],
): {readonly source: string; readonly changes: readonly LintChange[]} {
	const context = contextOf(input);
	const changes: LintChange[] = [];
	let text = input.source;
	for (const rule of lintRules) {
		// From the end, so that the numbers of a list's items hold.
		for (const finding of findings
			.filter((finding) => finding.rule === rule.id && finding.fixable)
			.toReversed()) {
			const mended = rule.mend?.(text, finding, context);
			if (mended && mended.text !== text) {
				text = mended.text;
				const {change, caution = ''} = mended;
				changes.push({rule: rule.id, service: finding.service, change, caution});
			}
		}
	}

	return {source: text, changes};
}

function contextOf({file, source, config, engineVersion, now}: LintInput): LintContext {
	const parsed = parseComposeConfig(config);
	return {
		source: parseSource(source, file),
		config: parsed,
		databases: parsed.services.filter(({definition}) => definition.role === 'database'),
		trackings: parsed.services.filter(({definition}) => definition.role === 'tracking'),
		engineVersion,
		now,
	};
}

function findingsOf(rule: LintRule, context: LintContext): readonly LintFinding[] {
	// Of a project with several files, a file answers for the services that it names.
	const isHere = ({service}: Hit): boolean =>
		service === undefined || nodeAt(context.source, servicePath(service)) !== undefined;
	return rule
		.check(context)
		.filter(isHere)
		.map((hit) => ({
			rule: rule.id,
			severity: hit.severity ?? rule.severity,
			place: placeOf(context.source, hit.path),
			service: hit.service ?? '',
			what: hit.what ?? rule.what,
			reason: hit.reason ?? rule.reason,
			fix: hit.fix ?? rule.fix,
			fixable: rule.mend !== undefined && hit.fixable !== false,
			path: hit.path,
		}));
}
