import type {LogLine, LogRequest} from '../stack/model.ts';
import {plainText} from '../narrow-text.ts';
import {cleanLine} from './clean.ts';
import {logName, type LogEntry} from './entry.ts';
import {LogPage, type PagedEntry, type PagedLog} from './page.ts';
import {classify} from './records.ts';
import {ReadLines, type Resumption} from './resume.ts';
import {LineRuns} from './runs.ts';
import {Changes, type LogSource, type Span} from './source.ts';

/** Microseconds within which the lines of a record stand at the place of its first. */
const recordTime = 1_000_000;

/** Lines after those read later that are looked at again, at most: what they belong to may be known only now. */
const longestRecord = 1000;

/** Lines in which the newest stamp is among the last; streams are not further apart than that. */
const enoughToResume = 100;

export interface LogBufferOptions {
	/** The service whose container's log it is. */
	readonly service?: string;
	/** The container's number within the service. */
	readonly number?: number;
	/** Lines held at most. */
	readonly lines?: number;
	/** Bytes held at most, counted as two a character and 200 a line. */
	readonly bytes?: number;
}

/**
 * The lines of one container's log that are in memory: a window on the log that the engine has. The newest lines are
 * held, bounded by lines and by bytes; older ones are read from the engine again when a reader gets to them
 * (history.ts).
 *
 * A line keeps its number for ever, also when it was dropped and read again. The first line that ever came is 0, older
 * ones are negative.
 *
 * A reader far back would be pushed out of the window by what arrives. So he holds the buffer (`hold`): then lines that
 * find no room are left out at the end instead, and older ones (`prepend`) push the newest out. In this way he can go
 * back to the log's beginning in memory that stays flat; `logEnd` counts on, so that the screen can say how much is
 * below. When he returns to the end (`release`), what was left out is read again and appended; or only the end of it,
 * where no line of before would keep its place.
 */
export class LogBuffer implements LogSource {
	readonly service: string;
	/** `logName`. */
	readonly log: string;
	readonly #mostLines: number;
	readonly #mostBytes: number;
	readonly #lines = new LineRuns();
	readonly #log: PagedLog;
	/** Takes the next line. */
	#page: LogPage;
	readonly #changes = new Changes();
	/** The last line of each stream. */
	#last: {[stream in LogLine['stream']]?: PagedEntry} = {};
	#bytes = 0;
	#version = 0;
	#lowest = 0;
	#held = false;
	#missing = 0;
	/** After a release: what is read again. */
	#resumption: Resumption | undefined;
	/** After a release: the number of the first line that comes, which takes the place of all that are held. */
	#restart: number | undefined;

	constructor({service = '', number = 1, lines = 50_000, bytes = 32 * 1024 * 1024}: LogBufferOptions = {}) {
		this.service = service;
		this.log = logName(service, number);
		this.#log = {service, log: this.log};
		this.#page = new LogPage(this.#log, 0);
		this.#mostLines = lines;
		this.#mostBytes = bytes;
	}

	get first(): number {
		return this.#lines.first;
	}

	get end(): number {
		return this.#lines.end;
	}

	/** Where the log ends as far as it was seen; the lines from `end` up to there were left out. */
	get logEnd(): number {
		return this.end + this.#missing;
	}

	get version(): number {
		return this.#version;
	}

	/** How many lines were dropped at the start to make room, and not read again. */
	get dropped(): number {
		return this.first - this.#lowest;
	}

	/** Bytes held, as the limit counts them. */
	get bytes(): number {
		return this.#bytes;
	}

	get isHeld(): boolean {
		return this.#held;
	}

	at(index: number): PagedEntry | undefined {
		return this.#lines.at(index);
	}

	scan(...range: Parameters<LineRuns['scan']>): void {
		this.#lines.scan(...range);
	}

	/** The page that a line is on: as long as it is, it is the same line. */
	pageOf(index: number): LogPage | undefined {
		return this.#lines.pageOf(index);
	}

