import {fill} from '../diagnosis/card.ts';
import type {LintSeverity} from '../lint/rule.ts';
import {environmentChecks} from './checks.ts';
import type {EnvironmentFacts} from './facts.ts';

/** Something of what a stack runs on that is wrong, or could be better. */
export interface EnvironmentFinding {
	/** The check's stable word: `port-taken`. */
	readonly check: string;
	readonly severity: LintSeverity;
	/** One sentence, without a full stop. No secrets. */
	readonly what: string;
	readonly reason: string;
	readonly fix: string;
}

const ranks: Readonly<Record<LintSeverity, number>> = {error: 0, warning: 1, advice: 2};

/** What is wrong with what a stack runs on, the worst first. Pure. */
export function examine(facts: EnvironmentFacts): readonly EnvironmentFinding[] {
	return environmentChecks
		.flatMap((check) =>
			check.holds(facts).map((values) => ({
				check: check.id,
				severity: check.severity,
				what: fill(check.what, values),
				reason: fill(check.reason, values),
				fix: fill(check.fix, values),
			})),
		)
		.toSorted((a, b) => ranks[a.severity] - ranks[b.severity]);
}
