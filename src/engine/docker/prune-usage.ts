import {Failure} from '../../failure.ts';
import type {ImageFacts, LayerFacts, PruneFacts} from '../../stack/prune.ts';
import {mapLimited} from './map-limited.ts';
import {arrayIn, numberIn, recordIn, stringIn} from '../json.ts';
import {layersOf, withPackedLayers, type HistoryEntry, type LayeredImage} from './image-layers.ts';
import {cacheFacts} from './prune-facts.ts';
import type {Requests} from './requests.ts';

/** What a slow answer adds to the facts. */
export type Refinement = (facts: PruneFacts) => PruneFacts;

/** The kinds that `/system/df` computes separately since API 1.42; an older engine computes all of them at once. */
export const usageTypes = [
	{type: 'build-cache', what: 'The build cache'},
	{type: 'image', what: 'Sizes of images'},
	{type: 'volume', what: 'Sizes of volumes'},
	{type: 'container', what: 'Sizes of containers'},
] as const;

/** What `/system/df` says; parts that were not asked for are empty. */
export async function readUsage(
	requests: Requests,
	type: (typeof usageTypes)[number]['type'] | undefined,
	signal: AbortSignal,
): Promise<Refinement> {
	const answer = await requests.json('GET', '/system/df', {...(type && {query: {type}}), signal});
	const images = sizesOf(arrayIn(answer, 'Images'), 'Id', (image) => {
		const total = numberIn(image, 'Size');
		const shared = numberIn(image, 'SharedSize');
		// -1 is "not computed".
		return total === undefined || shared === undefined || shared < 0 ? undefined : total - shared;
	});
	const volumes = sizesOf(arrayIn(answer, 'Volumes'), 'Name', (volume) =>
		numberIn(recordIn(volume, 'UsageData'), 'Size'),
	);
	const containers = sizesOf(
		arrayIn(answer, 'Containers'),
		'Id',
		// It is left out where it is zero.
		(container) => numberIn(container, 'SizeRw') ?? 0,
	);
	const cache = arrayIn(answer, 'BuildCache').flatMap((record) => cacheFacts(record));
	return (facts) => ({
		...facts,
		images: facts.images.map((image) => withSize(image, 'unique', images.get(image.id))),
		volumes: facts.volumes.map((volume) => withSize(volume, 'size', volumes.get(volume.name))),
		containers: facts.containers.map((one) => withSize(one, 'size', containers.get(one.id))),
		...((type === undefined || type === 'build-cache') && {buildCache: cache}),
	});
}

function sizesOf(
	rows: readonly unknown[],
	key: string,
	size: (row: unknown) => number | undefined,
): ReadonlyMap<string, number> {
	const sizes = new Map<string, number>();
	for (const row of rows) {
		const id = stringIn(row, key);
		const bytes = size(row);
		if (id !== undefined && bytes !== undefined && bytes >= 0) {
			sizes.set(id, bytes);
		}
	}

	return sizes;
}

function withSize<Facts extends object>(
	facts: Facts,
	field: 'unique' | 'size',
	bytes: number | undefined,
): Facts {
	return bytes === undefined ? facts : {...facts, [field]: bytes};
}

/** How many images are asked after at a time. */
const imagesAtOnce = 8;

/** The layers of every image: which ones they share, and so what is freed when some of them go. */
export async function readLayers(
	requests: Requests,
	images: readonly ImageFacts[],
	signal: AbortSignal,
): Promise<Refinement> {
	const layers = new Map<string, LayeredImage>();
	const gone = new Set<string>();
	await mapLimited(images, imagesAtOnce, async ({id, total}) => {
		try {
			const [image, history] = await Promise.all([
				requests.json('GET', `/images/${id}/json`, {signal}),
				requests.json('GET', `/images/${id}/history`, {signal}),
			]);
			const diffIds = arrayIn(recordIn(image, 'RootFS'), 'Layers').filter((one) => typeof one === 'string');
			layers.set(id, {total, layers: layersOf(diffIds, historyOf(history))});
		} catch (error) {
			if (!(error instanceof Failure && error.code === 'not-found')) {
				throw error;
			}

			gone.add(id);
		}
	});
	const sizes = withPackedLayers([...layers.values()]);
	return (facts) => ({
		...facts,
		images: facts.images
			.filter(({id}) => !gone.has(id))
			.map((image) => {
				const known = layers.get(image.id)?.layers;
				const packed = known?.map(({id, size}): LayerFacts => ({id, size: sizes.get(id) ?? size}));
				return packed === undefined ? image : Object.assign({}, image, {layers: packed});
			}),
	});
}

/** `/images/ID/history`, which tells the newest step first. */
function historyOf(value: unknown): readonly HistoryEntry[] {
	return (Array.isArray(value) ? value : [])
		.map((entry: unknown) => ({
			size: numberIn(entry, 'Size') ?? 0,
			createdBy: stringIn(entry, 'CreatedBy') ?? '',
		}))
		.toReversed();
}
