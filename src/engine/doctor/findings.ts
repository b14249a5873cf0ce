import type {EnvironmentFinding} from '../../stack/environment/environment.ts';
import {formatCount} from '../../stack/format.ts';
import type {LintSeverity} from '../../stack/lint/rule.ts';
import {mask} from '../../stack/mask.ts';
import type {CheckedFile} from './check.ts';

/** A finding as people read it, whether of the environment or of a file. Secrets are masked. */
export interface ToldFinding {
	/** `docker-compose.yml:7:7`, or `environment`. */
	readonly where: string;
	/** The check's, or the rule's, stable word. */
	readonly rule: string;
	readonly severity: LintSeverity;
	/** One sentence, without a full stop. */
	readonly what: string;
	readonly reason: string;
	readonly fix: string;
	/** `--fix` can do it. */
	readonly fixable: boolean;
}

/** What is wrong with the environment, then with the files. */
export function toldFindings(
	environment: readonly EnvironmentFinding[],
	files: readonly CheckedFile[],
): readonly ToldFinding[] {
	return [
		...environment.map(({check, ...finding}) => ({
			where: 'environment',
			rule: check,
			fixable: false,
			...finding,
		})),
		...files.flatMap(({findings, isOurs}) =>
			findings.map(({place, rule, severity, what, reason, fix, fixable}) => ({
				where: `${place.file}:${place.line}:${place.column}`,
				rule,
				severity,
				what,
				// A parser's message may quote the file.
				reason: mask(reason),
				fix,
				fixable: fixable && !isOurs,
			})),
		),
	];
}

/** How so many findings of a severity are called. */
const counted: Readonly<Record<LintSeverity, (count: number) => string>> = {
	error: (count) => formatCount(count, 'error'),
	warning: (count) => formatCount(count, 'warning'),
	advice: (count) => formatCount(count, 'piece of advice', 'pieces of advice'),
};

/** `6 errors, 9 warnings`: how many there are of each severity, the worst first. */
export function countsText(findings: readonly ToldFinding[]): string {
	return (['error', 'warning', 'advice'] as const)
		.flatMap((severity) => {
			const count = findings.filter((finding) => finding.severity === severity).length;
			return count === 0 ? [] : [counted[severity](count)];
		})
		.join(', ');
}