	/** The pages that lines from `from` up to `to` are on, with the numbers of those lines. */
	eachPage(...range: Parameters<LineRuns['each']>): void {
		this.#lines.each(...range);
	}

	kept(version: number): Span {
		return this.#changes.kept(version);
	}

	/** Lines that came, oldest first. Gives those that are new, clean, also when they found no room. */
	append(lines: readonly LogLine[]): ReadonlyArray<Pick<LogEntry, 'time' | 'text'>> {
		this.#startAgain();
		const fresh: Array<Pick<LogEntry, 'time' | 'text'>> = [];
		for (const line of lines) {
			if (!this.#resumption?.isKnown(line)) {
				fresh.push(this.#push(line, false));
			}
		}

		this.#version++;
		return fresh;
	}

	/**
	 * A line of mlstack's own, such as `exited (1)`. `time`: microseconds since 1970. Gives false when it found no room:
	 * the engine does not know it, so whoever reads what was left out has to append it again.
	 */
	appendRule(time: number, text: string): boolean {
		this.#startAgain();
		const {end} = this;
		// A traceback does not go on over a restart.
		this.#last = {};
		this.#push({time, stamp: '', stream: 'stdout', text}, true);
		this.#last = {};
		this.#version++;
		return this.end > end;
	}

	/**
	 * Older lines, oldest first, that stand right before `first` in the log. As many are taken, from the newest back, as
	 * find room; a held buffer makes room at its end. Gives their number.
	 */
	prepend(lines: readonly LogLine[]): number {
		const {first, end} = this;
		const older = this.#older(lines);
		for (const entry of older.toReversed()) {
			const {cost} = entry;
			while (this.#held && this.end > first && !this.#hasRoom(cost)) {
				this.#dropLast();
			}

			if (!this.#hasRoom(cost)) {
				break;
			}

			this.#lines.unshift(entry);
			this.#bytes += cost;
		}

		this.#lowest = Math.min(this.#lowest, this.first);
		this.#version++;
		this.#changes.add(this.#version, {
			from: this.#classifyAgain(first, older),
			...(this.end < end && {to: this.end}),
		});
		return first - this.first;
	}

	/** A reader is far back: from now on lines without room are left out at the end. */
	hold(): void {
		this.#held = true;
	}

	/**
	 * The reader is at the end again. When lines were left out, this gives where the log has to be read from: end the
	 * stream that fed the buffer, and append all of the new one; what is known is recognised.
	 */
	release(): Pick<LogRequest, 'since' | 'tail'> | undefined {
		const {logEnd} = this;
		const left = this.#missing;
		this.#held = false;
		this.#missing = 0;
		if (left === 0) {
			return undefined;
		}

		if (left >= this.#mostLines) {
			this.#restart = logEnd - this.#mostLines;
			return {tail: this.#mostLines};
		}

		const last = this.#lastLines();
		this.#last = {};
		for (const entry of last) {
			this.#last[entry.stream] = entry;
		}

		const read = new ReadLines();
		read.add(last);
		this.#resumption = read.resume();
		return read.stamp === undefined ? undefined : {since: read.stamp};
	}

	/** Forgets what is held, once there is something to show in its place. */
	#startAgain(): void {
		if (this.#restart === undefined) {
			return;
		}

		this.#lines.clear(this.#restart);
		this.#changes.add(this.#version + 1, {from: this.#restart});
		this.#bytes = 0;
		this.#last = {};
		this.#resumption = undefined;
		this.#restart = undefined;
	}

	/** The last lines that came from the log, oldest first. */
	#lastLines(): PagedEntry[] {
		const lines: PagedEntry[] = [];
		for (let index = this.end - 1; index >= this.first && lines.length < enoughToResume; index--) {
			const entry = this.at(index);
			if (entry && !entry.rule) {
				lines.push(entry);
			}
		}

		return lines.reverse();
	}

	#push(line: LogLine, rule: boolean): Pick<LogEntry, 'time' | 'text'> {
		if (this.#missing > 0) {
			this.#missing++;
			return {time: line.time, text: cleanText(line)};
		}

		const before = this.#lines.orderOf(this.end - 1) ?? Number.NEGATIVE_INFINITY;
		if (this.#page.isFull || this.#page.end !== this.end) {
			this.#page = new LogPage(this.#log, this.end);
		}

		const entry = entryOn(this.#page, line, {before, previous: this.#last[line.stream], rule});
		const {cost} = entry;
		if (this.#held && !this.#hasRoom(cost)) {
			this.#missing++;
			return entry;
		}

		this.#lines.push(entry);
		this.#last[line.stream] = entry;
		this.#bytes += cost;
		while (!this.#hasRoom(0) && this.#lines.length > 1) {
			this.#bytes -= this.#lines.shift();
		}

		return entry;
	}

	#dropLast(): void {
		this.#bytes -= this.#lines.pop();
		this.#missing++;
	}

	#hasRoom(cost: number): boolean {
		const lines = this.#lines.length + (cost > 0 ? 1 : 0);
		return lines <= this.#mostLines && this.#bytes + cost <= this.#mostBytes;
	}

	/** Entries for lines that stand before the first one. */
	#older(lines: readonly LogLine[]): PagedEntry[] {
		const {first} = this;
		const latest = this.#lines.orderOf(first) ?? Number.POSITIVE_INFINITY;
		const last: {[stream in LogLine['stream']]?: PagedEntry} = {};
		const entries: PagedEntry[] = [];
		let page = new LogPage(this.#log, first - lines.length);
		for (const line of lines) {
			page = page.isFull ? new LogPage(this.#log, page.end) : page;
			const entry = entryOn(page, line, {
				before: entries.at(-1)?.order ?? Number.NEGATIVE_INFINITY,
				latest,
				previous: last[line.stream],
				rule: false,
			});
			last[line.stream] = entry;
			entries.push(entry);
		}

		return entries;
	}

	/**
	 * The lines from `from` on may go on with a record whose beginning is known only now. Gives the number of the first
	 * line that stayed as it was.
	 */
	#classifyAgain(from: number, older: readonly PagedEntry[]): number {
		const previous = {
			stdout: older.findLast(({stream}) => stream === 'stdout'),
			stderr: older.findLast(({stream}) => stream === 'stderr'),
		};
		let unchanged = from;
		for (let index = from; index < Math.min(this.end, from + longestRecord); index++) {
			const entry = this.at(index);
			const above = entry && previous[entry.stream];
			if (!entry || !above || entry.rule) {
				continue;
			}

			const lineClass = classify(above.lineClass, entry.plain);
			if (lineClass === entry.lineClass) {
				previous[entry.stream] = undefined;
			} else {
				this.#lines.reclassify(index, lineClass);
				previous[entry.stream] = this.at(index);
				unchanged = index + 1;
			}
		}

		return unchanged;
	}
}

/** Where an entry stands among the others. */
interface Place {
	/** The order of the line before it, and of the line after it. */
	readonly before: number;
	readonly latest?: number;
	/** The line before it on the same stream. */
	readonly previous: PagedEntry | undefined;
	readonly rule: boolean;
}

function cleanText({text, printable}: LogLine): string {
	return printable ? text : cleanLine(text);
}

/** A line, cleaned, classified and put on the page. */
function entryOn(
	page: LogPage,
	line: LogLine,
	{previous, before, latest = Number.POSITIVE_INFINITY, rule}: Place,
): PagedEntry {
	const text = cleanText(line);
	const plain = line.printable ? text : plainText(text);
	const lineClass = classify(previous?.lineClass, plain);
	const withRecord = !lineClass.start && previous !== undefined && line.time - previous.order < recordTime;
	const order = Math.min(latest, Math.max(before, withRecord ? previous.order : line.time));
	return page.add(line, {text, plain, order, rule, lineClass});
}
