import {Failure} from '../../failure.ts';
import {mask} from '../../stack/mask.ts';
import type {Stack} from '../../stack/model.ts';
import {runText} from '../backup/run.ts';
import {storageOf} from '../backup/storage-of.ts';
import type {Engine} from '../engine.ts';
import type {DataStore, OpenStores} from '../storage.ts';
import type {LoggedRun} from './sample-run.ts';
import {isRemote} from './server-settings.ts';

/**
 * The path of a run's artifacts below where the server keeps them, for a server that clients send artifacts through
 * (`--serve-artifacts`): `1/8c2f/artifacts`. Throws a Failure for one that lets clients write elsewhere themselves.
 */
export function servedPath({artifacts}: LoggedRun): string {
	const served = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*)$/.exec(artifacts)?.[1];
	const proxied = /^https?:\/\/[^/]+\/api\/2\.0\/mlflow-artifacts\/artifacts\/(.*)$/.exec(artifacts)?.[1];
	const path = served ?? proxied;
	if (path === undefined) {
		throw notServed(mask(artifacts));
	}

	return path.replaceAll(/^\/+|\/+$/g, '');
}

function notServed(uri: string): Failure {
	const isElsewhere = isRemote(uri);
	const destination = isElsewhere ? uri.replace(/^(\w+:\/\/[^/]+).*/, '$1') : '/mlartifacts';
	return new Failure(
		isElsewhere
			? `artifacts do not go through the server: clients write to ${uri} themselves`
			: `artifacts do not reach the server: every client keeps them on its own disk, at ${uri}`,
		{
			code: isElsewhere ? 'artifacts-not-served' : 'artifacts-client-local',
			why: isElsewhere
				? 'the server does not serve artifacts, so what each client may read and write is decided elsewhere, and cannot be proved here'
				: 'the artifact root is a path, which each client takes for one of its own machine',
			next: [
				`let the server take them: --serve-artifacts --artifacts-destination ${destination}, without --default-artifact-root`,
				...(isElsewhere ? [] : ['and mount a volume at /mlartifacts']),
				'experiments that exist already keep the place that they were made with',
			],
		},
	);
}

/** Makes the volumes and folders reachable that the stack keeps artifacts in; undefined when there is none. */
export async function openArtifactStores(
	engine: Engine,
	stack: Stack,
	signal: AbortSignal,
): Promise<{readonly opened: OpenStores; readonly stores: readonly DataStore[]} | undefined> {
	const storage = storageOf(engine);
	const {stores: all} = await storage.stores(stack, signal);
	const stores = all.filter(({role}) => role === 'artifacts');
	if (stores.length === 0) {
		return undefined;
	}

	return {stores, opened: await storage.openStores(stack, stores, 'write', signal)};
}

/** Looks for a file in stores: at their top, or up to two folders below it, where an artifact root may lie. */
const findFile = `
for store; do
  for base in "$store" "$store"/* "$store"/*/*; do
    if [ -f "$base/$MLSTACK_FILE" ]; then
      cat "$base/$MLSTACK_FILE"
      exit
    fi
  done
done
exit 3
`.trim();

/** Whether one of the stores holds a file with this content, at that path below an artifact root. */
export async function isInStores(
	engine: Pick<Engine, 'execute'>,
	{container, paths}: OpenStores,
	file: {readonly path: string; readonly content: Uint8Array},
	signal: AbortSignal,
): Promise<boolean> {
	const {output, done} = await engine.execute(
		container,
		['sh', '-c', findFile, 'sh', ...paths],
		{environment: {MLSTACK_FILE: file.path}},
		signal,
	);
	const chunks: Uint8Array[] = [];
	for await (const chunk of output) {
		chunks.push(chunk);
	}

	const {exitCode} = await done;
	return exitCode === 0 && Buffer.concat(chunks).equals(file.content);
}

/** `rmdir` takes only what is empty, so nothing of anybody else can go. */
const removeFolders = `
for store; do
  for base in "$store" "$store"/* "$store"/*/*; do
    if [ -d "$base/$MLSTACK_FOLDER" ]; then rmdir "$base/$MLSTACK_FOLDER"/* "$base/$MLSTACK_FOLDER"; fi
  done
done 2>/dev/null
:
`.trim();

/** Removes the folder that an experiment leaves in an artifact root when its artifacts are gone, if it is empty. */
export async function removeEmptyFolder(
	engine: Pick<Engine, 'execute'>,
	{container, paths}: OpenStores,
	folder: string,
	signal: AbortSignal,
): Promise<void> {
	await runText(
		engine,
		container,
		['sh', '-c', removeFolders, 'sh', ...paths],
		{what: 'removing an empty folder', environment: {MLSTACK_FOLDER: folder}},
		signal,
	);
}
