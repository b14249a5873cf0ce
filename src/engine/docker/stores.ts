import {Failure} from '../../failure.ts';
import type {Role, Stack} from '../../stack/model.ts';
import {arrayIn, isRecord, recordIn, stringIn, stringsOf} from '../json.ts';
import type {DataStore, OpenStores, StackStores} from '../storage.ts';
import {artifactPlace, isWithin, type ArtifactPlace} from './artifact-place.ts';
import type {Connection} from './connection.ts';
import {labels, parseInspect} from './containers.ts';
import {openHelper} from './helper.ts';
import {ImagesAtHand} from './images-at-hand.ts';
import {imageFacts, volumeFacts} from './prune-facts.ts';

/** With it a compose file says itself what a volume holds: `database` or `artifacts`. */
const dataLabel = 'io.mlstack.data';

/** A container of the project, as far as it keeps data. */
interface Keeper {
	readonly service: string;
	readonly role: Role;
	readonly image: string;
	readonly mounts: readonly Mount[];
	/** Of a tracking server. */
	readonly artifacts?: ArtifactPlace;
}

interface Mount {
	readonly kind: DataStore['kind'];
	readonly name: string;
	readonly path: string;
	readonly writable: boolean;
}

/** The project's volumes, and the folders in which its tracking server keeps artifacts. */
export async function listStores(
	connection: Connection,
	stack: Stack,
	signal: AbortSignal,
): Promise<StackStores> {
	try {
		const [keepers, volumes] = await Promise.all([
			listKeepers(connection, stack, signal),
			connection.json('GET', '/volumes', {query: {filters: ofProject(stack)}, signal}),
		]);
		const stores = [
			...arrayIn(volumes, 'Volumes').flatMap((volume) => volumeStore(volume, keepers)),
			...keepers.flatMap((keeper) => folderStores(keeper)),
		];
		return {stores, notes: keepers.flatMap((keeper) => notesOn(keeper))};
	} catch (error) {
		signal.throwIfAborted();
		throw await connection.explain(error);
	}
}

/** Opens stores in a helper container of the database's image, or of another one that is here. */
export async function openStores(
	connection: Connection,
	stack: Stack,
	stores: readonly DataStore[],
	access: 'read' | 'write',
	signal: AbortSignal,
): Promise<OpenStores> {
	try {
		const image = await helperImage(connection, stack, signal);
		const mounts = stores.map(({kind, name}) => ({kind, source: name, readOnly: access === 'read'}));
		return await openHelper(connection, image, mounts, signal);
	} catch (error) {
		signal.throwIfAborted();
		throw await connection.explain(error);
	}
}

function ofProject({project}: Stack): {label: readonly string[]} {
	return {label: [`${labels.project}=${project}`]};
}

async function listKeepers(
	connection: Connection,
	stack: Stack,
	signal: AbortSignal,
): Promise<readonly Keeper[]> {
	const query = {all: true, filters: ofProject(stack)};
	const list = await connection.json('GET', '/containers/json', {query, signal});
	const keepers = await Promise.all(
		(Array.isArray(list) ? list : []).map(async (row: unknown) => {
			const id = stringIn(row, 'Id') ?? '';
			return keeperOf(await connection.json('GET', `/containers/${id}/json`, {signal}));
		}),
	);
	return keepers.flat();
}

function keeperOf(inspected: unknown): readonly Keeper[] {
	const container = parseInspect(inspected)?.container;
	if (container === undefined) {
		return [];
	}

	const config = recordIn(inspected, 'Config');
	const command = [...arrayIn(config, 'Entrypoint'), ...arrayIn(config, 'Cmd')].map(String);
	const environment = Object.fromEntries(
		arrayIn(config, 'Env')
			.map(String)
			.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
	);
	const workingDirectory = stringIn(config, 'WorkingDir') ?? '';
	return [
		{
			service: container.service,
			role: container.role,
			image: stringIn(inspected, 'Image') ?? container.image,
			mounts: arrayIn(inspected, 'Mounts').flatMap((mount) => mountOf(mount)),
			...(container.role === 'tracking' && {
				artifacts: artifactPlace({environment, command, workingDirectory}),
			}),
		},
	];
}

function mountOf(mount: unknown): readonly Mount[] {
	const type = stringIn(mount, 'Type');
	const name = stringIn(mount, type === 'volume' ? 'Name' : 'Source');
	const path = stringIn(mount, 'Destination');
	if ((type !== 'volume' && type !== 'bind') || name === undefined || path === undefined) {
		return [];
	}

	const writable = isRecord(mount) && mount['RW'] === true;
	return [{kind: type === 'volume' ? 'volume' : 'folder', name, path, writable}];
}

function volumeStore(volume: unknown, keepers: readonly Keeper[]): readonly DataStore[] {
	return volumeFacts(volume).flatMap(({name, key, anonymous}) => {
		if (anonymous) {
			return [];
		}

		const said = stringsOf(recordIn(volume, 'Labels'))[dataLabel];
		const role = said === 'database' || said === 'artifacts' ? said : roleOf(name, keepers);
		return [{kind: 'volume', name, key: key ?? name, role}];
	});
}

function roleOf(volume: string, keepers: readonly Keeper[]): DataStore['role'] {
	const users = keepers.flatMap((keeper) =>
		keeper.mounts
			.filter(({kind, name}) => kind === 'volume' && name === volume)
			.map((mount) => ({keeper, mount})),
	);
	if (users.some(({keeper}) => keeper.role === 'database')) {
		return 'database';
	}

	return users.some(({keeper, mount}) => holdsArtifacts(keeper, mount)) ? 'artifacts' : 'other';
}

function folderStores(keeper: Keeper): readonly DataStore[] {
	return keeper.mounts.flatMap((mount) =>
		mount.kind === 'folder' && mount.writable && holdsArtifacts(keeper, mount)
			? [{kind: 'folder', name: mount.name, key: mount.path, role: 'artifacts'}]
			: [],
	);
}

function holdsArtifacts({artifacts}: Keeper, {path}: Mount): boolean {
	return artifacts?.kind === 'path' && isWithin(artifacts.path, path);
}

function notesOn(keeper: Keeper): readonly string[] {
	const {artifacts, mounts, service} = keeper;
	if (artifacts === undefined || mounts.some((mount) => holdsArtifacts(keeper, mount))) {
		return [];
	}

	return artifacts.kind === 'elsewhere'
		? [`The artifacts of ${service} are at ${artifacts.uri}, which is not part of the backup.`]
		: [
				`The artifacts of ${service} are at ${artifacts.path} in its container, in no volume: they go with the container, and are not part of the backup.`,
			];
}

async function helperImage(connection: Connection, stack: Stack, signal: AbortSignal): Promise<string> {
	const keepers = await listKeepers(connection, stack, signal);
	const own = keepers.find(({role}) => role === 'database') ?? keepers[0];
	if (own !== undefined) {
		return own.image;
	}

	const images = await connection.json('GET', '/images/json', {signal});
	const known = (Array.isArray(images) ? images : []).flatMap((image: unknown) => imageFacts(image));
	const image = new ImagesAtHand(connection, known).withShell();
	if (image === undefined) {
		throw new Failure('there is no image to look into volumes with', {
			code: 'no-helper-image',
			why: 'mlstack pulls nothing for that, and neither an image of PostgreSQL nor busybox is here',
			next: ['docker pull busybox'],
		});
	}

	return image;
}
