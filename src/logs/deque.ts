/** Slots of a new deque. */
const smallest = 64;

/**
 * A numbered sequence that grows and shrinks at both ends: an element keeps its number as long as it is there, whatever
 * comes or goes around it. Numbers may be negative. Every operation costs the same, however long it is.
 */
export class Deque<T> {
	#slots: Array<T | undefined> = Array.from({length: smallest});
	#first = 0;
	#end = 0;

	/** The number of the first element; where the next `unshift` is not yet. */
	get first(): number {
		return this.#first;
	}

	/** The number that the next `push` gets. */
	get end(): number {
		return this.#end;
	}

	get length(): number {
		return this.#end - this.#first;
	}

	at(index: number): T | undefined {
		return index >= this.#first && index < this.#end ? this.#slots[this.#slot(index)] : undefined;
	}

	push(value: T): void {
		this.#makeRoom();
		this.#slots[this.#slot(this.#end++)] = value;
	}

	unshift(value: T): void {
		this.#makeRoom();
		this.#slots[this.#slot(--this.#first)] = value;
	}

	/** Takes the first element away. */
	shift(): T | undefined {
		if (this.length === 0) {
			return undefined;
		}

		return this.#take(this.#first++);
	}

	/** Takes the last element away. */
	pop(): T | undefined {
		if (this.length === 0) {
			return undefined;
		}

		return this.#take(--this.#end);
	}

	/** Empties it; the next element pushed gets the number `index`. */
	clear(index: number): void {
		this.#slots = Array.from({length: smallest});
		this.#first = index;
		this.#end = index;
	}

	/** The number of the first element for which `is` holds, in a sequence where it holds for all after it; else `end`. */
	search(is: (value: T) => boolean): number {
		return firstIn(this, this.#first, is);
	}

	#take(index: number): T | undefined {
		const slot = this.#slot(index);
		const value = this.#slots[slot];
		this.#slots[slot] = undefined;
		return value;
	}

	/** The number of slots is a power of two, so that a number's last bits are its slot, also for negative ones. */
	#slot(index: number): number {
		return index & (this.#slots.length - 1);
	}

	#makeRoom(): void {
		if (this.length < this.#slots.length) {
			return;
		}

		const {length} = this.#slots;
		// A copy of the slots, emptied, at the end of them: of 32,768 Array.from and a spread take ten times as long.
		const slots = this.#slots.concat(this.#slots.slice().fill(undefined));
		for (let index = this.#first; index < this.#end; index++) {
			// One more bit of the number is its slot.
			if ((index & length) !== 0) {
				slots[index & (slots.length - 1)] = this.#slots[this.#slot(index)];
				slots[this.#slot(index)] = undefined;
			}
		}

		this.#slots = slots;
	}
}

/** The number of the first element from `from` on for which `is` holds, where it holds for all after it; else `end`. */
export function firstIn<T>(
	sequence: {readonly end: number; at(index: number): T | undefined},
	from: number,
	is: (value: T) => boolean,
): number {
	let low = from;
	let high = sequence.end;
	while (low < high) {
		const middle = low + Math.floor((high - low) / 2);
		const value = sequence.at(middle);
		if (value !== undefined && is(value)) {
			high = middle;
		} else {
			low = middle + 1;
		}
	}

	return low;
}
