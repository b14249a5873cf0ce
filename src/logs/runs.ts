import {Deque, firstIn} from './deque.ts';
import type {LogPage, PagedEntry} from './page.ts';
import type {LineClass} from './records.ts';
import type {LogSource, Span} from './source.ts';

/** Lines that follow each other on a page: those numbered `from` up to `to` in their log. */
interface Run {
	readonly page: LogPage;
	from: number;
	to: number;
	/** The number of the first of them in the sequence. */
	start: number;
}

/** Which of the lines `from` up to `to` on a page are kept: those in the span. */
type Kept = (page: LogPage, from: number, to: number) => Span;

/**
 * A numbered sequence of lines of one log or of several, as runs: what one of them wrote while the others were silent
 * costs next to nothing. It grows and shrinks at both ends, and a line keeps its number; of one log's it can be the number
 * that it has there.
 */
export class LineRuns {
	#runs = new Deque<Run>();
	#first = 0;
	#end = 0;
	/** The run that was read last: who reads goes on with the next line. */
	#near = 0;

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
		const run = this.#runOf(index);
		return run?.page.entry(run.from + index - run.start);
	}

	/** The page that a line is on. */
	pageOf(index: number): LogPage | undefined {
		return this.#runOf(index)?.page;
	}

	orderOf(index: number): number | undefined {
		const run = this.#runOf(index);
		return run?.page.orderOf(placeOf(run, index));
	}

	/** A line that is seen to be another part of a record. */
	reclassify(index: number, lineClass: LineClass): void {
		const run = this.#runOf(index);
		run?.page.reclassify(placeOf(run, index), lineClass);
	}

	push({page, index}: PagedEntry): void {
		this.pushRun(page, index, index + 1);
	}

	/** Lines of a page, by their numbers in their log. */
	pushRun(page: LogPage, from: number, to: number): void {
		const last = this.#runs.at(this.#runs.end - 1);
		if (last?.page === page && last.to === from) {
			last.to = to;
		} else {
			this.#runs.push({page, from, to, start: this.#end});
		}

		this.#end += to - from;
	}

	unshift({page, index}: PagedEntry): void {
		this.#unshiftRun(page, index, index + 1);
	}

	/** Takes the first line away. Gives its bytes. */
	shift(): number {
		const run = this.#runs.at(this.#runs.first);
		if (!run) {
			return 0;
		}

		const cost = run.page.costOf(run.from - run.page.first);
		this.#shiftFrom(run, run.from + 1);
		return cost;
	}

	/** Takes the last line away. Gives its bytes. */
	pop(): number {
		const run = this.#runs.at(this.#runs.end - 1);
		if (!run) {
			return 0;
		}

		run.to--;
		this.#end--;
		if (run.from === run.to) {
			this.#runs.pop();
		}

		return run.page.costOf(run.to - run.page.first);
	}

	/** Empties it; the next line has the number `index`. */
	clear(index: number): void {
		this.#runs.clear(0);
		this.#first = index;
		this.#end = index;
	}

	/** Takes away the lines at the start that are not kept. Gives how many. */
	trim(kept: Kept): number {
		const before = this.#first;
		for (let run = this.#runs.at(this.#runs.first); run; run = this.#runs.at(this.#runs.first)) {
			const span = kept(run.page, run.from, run.to);
			const isEmpty = span.from >= span.to;
			this.#shiftFrom(run, isEmpty ? run.to : span.from);
			if (!isEmpty) {
				break;
			}
		}

		return this.#first - before;
	}

	/**
	 * Takes away every line that is not kept; those before it move up, so that the ones after the last that goes keep their
	 * numbers. Gives the number of the first of these.
	 */
	retain(kept: Kept): number {
		const runs = this.#runs;
		let unmoved = this.#first;
		this.#runs = new Deque();
		this.#first = this.#end;
		for (let place = runs.end - 1; place >= runs.first; place--) {
			const run = runs.at(place);
			if (!run) {
				continue;
			}

			const {from, to} = kept(run.page, run.from, run.to);
			const gone = from >= to || to < run.to ? run.to : from;
			if (gone > run.from) {
				unmoved = Math.max(unmoved, run.start + gone - run.from);
			}

			if (from < to) {
				this.#unshiftRun(run.page, from, to);
			}
		}

		return unmoved;
	}

	/**
	 * The pages that lines from `from` up to `to` are on, with the numbers of those lines in their log, and what is to be
	 * added to these for their numbers here.
	 */
	each(
		from: number,
		to: number,
		read: (page: LogPage, from: number, to: number, behind: number) => void,
	): void {
		for (let index = from; index < to;) {
			const run = this.#runOf(index);
			if (!run) {
				return;
			}

			const behind = run.start - run.from;
			const end = Math.min(to, run.to + behind);
			read(run.page, index - behind, end - behind, behind);
			index = end;
		}
	}

	/** As LogSource has it. */
	scan(...[from, to, isWanted, read]: Parameters<NonNullable<LogSource['scan']>>): void {
		this.each(from, to, (page, first, end, behind) =>
			page.scan(first, end, isWanted, (entry) => read(entry, entry.index + behind)),
		);
	}

	/** The number of the first line for which `is` holds, in a sequence where it holds for all after it; else `end`. */
	search(is: (entry: PagedEntry) => boolean): number {
		return firstIn(this, this.#first, is);
	}

	#unshiftRun(page: LogPage, from: number, to: number): void {
		this.#first -= to - from;
		const run = this.#runs.at(this.#runs.first);
		if (run?.page === page && run.from === to) {
			run.from = from;
			run.start = this.#first;
		} else {
			this.#runs.unshift({page, from, to, start: this.#first});
		}
	}

	/** Takes away the lines before `from` of the first run. */
	#shiftFrom(run: Run, from: number): void {
		this.#first += from - run.from;
		run.from = from;
		run.start = this.#first;
		if (run.from === run.to) {
			this.#runs.shift();
		}
	}

	#runOf(index: number): Run | undefined {
		if (index < this.#first || index >= this.#end) {
			return undefined;
		}

		const near = this.#runs.at(this.#near);
		if (!near || index < near.start || index >= near.start + near.to - near.from) {
			this.#near = this.#runs.search(({start}) => start > index) - 1;
		}

		return this.#runs.at(this.#near);
	}
}

/** The place of a line on its page. */
function placeOf({page, from, start}: Run, index: number): number {
	return from + index - start - page.first;
}
