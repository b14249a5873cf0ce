import {databaseRules} from './database-rules.ts';
import {operationRules} from './operation-rules.ts';
import type {LineRule} from './rule.ts';
import {trackingRules} from './tracking-rules.ts';

/**
 * The rules that read lines. To teach it a failure, add a row to one of the three tables, and its line to the examples in
 * test/stack/diagnosis/examples.ts. Most were reproduced; their logs are in test/fixtures/logs.
 */
export const lineRules: readonly LineRule[] = [...databaseRules, ...trackingRules, ...operationRules];

export function lineRule(id: string): LineRule | undefined {
	return byId.get(id);
}

const byId = new Map(lineRules.map((rule) => [rule.id, rule]));
