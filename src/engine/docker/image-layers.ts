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
	total: number,
): readonly LayerFacts[] {
	const sizes = sizesOf(diffIds.length, history);
	const sum = sizes.reduce((all, size) => all + size, 0);
	// The containerd image store also keeps each layer as it was pulled, compressed; that goes with the layer.
	const scale = sum > 0 && total > sum ? total / sum : 1;
	let chain = '';
	return diffIds.map((diffId, index) => {
		chain =
			chain === '' ? diffId : `sha256:${createHash('sha256').update(`${chain} ${diffId}`).digest('hex')}`;
		return {id: chain, size: (sizes[index] ?? 0) * scale};
	});
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
