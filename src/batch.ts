/**
 * Collects items and hands them on together: the first at once when it was quiet, the rest at most every `interval` ms.
 * What comes in a flood costs a frame per interval, what comes alone costs no delay.
 */
export class Batch<Item> {
	readonly #intervalAfter: (items: readonly Item[]) => number;
	readonly #hand: (items: readonly Item[]) => void;
	#items: Item[] = [];
	#timer: NodeJS.Timeout | undefined;
	#interval = 0;

	/** `interval` in ms; it may depend on the items that were handed on before it. */
	constructor(
		interval: number | ((items: readonly Item[]) => number),
		hand: (items: readonly Item[]) => void,
	) {
		this.#intervalAfter = typeof interval === 'number' ? () => interval : interval;
		this.#hand = hand;
	}

	/** The interval that began when items were last handed on, in ms. */
	get interval(): number {
		return this.#interval;
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

	/** Hands on what waits without waiting any longer; the interval begins anew. */
	hasten(): void {
		if (this.#items.length > 0) {
			clearTimeout(this.#timer);
			this.#handOn();
		}
	}

	/** What waits has been handed on in another way; the interval begins anew. */
	passOver(): void {
		if (this.#timer) {
			clearTimeout(this.#timer);
			this.#items = [];
			this.#wait();
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
		this.#interval = this.#intervalAfter(items);
		this.#wait();
		this.#hand(items);
	}

	#wait(): void {
		this.#timer = setTimeout(() => {
			this.#timer = undefined;
			if (this.#items.length > 0) {
				this.#handOn();
			}
		}, this.#interval);
	}
}
