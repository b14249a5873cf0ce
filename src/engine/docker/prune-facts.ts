import type {
	CacheFacts,
	ContainerFacts,
	ImageFacts,
	NetworkFacts,
	PruneFacts,
	VolumeFacts,
} from '../../stack/prune.ts';
import {volumePlace} from '../../stack/prune/volume-place.ts';
import {arrayIn, isRecord, numberIn, recordIn, stringIn, stringsOf} from '../json.ts';
import type {Requests} from './requests.ts';

/** https://docs.docker.com/reference/compose-file/ sets these on whatever compose makes. */
const projectLabel = 'com.docker.compose.project';
const serviceLabel = 'com.docker.compose.service';
const oneOffLabel = 'com.docker.compose.oneoff';
const volumeLabel = 'com.docker.compose.volume';

/** Set since Engine 24 on volumes that were made for a container that named none. */
const anonymousLabel = 'com.docker.volume.anonymous';

/** On the containers that mlstack itself starts to look into volumes; they are no part of any plan. */
export const helperLabel = 'io.mlstack.helper';

/** Networks that the engine makes itself, and makes again. */
const ownNetworks: ReadonlySet<string> = new Set(['bridge', 'host', 'none', 'ingress', 'docker_gwbridge']);

/** Everything that the engine lists without computing: some 20 ms with 200 images and 200 volumes. */
export async function listObjects(
	requests: Requests,
	at: number,
	signal: AbortSignal,
): Promise<Pick<PruneFacts, 'at' | 'containers' | 'images' | 'volumes' | 'networks'>> {
	const [containers, images, volumes, networks] = await Promise.all([
		requests.json('GET', '/containers/json', {query: {all: true}, signal}),
		requests.json('GET', '/images/json', {signal}),
		requests.json('GET', '/volumes', {signal}),
		requests.json('GET', '/networks', {signal}),
	]);
	const knownNetworks = each(networks).flatMap((network) => networkFacts(network));
	return {
		at,
		containers: containersIn(containers, knownNetworks),
		images: each(images).flatMap((image) => imageFacts(image)),
		volumes: arrayIn(volumes, 'Volumes').flatMap((volume) => volumeFacts(volume)),
		networks: knownNetworks,
	};
}

/** The rows of `/containers/json`; `networks` name those that a container which never ran knows by name only. */
export function containersIn(value: unknown, networks: readonly NetworkFacts[]): readonly ContainerFacts[] {
	return each(value).flatMap((container) => containerFacts(container, networks));
}

function each(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : [];
}

