import type {LogLine} from '../stack/model.ts';
import {plainText} from '../narrow-text.ts';
import type {LogEntry} from './entry.ts';
import type {Level} from './levels.ts';
import {classify, type LineClass} from './records.ts';

/** Lines of a page, and characters after which it is full as well: as long as one of its lines is held, all of it is. */
const pageLines = 256;
const pageCharacters = 256 * 1024;

const stderrBit = 1;
const ruleBit = 2;
const colouredBit = 4;

/** What a buffer adds to a line that came. */
export interface Placed {
	/** The line's text, clean. */
	readonly text: string;
	readonly plain: string;
	readonly order: number;
	readonly rule: boolean;
	readonly lineClass: LineClass;
}

/** The log that pages are of. */
export interface PagedLog extends Pick<LogEntry, 'service' | 'log'> {
	/** Its page that was read last, as a string: who searches reads one line after another. */
	lastRead?: {readonly page: LogPage; readonly text: string};
}

/** A character that Latin-1 does not have. */
const wide = /[^\u0000-\u00FF]/;

const plainClass = classify(undefined, '');

/**
 * Lines of one container's log that follow each other. V8's collector copies and marks every object that stays, and in
 * a flood every line stays for a while: as an entry with strings and numbers of its own it is six objects, and collecting
 * takes a third of the time, in which no key is answered. So a full page is a few arrays, and no object is left of a line
 * that nobody reads. Its characters are bytes as well: as one string they had to be copied twice, and left holes in which
 * the next strings found no place, so that memory went on growing.
 */
export class LogPage {
	readonly of: PagedLog;
	/** The number of its first line. */
	readonly first: number;
	#length = 0;
	/** Of each line the stamp, then the text; of a full page none. */
	#texts: string[] = [];
	/** The same of a full page, in one or two bytes a character. */
	#bytes: Buffer | undefined;
	#encoding: 'latin1' | 'utf16le' = 'latin1';
	/** It is known of all its lines. */
	#isPrintable = true;
	#characters = 0;
	/** After how many characters each of them ends. */
	readonly #ends = new Uint32Array(2 * pageLines);
	readonly #times = new Float64Array(pageLines);
	readonly #orders = new Float64Array(pageLines);
	readonly #bits = new Uint8Array(pageLines);
	/** What lines of the page are classified as: few, and of each line the place in here. */
	readonly #classes: LineClass[] = [];
	readonly #places = new Uint8Array(pageLines);

	constructor(of: PagedLog, first: number) {
		this.of = of;
		this.first = first;
	}

	/** The number of the line that is added next. */
	get end(): number {
		return this.first + this.#length;
	}

	get isFull(): boolean {
		return this.#length === pageLines || this.#characters >= pageCharacters;
	}

	/** Not for a full page. */
	add(
		{time, stamp, stream, printable = false}: LogLine,
		{text, plain, order, rule, lineClass}: Placed,
	): PagedEntry {
		const at = this.#length++;
		this.#times[at] = time;
		this.#orders[at] = order;
		this.#bits[at] =
			(stream === 'stderr' ? stderrBit : 0) |
			(rule ? ruleBit : 0) |
			(text.length === plain.length ? 0 : colouredBit);
		this.#ends[2 * at] = this.#characters + stamp.length;
		this.#characters += stamp.length + text.length;
		this.#ends[2 * at + 1] = this.#characters;
		this.#isPrintable &&= printable;
		this.reclassify(at, lineClass);
		this.#texts.push(stamp, text);
		if (this.isFull) {
			const characters = this.#texts.join('');
			this.#encoding = !this.#isPrintable && wide.test(characters) ? 'utf16le' : 'latin1';
			this.#bytes = Buffer.from(characters, this.#encoding);
			this.#texts = [];
		}

		return new PagedEntry(this, at, lineClass);
	}

	/** The line with a number, which is one of the page's. */
	entry(index: number): PagedEntry {
		const at = index - this.first;
		return new PagedEntry(this, at, this.#classes[this.#places[at] ?? 0] ?? plainClass);
	}

	/** Reads the lines from `from` up to `to` whose class is wanted, and every rule; no object is made for the others. */
	scan(
		from: number,
		to: number,
		isWanted: (lineClass: LineClass) => boolean,
		read: (entry: PagedEntry) => void,
	): void {
		const wanted = this.#classes.map((lineClass) => isWanted(lineClass));
		for (let at = from - this.first; at < to - this.first; at++) {
			if (wanted[this.#places[at] ?? 0] || this.has(at, ruleBit)) {
				read(this.entry(this.first + at));
			}
		}
	}

	/** A line is seen to be another part of a record. */
	reclassify(at: number, lineClass: LineClass): void {
		const place = this.#classes.indexOf(lineClass);
		this.#places[at] = place === -1 ? this.#classes.push(lineClass) - 1 : place;
	}

	timeOf(at: number): number {
		return this.#times[at] ?? 0;
	}

	orderOf(at: number): number {
		return this.#orders[at] ?? 0;
	}

	has(at: number, bit: number): boolean {
		return ((this.#bits[at] ?? 0) & bit) !== 0;
	}

	stampOf(at: number): string {
		return this.#textOf(2 * at);
	}

	textOf(at: number): string {
		return this.#textOf(2 * at + 1);
	}

	/** Bytes of a line, counted as two a character and 200 a line, which is more than it takes. */
	costOf(at: number): number {
		return 200 + 2 * ((this.#ends[2 * at + 1] ?? 0) - (this.#ends[2 * at] ?? 0));
	}

	#textOf(index: number): string {
		return this.#texts[index] ?? this.#all().slice(this.#ends[index - 1] ?? 0, this.#ends[index]);
	}

	/** Of a full page. */
	#all(): string {
		if (this.of.lastRead?.page !== this) {
			this.of.lastRead = {page: this, text: this.#bytes?.toString(this.#encoding) ?? ''};
		}

		return this.of.lastRead.text;
	}
}

/** A line on a page, made when somebody reads it. */
export class PagedEntry implements LogEntry {
	readonly page: LogPage;
	readonly lineClass: LineClass;
	readonly #at: number;

	constructor(page: LogPage, at: number, lineClass: LineClass) {
		this.page = page;
		this.lineClass = lineClass;
		this.#at = at;
	}

	get service(): string {
		return this.page.of.service;
	}

	get log(): string {
		return this.page.of.log;
	}

	get index(): number {
		return this.page.first + this.#at;
	}

	get time(): number {
		return this.page.timeOf(this.#at);
	}

	get order(): number {
		return this.page.orderOf(this.#at);
	}

	get stamp(): string {
		return this.page.stampOf(this.#at);
	}

	get stream(): LogLine['stream'] {
		return this.page.has(this.#at, stderrBit) ? 'stderr' : 'stdout';
	}

	get rule(): boolean {
		return this.page.has(this.#at, ruleBit);
	}

	get text(): string {
		return this.page.textOf(this.#at);
	}

	get plain(): string {
		const {text} = this;
		return this.page.has(this.#at, colouredBit) ? plainText(text) : text;
	}

	get level(): Level | undefined {
		return this.lineClass.level;
	}

	get noise(): boolean {
		return this.lineClass.noise;
	}

	get start(): boolean {
		return this.lineClass.start;
	}

	get part(): LineClass['part'] {
		return this.lineClass.part;
	}

	get cost(): number {
		return this.page.costOf(this.#at);
	}

	isSame(other: LogEntry | undefined): boolean {
		return (
			other instanceof PagedEntry &&
			this.page === other.page &&
			this.#at === other.#at &&
			this.lineClass === other.lineClass
		);
	}
}
