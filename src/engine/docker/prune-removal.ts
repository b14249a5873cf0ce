import {Failure} from '../../failure.ts';
import type {PruneFacts, PruneItem} from '../../stack/prune.ts';
import {arrayIn} from '../json.ts';
import {containersIn, imageFacts, networkFacts, volumeFacts} from './prune-facts.ts';
import type {Requests} from './requests.ts';

const nothing: PruneFacts = {
	at: 0,
	containers: [],
	images: [],
	volumes: [],
	networks: [],
	notes: [],
	complete: true,
};

/** How one kind of object is looked at once more, and removed: by its id alone, never by a rule. */
interface Removal {
	/** The object as it is now, left out when it is gone. The containers are there in any case. */
	readonly look: (requests: Requests, item: PruneItem, signal: AbortSignal) => Promise<Partial<PruneFacts>>;
	/** `false`: the engine has not removed it, without saying why. Throws a Failure with its reason otherwise. */
	readonly remove: (requests: Requests, item: PruneItem, signal: AbortSignal) => Promise<boolean>;
}

/** https://docs.docker.com/reference/api/engine/version/v1.51/ */
export const removals: Readonly<Record<PruneItem['kind'], Removal>> = {
	container: {
		look: async () => ({}),
		// Without `force` a running one is refused, without `v` its anonymous volumes stay.
		remove: async (requests, {id}, signal) => removed(requests, `/containers/${id}`, signal),
	},
	network: {
		look: async (requests, {id}, signal) => ({
			networks: networkFacts(await found(requests, `/networks/${id}`, signal)),
		}),
		remove: async (requests, {id}, signal) => removed(requests, `/networks/${id}`, signal),
	},
	image: {
		look: async (requests, {id}, signal) => ({
			images: imageFacts(await found(requests, `/images/${id}/json`, signal)),
		}),
		remove: removeImage,
	},
	volume: {
		look: async (requests, {id}, signal) => ({
			volumes: volumeFacts(await found(requests, `/volumes/${encodeURIComponent(id)}`, signal)),
		}),
		remove: async (requests, {id}, signal) => removed(requests, `/volumes/${encodeURIComponent(id)}`, signal),
	},
	buildCache: {
		look: async () => ({}),
		// The only way to remove a record; the filter leaves one, and `all` lets it be one that an image shares.
		remove: async (requests, {id}, signal) => {
			const query = {all: true, filters: {id: [id]}};
			const answer = await requests.json('POST', '/build/prune', {query, signal});
			return arrayIn(answer, 'CachesDeleted').includes(id);
		},
	},
};

/** The engine's containers, and the object, as they are at this moment. */
export async function lookAgain(
	requests: Requests,
	item: PruneItem,
	signal: AbortSignal,
): Promise<PruneFacts> {
	const [containers, object] = await Promise.all([
		requests.json('GET', '/containers/json', {query: {all: true}, signal}),
		removals[item.kind].look(requests, item, signal),
	]);
	return {...nothing, containers: containersIn(containers, object.networks ?? []), ...object};
}

/**
 * The engine refuses to remove an image with several names by its id, and with `force` it would not mind a stopped
 * container either. So each name is removed, if it still is this image's; with the last one the image goes.
 */
async function removeImage(requests: Requests, item: PruneItem, signal: AbortSignal): Promise<boolean> {
	const [image] = imageFacts(await found(requests, `/images/${item.id}/json`, signal));
	const names = image === undefined || image.tags.length < 2 ? [item.id] : image.tags;
	for (const name of names) {
		const [named] = imageFacts(await found(requests, `/images/${name}/json`, signal));
		if (named?.id === item.id) {
			await removed(requests, `/images/${name}`, signal);
		}
	}

	return true;
}

/** What the engine says of an object; undefined when it is gone. */
async function found(requests: Requests, path: string, signal: AbortSignal): Promise<unknown> {
	try {
		return await requests.json('GET', path, {signal});
	} catch (error) {
		if (error instanceof Failure && error.code === 'not-found') {
			return undefined;
		}

		throw error;
	}
}

async function removed(requests: Requests, path: string, signal: AbortSignal): Promise<boolean> {
	await requests.json('DELETE', path, {signal});
	return true;
}
