import {existsSync, watch, type FSWatcher} from 'node:fs';
import {dirname} from 'node:path';

/** Something to wait for again and again without missing anything in between. */
export interface Bell {
	readonly ring: () => void;
	/** Settles at the next ring from now on. Never rejects. */
	readonly next: () => Promise<void>;
}

export function makeBell(): Bell {
	let pending = Promise.withResolvers<void>();
	return {
		ring() {
			pending.resolve();
			pending = Promise.withResolvers();
		},
		async next() {
			return pending.promise;
		},
	};
}

/**
 * Rings when something changes in a folder; as long as the folder does not exist, when something changes in the nearest
 * one that does. The kernel tells; nothing is polled. A folder that may not be watched never rings.
 */
export function watchFolder(folder: string, bell: Bell, signal: AbortSignal): void {
	let existing = folder;
	while (!existsSync(existing) && dirname(existing) !== existing) {
		existing = dirname(existing);
	}

	if (signal.aborted) {
		return;
	}

	let watcher: FSWatcher;
	try {
		watcher = watch(existing, {persistent: true});
	} catch {
		return;
	}

	const again = (): void => {
		signal.removeEventListener('abort', close);
		watcher.close();
		watchFolder(folder, bell, signal);
	};
	const close = (): void => {
		watcher.close();
	};
	signal.addEventListener('abort', close, {once: true});
	watcher.on('error', close);
	watcher.on('change', () => {
		bell.ring();
		// Nearer to the folder, or away from one that was removed.
		if (existing !== folder || !existsSync(folder)) {
			again();
		}
	});
}

/** A queue between callbacks and a reader. */
export interface Channel<T> extends AsyncIterable<T> {
	push(value: T): void;
	/** Ends the reader once it has read everything; with an error it throws that. */
	end(error?: unknown): void;
}

export function makeChannel<T>(): Channel<T> {
	const queue: T[] = [];
	const bell = makeBell();
	let ended: {readonly error: unknown} | undefined;
	return {
		push(value) {
			if (!ended) {
				queue.push(value);
				bell.ring();
			}
		},
		end(error) {
			ended ??= {error};
			bell.ring();
		},
		async *[Symbol.asyncIterator]() {
			for (;;) {
				const change = bell.next();
				const value = queue.shift();
				if (value !== undefined) {
					yield value;
				} else if (ended) {
					if (ended.error !== undefined) {
						throw ended.error;
					}

					return;
				} else {
					await change;
				}
			}
		},
	};
}
