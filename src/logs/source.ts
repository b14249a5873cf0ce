import {firstIn} from './deque.ts';
import type {LogEntry} from './entry.ts';
import type {LineClass} from './records.ts';
import type {LineSource} from './window.ts';

/** Numbers from `from` up to, but not including, `to`. */
export interface Span {
	readonly from: number;
	readonly to: number;
}

/**
 * Lines that a view can be laid over: a service's log, several merged, or a filtered one. Lines come at the end, or
 * older ones at the start; they go at the start, or, while a reader is far back, at the end.
 */
export interface LogSource extends LineSource<LogEntry> {
	/** Moves with every change. */
	readonly version: number;
	/**
	 * The numbers that still mean the lines they meant at an earlier `version`, as far as they are in the source. Who has
	 * read up to a version looks again at everything outside.
	 */
	kept(version: number): Span;
	/**
	 * Reads the lines from `from` up to `to`, which are numbers of its lines, whose class is wanted, and every rule, with
	 * their numbers, at next to no cost for the others. Without it they are read one by one.
	 */
	scan?(
		from: number,
		to: number,
		isWanted: (lineClass: LineClass) => boolean,
		read: (entry: LogEntry, index: number) => void,
	): void;
}

/** The number of the first line at or after a time (microseconds since 1970); `end` when there is none. */
export function indexAtTime(source: LogSource, time: number): number {
	return firstIn(source, source.first, ({order}) => order >= time);
}

/** Remembered changes; who is further behind than these looks at everything again. */
const most = 64;

const everything: Span = {from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY};
const nothing: Span = {from: 0, to: 0};

/** What a source remembers of its changes to answer `kept`. Lines that come at the end change nothing. */
export class Changes {
	readonly #changes: Array<Span & {readonly version: number}> = [];
	#forgotten = 0;

	/** With `version` only the numbers in the span went on meaning what they meant. */
	add(version: number, {from = everything.from, to = everything.to}: Partial<Span>): void {
		this.#changes.push({version, from, to});
		if (this.#changes.length > most) {
			this.#forgotten = this.#changes.shift()?.version ?? 0;
		}
	}

	kept(version: number): Span {
		if (version < this.#forgotten) {
			return nothing;
		}

		let {from, to} = everything;
		for (const change of this.#changes) {
			if (change.version > version) {
				from = Math.max(from, change.from);
				to = Math.min(to, change.to);
			}
		}

		return from < to ? {from, to} : nothing;
	}
}
