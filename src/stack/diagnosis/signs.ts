import type {Role} from '../model.ts';
import type {LineRule} from './rule.ts';
import {lineRules} from './rules.ts';

/**
 * What a line says besides failures. `connected`: MLflow got through to its database. `listening`: it, or PostgreSQL,
 * takes connections. `initialised`: PostgreSQL's first start is through. `stopping`: it was asked to stop, so that its end
 * is no failure.
 */
type Sign = 'connected' | 'listening' | 'initialised' | 'stopping';

const signs: readonly {readonly sign: Sign; readonly of: Role; readonly pattern: RegExp}[] = [
	{
		sign: 'connected',
		of: 'tracking',
		pattern:
			/mlflow\.store\.db\.utils: (?:Creating initial MLflow|Updating) database tables|^\[MLflow\] (?:WARNING: )?Security middleware|\[INFO\] Starting gunicorn/,
	},
	{
		sign: 'listening',
		of: 'tracking',
		pattern: /INFO: {5}Uvicorn running on |\[INFO\] Booting worker with pid/,
	},
	{sign: 'listening', of: 'database', pattern: /LOG: {2}database system is ready to accept connections/},
	{
		sign: 'initialised',
		of: 'database',
		pattern: /^PostgreSQL init process complete; ready for start up\.$/,
	},
	{
		sign: 'stopping',
		of: 'tracking',
		pattern:
			/INFO: {5}(?:Received SIG\w+, exiting|Shutting down$)|\[INFO\] (?:Handling signal: (?:term|int|quit)|Shutting down: Master)/,
	},
	{
		sign: 'stopping',
		of: 'database',
		pattern: /LOG: {2}received (?:smart|fast|immediate) shutdown request/,
	},
];

/** A line that is worth keeping for a failure that no rule knows. */
const errorLine = /ERROR|FATAL|PANIC|CRITICAL|Error\b|Exception\b|: (?:error|fatal|command not found)\b/;

/** What is read off a line. */
export interface Reading {
	readonly matches: readonly {readonly rule: LineRule; readonly found: string}[];
	readonly signs: readonly Sign[];
	readonly isError: boolean;
}

const readers = new Map(
	(['database', 'tracking', 'other', 'operation'] as const).map((from) => {
		const rules = lineRules.filter(({reads}) =>
			from === 'other'
				? reads.includes('client')
				: reads.includes(from) || (from !== 'operation' && reads.includes('any')),
		);
		const own = signs.filter((row) => row.of === from);
		const any = new RegExp(
			[...rules, ...own, {pattern: errorLine}].map(({pattern}) => pattern.source).join('|'),
		);
		return [from, {rules, own, any}];
	}),
);

/** A line says something: it is worth an input. */
export function isTelling(from: Role, text: string): boolean {
	return readers.get(from)?.any.test(text) === true;
}

/** Undefined for a line that says nothing, which costs one test of a pattern and is nearly every line. */
export function read(from: Role | 'operation', text: string): Reading | undefined {
	const reader = readers.get(from);
	if (!reader?.any.test(text)) {
		return undefined;
	}

	const matches = reader.rules.flatMap((rule) => {
		const match = rule.pattern.exec(text);
		return match ? [{rule, found: match.slice(1).find((group) => group !== undefined) ?? ''}] : [];
	});
	return {
		matches,
		signs: reader.own.filter(({pattern}) => pattern.test(text)).map(({sign}) => sign),
		isError: errorLine.test(text),
	};
}
