import {Failure} from '../../failure.ts';
import type {Stack} from '../../stack/model.ts';
import {planItems, type PruneFacts, type PruneScope, type VolumeFacts} from '../../stack/prune.ts';
import {contentsText, type DatabaseContents} from '../../stack/prune/contents.ts';
import {makePlan} from '../../stack/prune/plan.ts';
import {placedText, unseenText, type VolumePlace} from '../../stack/prune/volume-place.ts';
import {databaseContents} from '../backup/database-contents.ts';
import {runText, type Executor} from '../backup/run.ts';
import type {Connection} from './connection.ts';
import {execute} from './execute.ts';
import {openHelper} from './helper.ts';
import {ImagesAtHand} from './images-at-hand.ts';
import type {Refinement} from './prune-usage.ts';
import {
	countScript,
	largestCopy,
	parseCounts,
	parseScan,
	scanScript,
	type ScannedVolume,
} from '../volume-scan.ts';

/** Volumes that one helper looks into. */
const volumesAtOnce = 50;

/** How long a look into a volume that is no folder of the engine's own may take, in ms. */
const lookTimeout = 20_000;

/** How long one database server is asked for its counts, in ms. */
const countTimeout = 60_000;

/**
 * What the volumes of a plan hold, read without starting anything that could change them: a running server is asked,
 * other volumes are looked into read-only, by a container without network of an image that is here already. Where no
 * such image is, nothing is said. A share of another machine is looked into only where something that runs has it mounted.
 */
export async function readContents(
	connection: Connection,
	stack: Stack,
	scope: PruneScope,
	facts: PruneFacts,
	signal: AbortSignal,
): Promise<Refinement> {
	const names = new Set(
		planItems(makePlan(facts, scope, stack)).flatMap(({kind, id}) => (kind === 'volume' ? [id] : [])),
	);
	const volumes = facts.volumes.filter(({name}) => names.has(name));
	const images = new ImagesAtHand(connection, facts.images);
	const shell = images.withShell();
	const look = {connection, signal, images, shell, facts};
	const found = new Map<string, string>();
	const plain = volumes.filter(({place}) => place === undefined).map(({name}) => name);
	for (let start = 0; start < plain.length; start += volumesAtOnce) {
		const some = plain.slice(start, start + volumesAtOnce);
		const scanned = await scan(look, some);
		for (const [name, contents] of await withDatabases(look, scanned)) {
			found.set(name, contentsText(contents));
		}
	}

	for (const volume of volumes) {
		if (volume.place !== undefined) {
			found.set(volume.name, await placedContents(look, volume, volume.place));
		}
	}

	return (refined) => ({
		...refined,
		volumes: refined.volumes.map((volume) => {
			const holds = found.get(volume.name);
			return holds === undefined ? volume : Object.assign({}, volume, {holds});
		}),
	});
}

interface Look {
	readonly connection: Connection;
	readonly images: ImagesAtHand;
	/** An image with a shell; undefined where none is. */
	readonly shell: string | undefined;
	readonly facts: PruneFacts;
	readonly signal: AbortSignal;
}

/** Runs a command of a helper, or of a running container. */
function executorOf({connection}: Look): Executor {
	return {
		execute: async (container, command, options, signal) =>
			execute(connection, container, command, options, signal),
	};
}

/** What a volume holds whose contents are elsewhere. One that cannot be mounted takes no other one along. */
async function placedContents(look: Look, {name, driver}: VolumeFacts, place: VolumePlace): Promise<string> {
	const isMounted = look.facts.containers.some(
		({volumes, status}) => status === 'running' && volumes.includes(name),
	);
	if (look.shell === undefined || !(place.isSafeToMount || (driver === 'local' && isMounted))) {
		return unseenText(place);
	}

	const timeout = AbortSignal.timeout(lookTimeout);
	const limited = {...look, signal: AbortSignal.any([look.signal, timeout])};
	try {
		const scanned = await withDatabases(limited, await scan(limited, [name]));
		const contents = scanned.get(name);
		return contents === undefined ? unseenText(place) : placedText(contentsText(contents), place);
	} catch (error) {
		look.signal.throwIfAborted();
		if (timeout.aborted) {
			return unseenText(place, 'it does not answer');
		}

		if (error instanceof Failure && error.reason !== 'noEngine') {
			return unseenText(place, 'it cannot be mounted');
		}

		throw error;
	}
}

async function scan(look: Look, volumes: readonly string[]): Promise<ReadonlyMap<string, ScannedVolume>> {
	const {connection, shell, signal} = look;
	if (shell === undefined) {
		return new Map();
	}

	const mounts = volumes.map((source) => ({kind: 'volume', source, readOnly: true}) as const);
	const helper = await openHelper(connection, shell, mounts, signal);
	try {
		const command = ['sh', '-c', scanScript, 'sh', ...helper.paths];
		const text = await runText(
			executorOf(look),
			helper.container,
			command,
			{what: 'a look into volumes'},
			signal,
		);
		const byPath = parseScan(text);
		return new Map(
			volumes.flatMap((name, index) => {
				const contents = byPath.get(helper.paths[index] ?? '');
				return contents === undefined ? [] : [[name, contents] as const];
			}),
		);
	} finally {
		await helper.close();
	}
}

/** The same with the databases of PostgreSQL's data, as far as they can be asked. */
async function withDatabases(
	look: Look,
	scanned: ReadonlyMap<string, ScannedVolume>,
): Promise<ReadonlyMap<string, ScannedVolume>> {
	const all = new Map(scanned);
	for (const [name, contents] of scanned) {
		if (contents.kind === 'postgresql') {
			const databases = await databasesOf(look, name, contents).catch(() => {
				// The counts are a courtesy; that there is data is known.
				look.signal.throwIfAborted();
				return [];
			});
			all.set(name, {...contents, databases});
		}
	}

	return all;
}

async function databasesOf(
	look: Look,
	volume: string,
	{version, data}: Extract<ScannedVolume, {kind: 'postgresql'}>,
): Promise<readonly DatabaseContents[]> {
	const {connection, facts, images} = look;
	const signal = AbortSignal.any([look.signal, AbortSignal.timeout(countTimeout)]);
	const users = facts.containers.filter((container) => container.volumes.includes(volume));
	const server = users.find(({status}) => status === 'running');
	if (server !== undefined) {
		return databaseContents(executorOf(look), server.id, signal);
	}

	const image = await images.withPostgres(version, signal);
	if (image === undefined || data === undefined || data.kilobytes > largestCopy) {
		return [];
	}

	const helper = await openHelper(
		connection,
		image,
		[{kind: 'volume', source: volume, readOnly: true}],
		signal,
	);
	try {
		// The path is the one that the scan saw, below another mount.
		const path = data.path.replace(/^\/mlstack\/\d+/, helper.paths[0] ?? '');
		const text = await runText(
			executorOf(look),
			helper.container,
			['sh', '-c', countScript, 'sh', path],
			{what: 'a count in a copy of the data', user: data.uid},
			signal,
		);
		return parseCounts(text);
	} finally {
		await helper.close();
	}
}
