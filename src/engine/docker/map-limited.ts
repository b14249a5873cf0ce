/** Does `work` for every item, at most `limit` of them at a time. Rejects with the first error, and starts no more. */
export async function mapLimited<Item>(
	items: readonly Item[],
	limit: number,
	work: (item: Item) => Promise<void>,
): Promise<void> {
	const rest = items.values();
	let failed = false;
	const worker = async (): Promise<void> => {
		// One iterator for all workers: each takes the next item.
		for (const item of rest) {
			if (failed) {
				return;
			}

			try {
				await work(item);
			} catch (error) {
				failed = true;
				throw error;
			}
		}
	};
	await Promise.all(Array.from({length: Math.min(limit, items.length)}, async () => worker()));
}
