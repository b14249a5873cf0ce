import {Deque} from './deque.ts';
import type {LogPage, PagedEntry} from './page.ts';
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
 * A numbered sequence of lines of several logs, as runs: what one of them wrote while the others were silent costs next
 * to nothing. It grows and shrinks at both ends.
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

	/** Takes the first line away. */
	shift(): void {
		const run = this.#runs.at(this.#runs.first);
		if (run) {
			this.#shiftFrom(run, run.from + 1);
		}
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

	/** Takes the last line away. */
	pop(): void {
		const run = this.#runs.at(this.#runs.end - 1);
		if (!run) {
			return;
		}

		run.to--;
		this.#end--;
		if (run.from === run.to) {
			this.#runs.pop();
		}
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

	/** As LogSource has it. */
	scan(...[from, to, isWanted, read]: Parameters<NonNullable<LogSource['scan']>>): void {
		for (let index = from; index < to;) {
			const run = this.#runOf(index);
			if (!run) {
				return;
			}

			const behind = run.start - run.from;
			const end = Math.min(to, run.to + behind);
			run.page.scan(index - behind, end - behind, isWanted, (entry) => read(entry, entry.index + behind));
			index = end;
		}
	}

	/** The number of the first line for which `is` holds, in a sequence where it holds for all after it; else `end`. */
	search(is: (entry: PagedEntry) => boolean): number {
		let [low, high] = [this.#first, this.#end];
		while (low < high) {
			const middle = low + Math.floor((high - low) / 2);
			const entry = this.at(middle);
			if (entry && is(entry)) {
				high = middle;
			} else {
				low = middle + 1;
			}
		}

		return low;
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
