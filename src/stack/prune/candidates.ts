import {
	pruneKey,
	type CacheFacts,
	type ContainerFacts,
	type ImageFacts,
	type NetworkFacts,
	type PruneFacts,
	type PruneGroupName,
	type PruneItem,
	type VolumeFacts,
} from '../prune.ts';
import {mark} from './mark.ts';
import {familiarReference} from './reference.ts';
import {usage, type PlanContext} from './usage.ts';

/** An object that the plan may list. */
export interface Candidate {
	readonly group: PruneGroupName;
	readonly item: Omit<PruneItem, 'size'>;
	/** As the engine says it. */
	readonly size: number | undefined;
	/** Belongs to the stack: listed even while it is in use, so that one sees why it stays. */
	readonly own: boolean;
}

/** Every object within the plan's scope, with its group, what stands against it, and whether it is chosen at first. */
export function candidatesOf(facts: PruneFacts, context: PlanContext): readonly Candidate[] {
	return [
		...facts.containers.flatMap((container) => containerCandidate(container, context)),
		...facts.images.flatMap((image) => imageCandidate(image, context)),
		...facts.volumes.flatMap((volume) => volumeCandidate(volume, context)),
		...facts.networks.flatMap((network) => networkCandidate(network, context)),
		...(facts.buildCache ?? []).map((record) => cacheCandidate(record, context)),
	];
}

function containerCandidate(container: ContainerFacts, context: PlanContext): readonly Candidate[] {
	const own = context.isOwn(container.project);
	if (!context.canGo(container)) {
		return [];
	}

	const {services} = context.stack;
	const leftOver =
		container.oneOff ||
		container.status === 'dead' ||
		(services.length > 0 && !services.some(({name}) => name === container.service));
	return [
		{
			group: 'stopped-containers',
			own,
			size: container.size,
			item: {
				...common('container', container.id, container.name, container.project),
				createdAt: container.createdAt,
				usedBy: [],
				requires: [],
				preselected: own && leftOver,
				mark: mark.container(container),
			},
		},
	];
}

function imageCandidate(image: ImageFacts, context: PlanContext): readonly Candidate[] {
	const users = context.ofImage(image.id);
	const own =
		context.isOwn(image.project) ||
		image.tags.some((tag) => context.references.has(familiarReference(tag))) ||
		image.digests.some((digest) => context.references.has(familiarReference(digest))) ||
		users.some(({project}) => context.isOwn(project));
	if (!own && context.scope === 'stack') {
		return [];
	}

	const dangling = image.tags.length === 0 && image.digests.length === 0;
	const used = usage(users, context);
	const project = image.project ?? (own ? context.stack.project : undefined);
	return [
		{
			group: dangling ? 'dangling-images' : own ? 'stack-images' : 'unused-images',
			own,
			size: image.unique,
			item: {
				...common('image', image.id, imageName(image), project),
				createdAt: image.createdAt,
				...used,
				preselected: dangling && users.length === 0,
				mark: mark.image(image),
			},
		},
	];
}

/** The tags, else the digests, else the start of the id, as docker shows it. */
function imageName({tags, digests, id}: ImageFacts): string {
	const names = tags.length > 0 ? tags : digests;
	return names.length > 0 ? names.join(', ') : id.replace(/^sha256:/, '').slice(0, 12);
}

function volumeCandidate(volume: VolumeFacts, context: PlanContext): readonly Candidate[] {
	const users = context.ofVolume(volume.name);
	const own =
		context.isOwn(volume.project) ||
		(volume.anonymous && volume.project === undefined && users.some(({project}) => context.isOwn(project)));
	if (!own && context.scope === 'stack') {
		return [];
	}

	const project = volume.project ?? (own ? context.stack.project : undefined);
	return [
		{
			group: volume.anonymous ? 'anonymous-volumes' : own ? 'stack-volumes' : 'unused-volumes',
			own,
			size: volume.size,
			item: {
				...common('volume', volume.name, volume.name, project),
				createdAt: Date.parse(volume.createdAt),
				...usage(users, context),
				...(volume.holds !== undefined && {holds: volume.holds}),
				preselected: false,
				mark: mark.volume(volume),
			},
		},
	];
}

function networkCandidate(network: NetworkFacts, context: PlanContext): readonly Candidate[] {
	const own = context.isOwn(network.project);
	if (!own && context.scope === 'stack') {
		return [];
	}

	const users = context.ofNetwork(network.id);
	return [
		{
			group: 'networks',
			own,
			size: 0,
			item: {
				...common('network', network.id, network.name, network.project),
				createdAt: network.createdAt,
				...usage(users, context),
				// One that compose did not make may be `external` to a compose file, and then nothing makes it again.
				preselected: network.project !== undefined && users.length === 0,
				mark: mark.network(network),
			},
		},
	];
}

function cacheCandidate(record: CacheFacts, context: PlanContext): Candidate {
	return {
		group: 'build-cache',
		own: false,
		size: record.size,
		item: {
			...common('buildCache', record.id, record.description || record.type, undefined),
			createdAt: record.lastUsedAt ?? record.createdAt,
			usedBy: [],
			requires: [],
			...(record.inUse && {blocked: 'a build uses it now'}),
			preselected: context.scope === 'engine' && !record.shared && !record.inUse,
			mark: mark.buildCache(record),
		},
	};
}

function common(
	kind: PruneItem['kind'],
	id: string,
	name: string,
	project: string | undefined,
): Pick<PruneItem, 'key' | 'kind' | 'id' | 'name' | 'project'> {
	return {key: pruneKey(kind, id), kind, id, name, ...(project !== undefined && {project})};
}
