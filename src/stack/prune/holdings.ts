import {pruneKey, type Holding, type PruneFacts} from '../prune.ts';

/** A holder that is no item of any plan: what it shares never goes. */
const elsewhere = 'elsewhere';

/**
 * What images and build cache take on disk, by who holds it. A layer is stored once, however many images have it, and
 * the build cache keeps the layers of an image that was built here. The engine does not say which cache record is which
 * layer, but both report the layer's bytes: the records it calls shared are matched by size.
 */
export function holdings(facts: PruneFacts): readonly Holding[] {
	const layers = new Map<string, {size: number; holders: string[]}>();
	const others: {size: number; holders: string[]}[] = [];
	// With the layers of some only, a layer that another image shares would look as if one image alone held it.
	const known = facts.images.every((image) => image.layers !== undefined);
	for (const image of facts.images) {
		const key = pruneKey('image', image.id);
		if (known) {
			for (const {id, size} of image.layers ?? []) {
				const layer = layers.get(id) ?? {size, holders: []};
				layer.holders.push(key);
				layers.set(id, layer);
			}
		} else if (image.unique !== undefined) {
			others.push(
				{size: image.unique, holders: [key]},
				{size: image.total - image.unique, holders: [key, elsewhere]},
			);
		}
	}

	const free = new Set(layers.values());
	for (const record of facts.buildCache ?? []) {
		const key = pruneKey('buildCache', record.id);
		const layer = record.shared ? closest(free, record.size) : undefined;
		if (layer) {
			layer.holders.push(key);
			free.delete(layer);
		} else {
			others.push({size: record.size, holders: record.shared ? [key, elsewhere] : [key]});
		}
	}

	return merged([...layers.values(), ...others]);
}

/** The layer that a record of this size is. In the containerd image store a layer's bytes are known nearly only. */
function closest<Layer extends {readonly size: number}>(
	layers: ReadonlySet<Layer>,
	size: number,
): Layer | undefined {
	let best: Layer | undefined;
	for (const layer of layers) {
		const distance = Math.abs(layer.size - size);
		if (distance <= size / 200 && (best === undefined || distance < Math.abs(best.size - size))) {
			best = layer;
		}
	}

	return best;
}

/** One entry for each set of holders. */
function merged(parts: readonly Holding[]): readonly Holding[] {
	const sums = new Map<string, {size: number; holders: readonly string[]}>();
	for (const {size, holders} of parts) {
		if (size <= 0) {
			continue;
		}

		const sorted = [...new Set(holders)].sort();
		const id = sorted.join('\n');
		const sum = sums.get(id);
		if (sum) {
			sum.size += size;
		} else {
			sums.set(id, {size, holders: sorted});
		}
	}

	return [...sums.values()];
}

/** Bytes that go when exactly these keys go. */
export function heldBytes(all: readonly Holding[], keys: ReadonlySet<string>): number {
	let sum = 0;
	for (const {size, holders} of all) {
		if (holders.every((holder) => keys.has(holder))) {
			sum += size;
		}
	}

	return sum;
}
