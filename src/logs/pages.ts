import {Deque} from './deque.ts';
import type {LogPage, PagedEntry} from './page.ts';
import type {LineClass} from './records.ts';

/** A page, and the first of its lines that is in the window: lines before it may have found no room, or have gone. */
interface Part {
	readonly page: LogPage;
	from: number;
}

/**
 * A window on the numbered lines of a log that is held as pages: it grows and shrinks at both ends, and a line keeps its
 * number.
 */
export class LogPages {
	readonly #parts = new Deque<Part>();
	#first = 0;
	#end = 0;
	/** The part that was read last: who reads goes on with the next line. */
	#near = 0;

	/** The number of the first line. */
	get first(): number {
		return this.#first;
	}

	/** The number that the next line gets. */
	get end(): number {
		return this.#end;
	}

	get length(): number {
		return this.#end - this.#first;
	}

	at(index: number): PagedEntry | undefined {
		return this.pageOf(index)?.entry(index);
	}

	/** The page that a line is on. */
	pageOf(index: number): LogPage | undefined {
		if (!this.#isIn(this.#near, index)) {
			this.#near = this.#parts.search(({from}) => from > index) - 1;
		}

		return this.#isIn(this.#near, index) ? this.#parts.at(this.#near)?.page : undefined;
	}

	/** As LogSource has it. */
	scan(
		from: number,
		to: number,
		isWanted: (lineClass: LineClass) => boolean,
		read: (entry: PagedEntry, index: number) => void,
	): void {
		this.each(from, to, (page, first, end) => page.scan(first, end, isWanted, read));
	}

	/** The pages that lines are on, with the numbers of those lines; `from` and `to` are numbers of lines that are there. */
	each(from: number, to: number, read: (page: LogPage, from: number, to: number) => void): void {
		for (let index = from; index < to;) {
			const page = this.pageOf(index);
			const end = Math.min(to, this.#endOf(this.#near));
			if (!page) {
				return;
			}

			read(page, index, end);
			index = end;
		}
	}

	orderOf(index: number): number | undefined {
		const page = this.pageOf(index);
		return page?.orderOf(index - page.first);
	}

	/** A line that is seen to be another part of a record. */
	reclassify(index: number, lineClass: LineClass): void {
		const page = this.pageOf(index);
		page?.reclassify(index - page.first, lineClass);
	}

	/** The line has the number `end`. */
	push({page}: PagedEntry): void {
		if (this.#parts.at(this.#parts.end - 1)?.page !== page) {
			this.#parts.push({page, from: this.#end});
		}

		this.#end++;
	}

	/** The line has the number before `first`. */
	unshift({page}: PagedEntry): void {
		this.#first--;
		const part = this.#parts.at(this.#parts.first);
		if (part?.page === page) {
			part.from = this.#first;
		} else {
			this.#parts.unshift({page, from: this.#first});
		}
	}

	/** Takes the first line away. Gives its bytes. */
	shift(): number {
		const part = this.#parts.at(this.#parts.first);
		if (!part) {
			return 0;
		}

		const cost = part.page.costOf(this.#first - part.page.first);
		this.#first++;
		part.from = this.#first;
		if (part.from === this.#endOf(this.#parts.first)) {
			this.#parts.shift();
		}

		return cost;
	}

	/** Takes the last line away. Gives its bytes. */
	pop(): number {
		const part = this.#parts.at(this.#parts.end - 1);
		if (!part) {
			return 0;
		}

		this.#end--;
		if (part.from === this.#end) {
			this.#parts.pop();
		}

		return part.page.costOf(this.#end - part.page.first);
	}

	/** Empties it; the next line has the number `index`. */
	clear(index: number): void {
		this.#parts.clear(0);
		this.#first = index;
		this.#end = index;
	}

	#isIn(place: number, index: number): boolean {
		const from = this.#parts.at(place)?.from;
		return from !== undefined && from <= index && index < this.#endOf(place);
	}

	/** Where the lines of a part end. */
	#endOf(place: number): number {
		return this.#parts.at(place + 1)?.from ?? this.#end;
	}
}