function containerFacts(value: unknown, networks: readonly NetworkFacts[]): readonly ContainerFacts[] {
	const labels = stringsOf(recordIn(value, 'Labels'));
	const id = stringIn(value, 'Id');
	if (id === undefined || Object.hasOwn(labels, helperLabel)) {
		return [];
	}

	const [name] = arrayIn(value, 'Names');
	const attached = recordIn(recordIn(value, 'NetworkSettings'), 'Networks');
	const networkIds = Object.entries(attached).map(
		([key, network]) =>
			stringIn(network, 'NetworkID') || (networks.find((one) => one.name === key)?.id ?? key),
	);
	return [
		{
			id,
			name: typeof name === 'string' ? name.replace(/^\//, '') : id.slice(0, 12),
			...projectOf(labels),
			...(labels[serviceLabel] !== undefined && {service: labels[serviceLabel]}),
			oneOff: labels[oneOffLabel] === 'True',
			status: stringIn(value, 'State') ?? '',
			createdAt: seconds(value, 'Created'),
			imageId: stringIn(value, 'ImageID') ?? '',
			volumes: arrayIn(value, 'Mounts').flatMap((mount) => {
				const volume = stringIn(mount, 'Name');
				return stringIn(mount, 'Type') === 'volume' && volume !== undefined ? [volume] : [];
			}),
			networks: networkIds,
		},
	];
}

/** A row of `/images/json`, or an answer of `/images/NAME/json`. */
export function imageFacts(value: unknown): readonly ImageFacts[] {
	const id = stringIn(value, 'Id');
	if (id === undefined) {
		return [];
	}

	const labels = stringsOf(recordIn(value, 'Labels'));
	return [
		{
			id,
			// Engines before 25 write `<none>:<none>` for what has no name.
			tags: texts(value, 'RepoTags').filter((tag) => !tag.startsWith('<none>')),
			digests: texts(value, 'RepoDigests').filter((digest) => !digest.startsWith('<none>')),
			...projectOf(labels),
			createdAt: seconds(value, 'Created'),
			total: numberIn(value, 'Size') ?? 0,
		},
	];
}

/** A row of `/volumes`, or an answer of `/volumes/NAME`. */
export function volumeFacts(value: unknown): readonly VolumeFacts[] {
	const name = stringIn(value, 'Name');
	if (name === undefined) {
		return [];
	}

	const labels = stringsOf(recordIn(value, 'Labels'));
	const project = labels[projectLabel];
	const driver = stringIn(value, 'Driver') ?? '';
	const place = volumePlace(driver, stringsOf(recordIn(value, 'Options')));
	return [
		{
			name,
			driver,
			...projectOf(labels),
			...(labels[volumeLabel] !== undefined && {key: labels[volumeLabel]}),
			anonymous:
				Object.hasOwn(labels, anonymousLabel) || (project === undefined && /^[\da-f]{64}$/.test(name)),
			...(place !== undefined && {place}),
			createdAt: stringIn(value, 'CreatedAt') ?? '',
		},
	];
}

/** A row of `/networks`, or an answer of `/networks/ID`. */
export function networkFacts(value: unknown): readonly NetworkFacts[] {
	const id = stringIn(value, 'Id');
	const name = stringIn(value, 'Name');
	if (id === undefined || name === undefined || ownNetworks.has(name)) {
		return [];
	}

	const created = Date.parse(stringIn(value, 'Created') ?? '');
	return [
		{
			id,
			name,
			...projectOf(stringsOf(recordIn(value, 'Labels'))),
			createdAt: Number.isNaN(created) ? 0 : created,
		},
	];
}

/** A row of `/system/df`'s BuildCache. */
export function cacheFacts(value: unknown): readonly CacheFacts[] {
	const id = stringIn(value, 'ID');
	if (id === undefined) {
		return [];
	}

	const used = Date.parse(stringIn(value, 'LastUsedAt') ?? '');
	const created = Date.parse(stringIn(value, 'CreatedAt') ?? '');
	return [
		{
			id,
			type: stringIn(value, 'Type') ?? '',
			description: oneLine(stringIn(value, 'Description') ?? ''),
			size: numberIn(value, 'Size') ?? 0,
			inUse: isRecord(value) && value['InUse'] === true,
			shared: isRecord(value) && value['Shared'] === true,
			createdAt: Number.isNaN(created) ? 0 : created,
			...(!Number.isNaN(used) && {lastUsedAt: used}),
		},
	];
}

/** What BuildKit writes before and around a step's own command: `mount / from exec /bin/sh -c pip install ...`. */
function oneLine(description: string): string {
	return description
		.replace(/^mount \/ from exec (?:\/bin\/sh -c )?/, 'RUN ')
		.replaceAll(/\s+/g, ' ')
		.trim();
}

/** The API writes Unix seconds in lists, RFC 3339 where it tells of one object. */
function seconds(value: unknown, key: string): number {
	const stamp = Date.parse(stringIn(value, key) ?? '');
	return Number.isNaN(stamp) ? (numberIn(value, key) ?? 0) * 1000 : stamp;
}

function texts(value: unknown, key: string): readonly string[] {
	return arrayIn(value, key).filter((text) => typeof text === 'string');
}

function projectOf(labels: Readonly<Record<string, string>>): {project?: string} {
	const project = labels[projectLabel];
	return project === undefined ? {} : {project};
}
