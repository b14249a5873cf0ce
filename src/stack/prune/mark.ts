import type {CacheFacts, ContainerFacts, ImageFacts, NetworkFacts, VolumeFacts} from '../prune.ts';

/**
 * How an object is now, in a few words. The plan keeps the mark, and it is read again just before the object is removed:
 * where the two differ, it is not the object that was shown, or no longer as it was shown, and it stays.
 */
export const mark = {
	/** Started since, or about to go. */
	container: (facts: ContainerFacts): string => facts.status,
	/** Tagged or untagged since: another name may be somebody's only way to it. */
	image: (facts: ImageFacts): string => [...facts.tags, ...facts.digests].sort().join(' '),
	/** Removed and made anew under its name since. */
	volume: (facts: VolumeFacts): string => `${facts.createdAt} ${facts.driver} ${facts.project ?? ''}`.trim(),
	network: (facts: NetworkFacts): string => facts.name,
	buildCache: (facts: CacheFacts): string => `${facts.type} ${facts.createdAt}`,
} as const;
