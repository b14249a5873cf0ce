import type {Stack} from '../../stack/model.ts';
import {planItems, type PruneFacts, type PruneScope} from '../../stack/prune.ts';
import {contentsText, type DatabaseContents} from '../../stack/prune/contents.ts';
import {makePlan} from '../../stack/prune/plan.ts';
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

/** How long one database server is asked for its counts, in ms. */
const countTimeout = 60_000;

/**
 * What the volumes of a plan hold, read without starting anything that could change them: a running server is asked,
 * other volumes are looked into read-only, by a container without network of an image that is here already. Where no
 * such image is, nothing is said.
 */
export async function readContents(
	connection: Connection,
	stack: Stack,
	scope: PruneScope,
	facts: PruneFacts,
	signal: AbortSignal,
): Promise<Refinement> {
	const names = planItems(makePlan(facts, scope, stack)).flatMap(({kind, id}) =>
		kind === 'volume' ? [id] : [],
	);
	const known = new Set(facts.volumes.filter(({mountable}) => mountable).map(({name}) => name));
	const volumes = names.filter((name) => known.has(name));
	const images = new ImagesAtHand(connection, facts.images);
	const shell = images.withShell();
	if (volumes.length === 0 || shell === undefined) {
		return (refined) => refined;
	}

	const look = {connection, signal, images, facts};
	const found = new Map<string, string>();
	for (let start = 0; start < volumes.length; start += volumesAtOnce) {
		const some = volumes.slice(start, start + volumesAtOnce);
		const scanned = await scan(look, shell, some);
		for (const [name, contents] of await withDatabases(look, scanned)) {
			found.set(name, contentsText(contents));
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

async function scan(
	look: Look,
	image: string,
	volumes: readonly string[],
): Promise<ReadonlyMap<string, ScannedVolume>> {
	const {connection, signal} = look;
	const mounts = volumes.map((source) => ({kind: 'volume', source, readOnly: true}) as const);
	const helper = await openHelper(connection, image, mounts, signal);
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
