import type {LogBuffer} from './buffer.ts';
import {firstIn} from './deque.ts';
import type {LogEntry} from './entry.ts';
import type {LogPage, PagedEntry} from './page.ts';
import {LineRuns} from './runs.ts';
import {Changes, type LogSource, type Span} from './source.ts';

/** A buffer, and what of it has been merged: the lines from `from` up to `to`, as they were at `version`. */
interface Source {
	readonly buffer: LogBuffer;
	/** Among lines of the same time, those of the log that was added first come first. */
	readonly rank: number;
	from: number;
	to: number;
	version: number;
}

/** Lines that a buffer dropped may stay in the merged log up to this number and a quarter of the others. */
const spareDropped = 64;

/**
 * Several logs as one, in the order of the engine's stamps. It is brought up to date when it is looked
 * at (`update`), at the cost of the lines that came; a log that nobody looks at costs nothing.
 *
 * A log may be late: a line that belongs further up is put there, and the lines after it move on by one; `kept` says
 * from where. Which order lines come in does not matter for the order they end in. The lines of a record stay together.
 *
 * Every log's own buffer decides what is dropped, so that one that floods does not push out what another said. What
 * it dropped goes from the merged log as well: at its start at once, further on when there is a quarter of it.
 */
export class MergedLog implements LogSource {
	readonly #sources = new Map<string, Source>();
	readonly #lines = new LineRuns();
	readonly #changes = new Changes();
	#version = 0;
	/** Entries that are not in their buffers any more. */
	#gone = 0;

	/** Buffers of logs with different names. */
	constructor(buffers: Iterable<LogBuffer> = []) {
		for (const buffer of buffers) {
			this.add(buffer);
		}
	}

	get first(): number {
		return this.#lines.first;
	}

	get end(): number {
		return this.#lines.end;
	}

	get version(): number {
		return this.#version;
	}

	at(index: number): PagedEntry | undefined {
		return this.#lines.at(index);
	}

	scan(...range: Parameters<LineRuns['scan']>): void {
		this.#lines.scan(...range);
	}

	kept(version: number): Span {
		return this.#changes.kept(version);
	}

