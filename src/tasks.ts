/**
 * Keeps one running task for each key that is wanted: starts what is missing, aborts what is wanted no more. A task that
 * ends by itself is forgotten, and started again when it is wanted under a new key.
 */
export class Tasks {
	readonly #running = new Map<string, AbortController>();

	/** `run` must end when its signal aborts; it must not throw. */
	sync(wanted: ReadonlyMap<string, (signal: AbortSignal) => Promise<void>>): void {
		for (const [key, controller] of this.#running) {
			if (!wanted.has(key)) {
				this.#running.delete(key);
				controller.abort();
			}
		}

		for (const [key, run] of wanted) {
			if (!this.#running.has(key)) {
				const controller = new AbortController();
				this.#running.set(key, controller);
				void run(controller.signal);
			}
		}
	}

	stop(): void {
		this.sync(new Map());
	}
}
