import {withinTime} from './time-limit.ts';

/** A part of a text: UTF-16 units, `end` not included. */
export interface Range {
	readonly start: number;
	readonly end: number;
}

/** What a search looks for. Both functions want text without colours (`LogEntry.plain`). */
export interface Matcher {
	readonly ok: true;
	readonly query: string;
	/** Then a text can take for ever: `test` and `ranges` are called within a time limit only. */
	readonly isRegex: boolean;
	test(text: string): boolean;
	/** Where it is found, from left to right; empty finds are none. */
	ranges(text: string): Range[];
}

/** A query that cannot be searched for. */
export interface NoMatcher {
	readonly ok: false;
	/** For people: what is wrong with it. */
	readonly why: string;
}

/** Ranges of a line at most; nobody looks at more. */
const mostRanges = 500;

/** Milliseconds for the ranges of all the lines on the screen. */
const highlightTime = 50;

/**
 * Text is looked for as it is, on request as a regular expression (JavaScript's). Smart case: capitals count as soon as
 * the query holds one.
 */
export function createMatcher(
	query: string,
	{regex = false}: {readonly regex?: boolean} = {},
): Matcher | NoMatcher {
	if (query === '') {
		return {ok: false, why: 'there is nothing to look for'};
	}

	const source = regex ? query : query.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
	const hasCapital = /\p{Lu}/u.test(regex ? query.replaceAll(/\\(?:[pP]\{[^}]*\}|.)/gu, '') : query);
	const flags = hasCapital ? '' : 'i';
	// In Unicode mode a text is found several times as slowly whatever its case.
	const isUnicode = regex || !/^[\u0020-\u007E]*$/.test(query);
	let all: RegExp;
	try {
		all = isUnicode ? compile(source, `g${flags}`) : new RegExp(source, `g${flags}`);
	} catch (error) {
		return {ok: false, why: error instanceof Error ? reasonIn(error.message) : String(error)};
	}

	const one = new RegExp(all.source, all.flags.replace('g', ''));
	return {
		ok: true,
		query,
		isRegex: regex,
		test: regex || !hasCapital ? (text) => one.test(text) : (text) => text.includes(query),
		ranges(text) {
			const ranges: Range[] = [];
			for (const {index, 0: found} of text.matchAll(all)) {
				if (found !== '') {
					ranges.push({start: index, end: index + found.length});
				}

				if (ranges.length >= mostRanges) {
					break;
				}
			}

			return ranges;
		},
	};
}

/** Where a matcher finds something in each of the texts, those on the screen; nowhere when that takes too long. */
export function highlights(matcher: Matcher, texts: readonly string[]): ReadonlyArray<readonly Range[]> {
	if (!matcher.isRegex) {
		return texts.map((text) => matcher.ranges(text));
	}

	const found: Range[][] = [];
	const isDone = withinTime(highlightTime, () => {
		for (const text of texts) {
			found.push(matcher.ranges(text));
		}
	});
	return isDone ? found : texts.map(() => []);
}

/** Unicode mode refuses escapes that people write, such as `\-`: those mean themselves without it. */
function compile(source: string, flags: string): RegExp {
	try {
		return new RegExp(source, `${flags}u`);
	} catch {
		return new RegExp(source, flags);
	}
}

/** `Invalid regular expression: /(/gi: Unterminated group` without what people have typed themselves. */
function reasonIn(message: string): string {
	return message
		.slice(message.lastIndexOf(': ') + 1)
		.trim()
		.toLowerCase();
}
