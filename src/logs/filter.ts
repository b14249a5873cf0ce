import {setImmediate} from 'node:timers/promises';
import {Deque} from './deque.ts';
import type {LogEntry} from './entry.ts';
import {isAtLeast, type Level} from './levels.ts';
import type {Matcher} from './matcher.ts';
import type {LineClass} from './records.ts';
import {Changes, type LogSource, type Span} from './source.ts';
import {withinTime} from './time-limit.ts';

/** Which lines are let through. */
export interface LogFilter {
	/** Only lines in which it finds something. */
	readonly matcher?: Matcher | undefined;
	/** Only lines in which it finds nothing. */
	readonly inverted?: boolean;
	/** Only records of this level and above; lines without a level count as `info`. */
	readonly minimum?: Level | undefined;
	/** Health checks and the like are left out. */
	readonly foldNoise?: boolean;
	/** Only the first line of each record, and no rules. */
	readonly starts?: boolean;
}

/** Lines that are looked at in one turn of the event loop at most. */
export const sliceLength = 5000;

/** Milliseconds after which a turn is over, however few lines it has looked at: a key may wait. */
const turnTime = 8;

/** Lines that are looked at between two looks at the clock: usually a millisecond. */
const pieceLength = 500;

/** Milliseconds that a regular expression may take for one piece. */
const pieceTime = 200;

/** Whether a filter lets a line through. Rules (`exited (1)`) have no level, and stay; their text is looked at like any. */
export function letsThrough(filter: LogFilter, entry: LogEntry): boolean {
	const {matcher, inverted = false, starts = false} = filter;
	return (
		(entry.rule ? !starts : letsClassThrough(filter, entry)) &&
		(matcher === undefined || matcher.test(entry.plain) !== inverted)
	);
}

/** Whether a filter lets lines of a class through as long as their text is right. */
function letsClassThrough(filter: LogFilter, {level, noise, start}: LineClass): boolean {
	const {minimum, foldNoise = false, starts = false} = filter;
	return (minimum === undefined || isAtLeast(level, minimum)) && !(starts && !start) && !(foldNoise && noise);
}

/**
 * The lines of a source that a filter lets through, or that a search finds: a source itself, with numbers of its own.
 * It is brought up to date when it is looked at (`update`), in slices: first what came since, then what is older, so
 * that what is on the screen is right first. New lines cost what they are, not what is there.
 */
export class FilteredLog implements LogSource {
	readonly #source: LogSource;
	readonly #filter: LogFilter;
	/** Numbers in the source. */
	readonly #found = new Deque<number>();
	readonly #changes = new Changes();
	#version = 0;
	/** The lines of the source from `from` up to `to` have been looked at, as they were at its version `seen`. */
	#from: number;
	#to: number;
	#seen: number;
	#tooSlow = false;

	constructor(source: LogSource, filter: LogFilter) {
		this.#source = source;
		this.#filter = filter;
		this.#from = source.end;
		this.#to = source.end;
		this.#seen = source.version;
	}

	get first(): number {
		return this.#found.first;
	}

	get end(): number {
		return this.#found.end;
	}

	get version(): number {
		return this.#version;
	}

	/** The regular expression took so long that nothing more is looked at: the lines are not all that there are. */
	get isTooSlow(): boolean {
		return this.#tooSlow;
	}

	at(index: number): LogEntry | undefined {
		const found = this.#found.at(index);
		return found === undefined ? undefined : this.#source.at(found);
	}

	kept(version: number): Span {
		return this.#changes.kept(version);
	}

	/** The number that a line has in the source. */
	sourceIndex(index: number): number | undefined {
		return this.#found.at(index);
	}

	/** The first line at or after a line of the source; `end` when there is none. The one before it is the previous one. */
	indexAt(sourceIndex: number): number {
		return this.#found.search((found) => found >= sourceIndex);
	}

