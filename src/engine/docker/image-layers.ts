import {createHash} from 'node:crypto';
import type {LayerFacts} from '../../stack/prune.ts';

/** A step of an image's history, the oldest first. */
export interface HistoryEntry {
	readonly size: number;
	readonly createdBy: string;
}

/** Instructions that change the image's settings only and make no layer. */
const settings =
	/^(?:\/bin\/sh -c #\(nop\) +)?(?:ARG|CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|SHELL|STOPSIGNAL|USER|VOLUME)\b/;

/**
 * An image's layers from the bottom up, with their sizes. The API tells the layers' digests without sizes, and the
 * history's sizes without saying which steps made a layer: a step with a size did, a setting did not, and of the
 * empty ones in between as many did as layers are left over.
 *
 * A layer's id is its chain id: the same content on top of other layers is stored apart.
 * https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid
 */
export function layersOf(
	diffIds: readonly string[],
	history: readonly HistoryEntry[],
): readonly LayerFacts[] {
	const sizes = sizesOf(diffIds.length, history);
	let chain = '';
	return diffIds.map((diffId, index) => {
		chain =
			chain === '' ? diffId : `sha256:${createHash('sha256').update(`${chain} ${diffId}`).digest('hex')}`;
		return {id: chain, size: sizes[index] ?? 0};
	});
}

/** An image, with its layers as they are unpacked, and the bytes of all that it takes. */
export interface LayeredImage {
	readonly total: number;
	readonly layers: readonly LayerFacts[];
}

/**
 * The images' layers with everything that they take. The containerd image store keeps each layer twice, unpacked and as
 * it was pulled; only an image's sum tells of the second. It is shared out among the layers of which it is not yet
 * known, those of small images first: a base image tells it of the layers that others build on.
 */
export function withPackedLayers(images: readonly LayeredImage[]): ReadonlyMap<string, number> {
	const sizes = new Map<string, number>();
	for (const {total, layers} of images.toSorted((a, b) => a.layers.length - b.layers.length)) {
		const fresh = layers.filter(({id}) => !sizes.has(id));
		const unpacked = fresh.reduce((sum, {size}) => sum + size, 0);
		const known = layers.reduce((sum, {id}) => sum + (sizes.get(id) ?? 0), 0);
		const scale = unpacked > 0 ? Math.max(1, (total - known) / unpacked) : 1;
		for (const {id, size} of fresh) {
			sizes.set(id, Math.round(size * scale));
		}
	}

	return sizes;
}

/** As many sizes as there are layers. */
function sizesOf(layers: number, history: readonly HistoryEntry[]): readonly number[] {
	let spare = layers - history.filter(({size}) => size > 0).length;
	const made = history.filter(({size, createdBy}) => {
		if (size > 0) {
			return true;
		}

		const isLayer = spare > 0 && !settings.test(createdBy);
		spare -= isLayer ? 1 : 0;
		return isLayer;
	});
	const sizes = made.map(({size}) => size);
	if (sizes.length <= layers) {
		return sizes;
	}

	// More steps than layers: the image was squashed, and all of it is in the last layer.
	const sum = sizes.reduce((all, size) => all + size, 0);
	return Array.from({length: layers}, (_, index) => (index === layers - 1 ? sum : 0));
}
