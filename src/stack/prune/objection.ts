import {pruneKey, type PruneFacts, type PruneItem, type PruneKind} from '../prune.ts';
import {mark} from './mark.ts';

/** What a mark that differs means, by kind. */
const changes: Readonly<Record<Exclude<PruneKind, 'buildCache'>, (now: string) => string>> = {
	container: (now) => `it is ${now} now`,
	image: (now) => (now === '' ? 'it has lost its name' : `its names are other ones now: ${now}`),
	volume: () => 'it is another volume: one of this name was made since',
	network: (now) => `its name is ${now} now`,
};

/**
 * Why an object that was chosen must stay after all, read off what the engine says just before it would go.
 * `gone`: there is nothing left to remove. `undefined`: it is as it was shown, and nothing uses it.
 */
export function objection(item: PruneItem, now: PruneFacts): string | undefined {
	// A record's id is never used again, and BuildKit itself leaves one alone that a build uses.
	if (item.kind === 'buildCache') {
		return undefined;
	}

	const found = present(now).find(({key}) => key === item.key);
	if (found === undefined) {
		return 'gone';
	}

	if (found.mark !== item.mark) {
		return changes[item.kind](found.mark);
	}

	const user = now.containers.find(
		({imageId, volumes, networks}) =>
			(item.kind === 'image' && imageId === item.id) ||
			(item.kind === 'volume' && volumes.includes(item.id)) ||
			(item.kind === 'network' && networks.includes(item.id)),
	);
	return user && `${user.name} uses it`;
}

function present(facts: PruneFacts): ReadonlyArray<{readonly key: string; readonly mark: string}> {
	return [
		...facts.containers.map((one) => ({key: pruneKey('container', one.id), mark: mark.container(one)})),
		...facts.images.map((one) => ({key: pruneKey('image', one.id), mark: mark.image(one)})),
		...facts.volumes.map((one) => ({key: pruneKey('volume', one.name), mark: mark.volume(one)})),
		...facts.networks.map((one) => ({key: pruneKey('network', one.id), mark: mark.network(one)})),
	];
}