	/**
	 * Takes over what happened to the source, and looks at `lines` of its lines at most, or at as many as a turn has time
	 * for; without a number at all of them. Gives whether all have been looked at. The source has been brought up to date
	 * before, if it is one that needs it.
	 */
	update(lines = Number.POSITIVE_INFINITY): boolean {
		this.#follow();
		const {first, end} = this.#source;
		const until = lines === Number.POSITIVE_INFINITY ? lines : performance.now() + turnTime;
		let left = lines;
		while (!this.#tooSlow && left > 0 && (this.#to < end || this.#from > first)) {
			const isNewer = this.#to < end;
			const length = Math.min(left, pieceLength, isNewer ? end - this.#to : this.#from - first);
			if (isNewer) {
				this.#look(this.#to, this.#to + length);
			} else {
				this.#look(this.#from - length, this.#from);
			}

			left -= length;
			if (performance.now() > until) {
				break;
			}
		}

		return this.#tooSlow || (this.#to >= end && this.#from <= first);
	}

	/** Whether one of the lines of the source from `from` up to `to` is let through, as far as they have been looked at. */
	hasBetween(from: number, to: number): boolean {
		return (this.#found.at(this.indexAt(from)) ?? to) < to;
	}

	/** Forgets what is not in the source any more, or not what it was. */
	#follow(): void {
		const {version, first, end} = this.#source;
		if (version === this.#seen) {
			return;
		}

		const kept = this.#source.kept(this.#seen);
		const isEmpty = this.#from === this.#to;
		const from = Math.max(this.#from, kept.from, first);
		const to = Math.min(this.#to, kept.to, end);
		this.#seen = version;
		if (from > to || (from === to && !isEmpty)) {
			this.#version++;
			this.#found.clear(this.end);
			// What was dropped before it was looked at is passed over; all else is looked at from the newest back.
			this.#from = this.#to < first ? first : end;
			this.#to = this.#from;
			return;
		}

		const before = this.#found.length;
		while (this.#found.length > 0 && (this.#found.at(this.first) ?? from) < from) {
			this.#found.shift();
		}

		while (this.#found.length > 0 && (this.#found.at(this.end - 1) ?? to) >= to) {
			this.#found.pop();
		}

		this.#version += this.#found.length < before ? 1 : 0;
		if (kept.from > this.#from || kept.to < this.#to) {
			this.#changes.add(this.#version, {from: this.first, to: this.end});
		}

		this.#from = from;
		this.#to = to;
	}

	/** Looks at lines right after or right before those that have been looked at. */
	#look(from: number, to: number): void {
		const found: number[] = [];
		const see = (entry: LogEntry, index: number) => {
			if (letsThrough(this.#filter, entry)) {
				found.push(index);
			}
		};
		const look = () => {
			if (this.#source.scan) {
				const isWanted = (lineClass: LineClass) => letsClassThrough(this.#filter, lineClass);
				this.#source.scan(from, to, isWanted, see);
				return;
			}

			for (let index = from; index < to; index++) {
				const entry = this.#source.at(index);
				if (entry) {
					see(entry, index);
				}
			}
		};

		if (!this.#filter.matcher?.isRegex) {
			look();
		} else if (!withinTime(pieceTime, look)) {
			this.#tooSlow = true;
			return;
		}

		this.#version += found.length > 0 ? 1 : 0;
		if (from >= this.#to) {
			for (const index of found) {
				this.#found.push(index);
			}

			this.#to = to;
			return;
		}

		if (found.length > 0) {
			this.#changes.add(this.#version, {from: this.first});
		}

		for (const index of found.reverse()) {
			this.#found.unshift(index);
		}

		this.#from = from;
	}
}

/**
 * Brings a filtered log or a search up to date slice by slice, so that keys are answered in between; ends early, and
 * quietly, with the signal.
 */
export async function updateInSlices(log: FilteredLog, signal: AbortSignal): Promise<void> {
	while (!signal.aborted && !log.update(sliceLength)) {
		await setImmediate();
	}
}