	/** Merges another log from the next `update` on. */
	add(buffer: LogBuffer): void {
		this.#sources.set(buffer.log, {
			buffer,
			rank: this.#sources.size,
			from: buffer.end,
			to: buffer.end,
			version: -1,
		});
	}

	/** Takes over what happened to the buffers. Gives whether anything did. */
	update(): boolean {
		const changed = [...this.#sources.values()].filter(({buffer, version}) => version !== buffer.version);
		if (changed.length === 0) {
			return false;
		}

		this.#version++;
		const replaced = changed.map((source) => this.#follow(source));
		this.#dropGone(replaced.includes(true));
		const older: PagedEntry[] = [];
		const newer: Source[] = [];
		for (const source of changed) {
			collect(source.buffer, source.buffer.first, source.from, older);
			source.from = source.buffer.first;
			if (source.to < source.buffer.end) {
				newer.push(source);
			}
		}

		this.#prepend(older.sort(this.#compare));
		this.#append(newer);
		for (const source of changed) {
			source.to = source.buffer.end;
		}

		return true;
	}

	/** The number of an entry, found by its time; undefined when it is not there. */
	indexOf(entry: LogEntry): number | undefined {
		const index = this.#lines.search((other) => this.#compare(other, entry) >= 0);
		return entry.isSame(this.at(index)) ? index : undefined;
	}

	/**
	 * Forgets those merged lines of a buffer that are no longer what they were. Gives whether any is still in the buffer's
	 * place, or was taken from its end: then they must not be seen any more.
	 */
	#follow(source: Source): boolean {
		const {buffer, version} = source;
		const kept = buffer.kept(version);
		const merged = source.to - source.from;
		const from = Math.max(source.from, kept.from);
		const to = Math.min(source.to, kept.to);
		const replaced = merged > 0 && (from > source.from || to < source.to);
		source.from = Math.min(Math.max(from, buffer.first), to);
		source.to = to;
		if (source.from >= source.to) {
			source.from = buffer.first;
			source.to = buffer.first;
		}

		source.version = buffer.version;
		this.#gone += merged - (source.to - source.from);
		return replaced;
	}

	/** Takes away what is gone at the start, and all of it when it must not be seen or there is much of it. */
	#dropGone(all: boolean): void {
		if (this.#gone > 0) {
			this.#gone -= this.#lines.trim(this.#kept);
		}

		const most = spareDropped + (this.#lines.length - this.#gone) / 4;
		if (this.#gone === 0 || (!all && this.#gone <= most)) {
			return;
		}

		this.#gone = 0;
		this.#changes.add(this.#version, {from: this.#lines.retain(this.#kept)});
	}

	/** Which merged lines of a page are still in their buffer, and what they were. */
	readonly #kept = (page: LogPage, from: number, to: number): Span => {
		const source = this.#sources.get(page.of.log);
		if (!source) {
			return {from, to: from};
		}

		let [first, end] = [Math.max(from, source.from), Math.min(to, source.to)];
		while (first < end && source.buffer.pageOf(first) !== page) {
			first++;
		}

		while (first < end && source.buffer.pageOf(end - 1) !== page) {
			end--;
		}

		return {from: first, to: end};
	};

	/**
	 * Puts the lines that sources have after those that were merged where they belong: those of the one that wrote most a
	 * page at a time, the others, and what was merged before its time, one by one between them.
	 */
	#append(sources: readonly Source[]): void {
		const [most, ...others] = sources.toSorted((a, b) => waitingIn(b) - waitingIn(a));
		const next = most?.buffer.at(most.to);
		if (!most || !next) {
			return;
		}

		const between: PagedEntry[] = [];
		for (const {buffer, to} of others) {
			collect(buffer, to, buffer.end, between);
		}

		const earliest = between.reduce((least, line) => (this.#compare(line, least) < 0 ? line : least), next);
		const {end} = this;
		for (
			let last = this.at(this.end - 1);
			last && this.#compare(last, earliest) > 0;
			last = this.at(this.end - 1)
		) {
			between.push(last);
			this.#lines.pop();
		}

		if (this.end < end) {
			this.#changes.add(this.#version, {to: this.end});
		}

		let {to} = most;
		const append = (until: number) => {
			most.buffer.eachPage(to, until, (page, from, before) => this.#lines.pushRun(page, from, before));
			to = until;
		};
		for (const line of between.sort(this.#compare)) {
			append(firstIn(most.buffer, to, (later) => this.#compare(later, line) > 0));
			this.#lines.push(line);
		}

		append(most.buffer.end);
	}

	/** Puts sorted lines where they belong, seen from the start. */
	#prepend(lines: readonly PagedEntry[]): void {
		const latest = lines.at(-1);
		if (!latest) {
			return;
		}

		const moved: PagedEntry[] = [];
		for (
			let next = this.at(this.first);
			next && this.#compare(next, latest) < 0;
			next = this.at(this.first)
		) {
			moved.push(next);
			this.#lines.shift();
		}

		this.#changes.add(this.#version, {from: this.first});
		for (const line of lines.toReversed()) {
			for (let next = moved.at(-1); next && this.#compare(next, line) > 0; next = moved.at(-1)) {
				this.#lines.unshift(next);
				moved.pop();
			}

			this.#lines.unshift(line);
		}

		for (const entry of moved.reverse()) {
			this.#lines.unshift(entry);
		}
	}

	readonly #compare = (a: LogEntry, b: LogEntry): number =>
		a.order - b.order || (a.log === b.log ? a.index - b.index : this.#rank(a.log) - this.#rank(b.log));

	#rank(log: string): number {
		return this.#sources.get(log)?.rank ?? 0;
	}
}

/** Lines of a source that have not been merged yet. */
function waitingIn({buffer, to}: Source): number {
	return buffer.end - to;
}

function collect(buffer: LogBuffer, from: number, to: number, into: PagedEntry[]): void {
	for (let index = from; index < to; index++) {
		const entry = buffer.at(index);
		if (entry) {
			into.push(entry);
		}
	}
}
