import type {LogEntry} from './entry.ts';
import {FilteredLog, sliceLength, type LogFilter} from './filter.ts';
import type {Level} from './levels.ts';
import {createMatcher, type Matcher} from './matcher.ts';
import {indexAtTime, type LogSource} from './source.ts';

/** What is typed to look for. */
export interface Phrase {
	readonly text: string;
	/** A regular expression, or the text as it is. */
	readonly regex: boolean;
}

/** Which lines of a log are shown, and what is looked for in them. */
export interface LogSelection {
	/** Only lines that hold it; behind a `!` only lines that do not. */
	readonly filter?: Phrase;
	readonly search?: Phrase;
	/** Only records of this level and above. */
	readonly minimum?: Level;
	/** Health checks and the like are left out. */
	readonly foldNoise?: boolean;
}

/** A source, and where in it an entry is, which each kind of source finds in a way of its own. */
export interface Located {
	readonly source: LogSource;
	readonly indexOf: (entry: LogEntry) => number | undefined;
}

/** How far a search is. */
export interface Found {
	readonly count: number;
	/** Which of them is the selected one, from 1. */
	readonly place: number | undefined;
	/** There are lines that have not been looked at. */
	readonly partial: boolean;
}

/**
 * What is shown of a log, and what is found in it. A selection that cannot be understood, such as half a regular
 * expression, selects nothing: `problem` says why, and everything stays on the screen.
 */
export class ShownLog {
	readonly base: Located;
	readonly #key: string;
	readonly #filtered: FilteredLog | undefined;
	readonly #found: FilteredLog | undefined;
	/** The first lines of errors. It is brought up to date when it is asked, all at once: levels are known already. */
	readonly #errors: FilteredLog;
	readonly #filterWhy: string | undefined;
	readonly #searchWhy: string | undefined;
	/** Marks what is looked for on the screen. */
	readonly matcher: Matcher | undefined;
	#complete = false;

	constructor(base: Located, selection: LogSelection) {
		this.base = base;
		this.#key = keyOf(selection);
		const {filter, why: filterWhy} = filterOf(selection);
		this.#filterWhy = filterWhy;
		this.#filtered = filter && new FilteredLog(base.source, filter);
		const {matcher, why} = matcherOf(selection.search);
		this.#searchWhy = why;
		this.matcher = matcher;
		this.#found = matcher && new FilteredLog(this.lines, {matcher});
		this.#errors = errorsIn(this.lines);
	}

	/** Whether this shows what is asked for now. */
	isFor(source: LogSource, selection: LogSelection): boolean {
		return this.base.source === source && this.#key === keyOf(selection);
	}

	/** The lines that are shown, with numbers of their own when a filter is laid over the log. */
	get lines(): LogSource {
		return this.#filtered ?? this.base.source;
	}

	/** Why the filter or the search shows less than it should, for people. */
	get problem(): string | undefined {
		return (
			this.#filterWhy ??
			this.#searchWhy ??
			(this.#filtered?.isTooSlow || this.#found?.isTooSlow
				? 'this regular expression takes too long'
				: undefined)
		);
	}

	/** Looks at the next slice of what came, or has not been looked at. Gives whether that was all. */
	update(): boolean {
		const filtered = this.#filtered?.update(sliceLength) ?? true;
		const found = this.#found?.update(sliceLength) ?? true;
		this.#complete = filtered && found;
		return this.#complete;
	}

	/** Where an entry stands among the lines, or the one after it when it is not shown. */
	indexOf(entry: LogEntry): number {
		const index = this.base.indexOf(entry) ?? indexAtTime(this.base.source, entry.order);
		return this.#filtered ? this.#filtered.indexAt(index) : index;
	}

	/** How many lines were found; `selected` is the number of the one that the reader is at. */
	found(selected: number | undefined): Found | undefined {
		const log = this.#found;
		if (!log) {
			return undefined;
		}

		const at = selected === undefined ? log.end : log.indexAt(selected);
		const isFound = at < log.end && log.sourceIndex(at) === selected;
		return {
			count: log.end - log.first,
			place: isFound ? at - log.first + 1 : undefined,
			partial: !this.#complete,
		};
	}

	/** The line found last before `index`, or the first one from there on; at the end it goes on at the other end. */
	match(index: number, direction: 'previous' | 'next'): number | undefined {
		const log = this.#found;
		if (!log || log.end === log.first) {
			return undefined;
		}

		const at = log.indexAt(index);
		if (direction === 'next') {
			return log.sourceIndex(at < log.end ? at : log.first);
		}

		return log.sourceIndex(at > log.first ? at - 1 : log.end - 1);
	}

	/** The first line of the error before `index`, or from there on; undefined when there is none. */
	error(index: number, direction: 'previous' | 'next'): number | undefined {
		this.#errors.update();
		const at = this.#errors.indexAt(index);
		return this.#errors.sourceIndex(direction === 'next' ? at : at - 1);
	}

	/** Whether something was found in the lines from `from` up to `to`. */
	hasMatch(from: number, to: number): boolean {
		return this.#found?.hasBetween(from, to) ?? false;
	}

	/** Whether an error begins in the lines from `from` up to `to`. */
	hasError(from: number, to: number): boolean {
		this.#errors.update();
		return this.#errors.hasBetween(from, to);
	}
}

const errors = new WeakMap<LogSource, FilteredLog>();

/** The first lines of errors in a source: the same ones whatever is looked for in it, letter by letter. */
function errorsIn(source: LogSource): FilteredLog {
	const known = errors.get(source) ?? new FilteredLog(source, {minimum: 'error', starts: true});
	errors.set(source, known);
	return known;
}

function keyOf({filter, search, minimum, foldNoise}: LogSelection): string {
	return JSON.stringify([filter?.text, filter?.regex, search?.text, search?.regex, minimum, foldNoise]);
}

function matcherOf(phrase: Phrase | undefined): {matcher?: Matcher; why?: string} {
	if (!phrase || phrase.text === '') {
		return {};
	}

	const matcher = createMatcher(phrase.text, {regex: phrase.regex});
	return matcher.ok ? {matcher} : {why: matcher.why};
}

function filterOf({filter, minimum, foldNoise = false}: LogSelection): {filter?: LogFilter; why?: string} {
	const inverted = filter?.text.startsWith('!') ?? false;
	const {matcher, why} = matcherOf(filter && (inverted ? {...filter, text: filter.text.slice(1)} : filter));
	const isNeeded = matcher !== undefined || minimum !== undefined || foldNoise;
	return {
		...(isNeeded && {filter: {matcher, inverted: inverted && matcher !== undefined, minimum, foldNoise}}),
		...(why !== undefined && {why}),
	};
}
