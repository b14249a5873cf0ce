/** Work that needs an engine until it has settled, even when the user leaves meanwhile: it cleans up after itself. */
export class HeldWork {
	readonly #work = new Set<Promise<unknown>>();

	add(work: Promise<unknown>): void {
		this.#work.add(work);
		void work.finally(() => this.#work.delete(work)).catch(() => undefined);
	}

	/** Settles when all work has. */
	async settled(): Promise<void> {
		await Promise.allSettled(this.#work);
	}

	/** Does something at once where there is no work, else once it has settled. */
	after(act: () => void): void {
		if (this.#work.size === 0) {
			act();
		} else {
			void this.settled().then(act);
		}
	}
}
