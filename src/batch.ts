/**
 * Collects items and hands them on together: the first at once when it was quiet, the rest at most every `interval` ms.
 * What comes in a flood costs a frame per interval, what comes alone costs no delay.
 */
export class Batch<Item> {
	readonly #interval: number;
	readonly #hand: (items: readonly Item[]) => void;
	#items: Item[] = [];
	#timer: NodeJS.Timeout | undefined;

	/** `interval` in ms. */
	constructor(interval: number, hand: (items: readonly Item[]) => void) {
		this.#interval = interval;
		this.#hand = hand;
	}

	add(item: Item): void {
		this.#items.push(item);
		if (!this.#timer) {
			this.#handOn();
		}
	}

	/** Hands on what is left, now. */
	flush(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		if (this.#items.length > 0) {
			this.#handOn();
			clearTimeout(this.#timer);
			this.#timer = undefined;
		}
	}

	/** Drops what is left. */
	stop(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#items = [];
	}

	#handOn(): void {
		const items = this.#items;
		this.#items = [];
		this.#timer = setTimeout(() => {
			this.#timer = undefined;
			if (this.#items.length > 0) {
				this.#handOn();
			}
		}, this.#interval);
		this.#hand(items);
	}
}
