import {existsSync, readdirSync, renameSync, rmSync, statSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {Failure} from '../../failure.ts';
import type {Progress, Stack} from '../../stack/model.ts';
import {
	pruneKinds,
	type ContainerFacts,
	type ImageFacts,
	type PruneChoice,
	type PruneFacts,
	type PruneItem,
	type PrunePlan,
	type PruneScope,
	type VolumeFacts,
} from '../../stack/prune.ts';
import {chosenItems} from '../../stack/prune/choose.ts';
import {objection} from '../../stack/prune/objection.ts';
import {makePlan} from '../../stack/prune/plan.ts';
import type {Executor} from '../backup/run.ts';
import type {OperationContext} from './operate.ts';
import {folderFailure, projectPaths, type NativePaths, type ProjectPaths} from './paths.ts';
import type {Report} from './progress.ts';
import {runProgram} from './run-program.ts';
import {readState} from './state-file.ts';
import {stopServices} from './stop-services.ts';
import {allProjects, volumeName, volumes} from './stores.ts';
import {trueContainers} from './truth.ts';
import {contentsOf} from './volume-contents.ts';

/**
 * What could be removed, in Docker's words: environments and copies of PostgreSQL are images, data folders are volumes.
 * First without sizes, then with them and with what the folders hold.
 */
export async function* planPrune(
	{native, environment}: OperationContext,
	executor: Executor,
	stack: Stack,
	scope: PruneScope,
	signal: AbortSignal,
): AsyncGenerator<PrunePlan> {
	const facts = listFacts(native, stack.project);
	yield makePlan(facts, scope, stack);
	const images: ImageFacts[] = [];
	for (const image of facts.images) {
		const size = await diskSize(image.id, signal);
		images.push({...image, ...(size !== undefined && {total: size, unique: size})});
	}

	const measured: VolumeFacts[] = [];
	const look = {native, environment, executor, containers: facts.containers, signal};
	for (const volume of facts.volumes) {
		const folder = volumeFolder(native, volume.name) ?? '';
		const size = await diskSize(folder, signal);
		const holds = await contentsOf(look, volume.name, folder).catch(() => undefined);
		measured.push({...volume, ...(size !== undefined && {size}), ...(holds !== undefined && {holds})});
	}

	if (!signal.aborted) {
		yield makePlan({...facts, images, volumes: measured, complete: true}, scope, stack);
	}
}

/** Removes what was chosen, each looked at once more before it goes; see Storage. */
export async function prune(
	context: OperationContext,
	plan: PrunePlan,
	chosen: PruneChoice,
	report: Report,
	signal: AbortSignal,
): Promise<void> {
	const items = chosenItems(plan, chosen).toSorted(
		(a, b) => pruneKinds.indexOf(a.kind) - pruneKinds.indexOf(b.kind),
	);
	for (const item of items) {
		signal.throwIfAborted();
		report(stepOf(item, 'working', 'Removing'));
		const why = objection(item, listFacts(context.native, plan.project));
		if (why !== undefined && why !== 'gone') {
			report(stepOf(item, 'failed', why));
			continue;
		}

		try {
			await remove(context, item, signal);
			report(stepOf(item, 'done', why === 'gone' ? 'It was gone already' : 'Removed'));
		} catch (error) {
			const failure = folderFailure(error, context.native.root);
			if (!(failure instanceof Failure)) {
				throw failure;
			}

			report(stepOf(item, 'failed', failure.why));
		}
	}
}

async function remove(
	{native, supervisor}: OperationContext,
	item: PruneItem,
	signal: AbortSignal,
): Promise<void> {
	switch (item.kind) {
		case 'container': {
			const [project = '', service = ''] = item.id.split('/');
			await stopServices(
				projectPaths(native, project),
				supervisor,
				'remove',
				[service],
				() => undefined,
				signal,
			);
			return;
		}

		case 'image': {
			removeWhole(item.id);
			return;
		}

		case 'volume': {
			removeWhole(volumeFolder(native, item.id));
			removeEmptyProject(projectOf(native, item.id));
			return;
		}

		case 'network':
		case 'buildCache': {
			// There are none of these here.
		}
	}
}

/** Takes a folder out of its place at once, so that a half-removed one is never found there. */
function removeWhole(folder: string | undefined): void {
	if (folder === undefined || !existsSync(folder)) {
		return;
	}

	const aside = `${folder}.removing`;
	rmSync(aside, {recursive: true, force: true});
	renameSync(folder, aside);
	rmSync(aside, {recursive: true, force: true});
}

/** `current` is what the item freed: nothing here shares its bytes with anything else. */
function stepOf(item: PruneItem, state: 'working' | 'done' | 'failed', status: string): Progress {
	const {key, kind, name, size} = item;
	return {
		type: 'step',
		at: Date.now(),
		id: key,
		kind: kind === 'container' || kind === 'volume' || kind === 'network' ? kind : 'other',
		name,
		state,
		status,
		...(state === 'done' && size !== undefined && {current: size}),
	};
}

function listFacts(native: NativePaths, project: string): PruneFacts {
	const projects = allProjects(native);
	const containers = projects.flatMap(containerFacts);
	return {
		at: Date.now(),
		containers,
		images: imageFacts(native, project, containers),
		volumes: projects.flatMap(volumeFacts),
		networks: [],
		notes: [],
		complete: false,
	};
}

function containerFacts(paths: ProjectPaths): readonly ContainerFacts[] {
	const state = readState(paths.state);
	const now = trueContainers(state);
	return state.entries.map(({spec, container}) => ({
		id: container.id,
		name: container.name,
		project: paths.project,
		service: spec.name,
		oneOff: false,
		status: now.find(({id}) => id === container.id)?.status ?? container.status,
		createdAt: container.startedAt ?? 0,
		imageId: dirname(dirname(spec.command[0] ?? '')),
		volumes: volumes
			.filter(({role}) => (role === 'database') === (spec.role === 'database'))
			.map(({key}) => volumeName(paths.project, key)),
		networks: [],
	}));
}

/** One that no other project's container uses belongs to this project. */
function imageFacts(
	native: NativePaths,
	project: string,
	containers: readonly ContainerFacts[],
): readonly ImageFacts[] {
	const folders = [native.environments, native.postgres].flatMap((parent) =>
		existsSync(parent)
			? readdirSync(parent, {withFileTypes: true})
					.filter((entry) => entry.isDirectory())
					.map(({name}) => join(parent, name))
			: [],
	);
	return folders.map((folder) => {
		const isShared = containers.some((one) => one.imageId === folder && one.project !== project);
		return imageOf(native, folder, isShared ? undefined : project);
	});
}

function imageOf(native: NativePaths, folder: string, project: string | undefined): ImageFacts {
	return {
		id: folder,
		tags: [imageName(native, folder)],
		digests: [],
		...(project !== undefined && {project}),
		createdAt: statSync(folder).mtimeMs,
		total: 0,
	};
}

/** `mlflow:3.17.2-py3.11-HASH` and `postgres:18.4.0`, from the folder's name. */
function imageName(native: NativePaths, folder: string): string {
	const name = basename(folder);
	return dirname(folder) === native.postgres ? `postgres:${name}` : name.replace(/^mlflow-/, 'mlflow:');
}

function volumeFacts(paths: ProjectPaths): readonly VolumeFacts[] {
	return volumes
		.filter(({folder}) => existsSync(folder(paths)))
		.map(({key, folder}) => ({
			name: volumeName(paths.project, key),
			driver: 'local',
			project: paths.project,
			key,
			anonymous: false,
			createdAt: statSync(folder(paths)).birthtime.toISOString(),
		}));
}

function volumeFolder(native: NativePaths, name: string): string | undefined {
	const paths = projectOf(native, name);
	return paths && volumes.find(({key}) => name.endsWith(`_${key}`))?.folder(paths);
}

function projectOf(native: NativePaths, volume: string): ProjectPaths | undefined {
	const key = volumes.map((known) => known.key).find((known) => volume.endsWith(`_${known}`));
	return key === undefined ? undefined : projectPaths(native, volume.slice(0, -key.length - 1));
}

/** Without data and containers a project's settings are worth nothing, and would keep its ports from others. */
function removeEmptyProject(paths: ProjectPaths | undefined): void {
	if (
		paths &&
		volumes.every(({folder}) => !existsSync(folder(paths))) &&
		readState(paths.state).entries.length === 0
	) {
		rmSync(paths.folder, {recursive: true, force: true});
	}
}

/** Bytes on the disk; `undefined` when it cannot be told. POSIX `du` counts in KiB with -k. */
async function diskSize(folder: string, signal: AbortSignal): Promise<number | undefined> {
	if (signal.aborted) {
		return undefined;
	}

	const {exitCode, output} = await runProgram(['du', '-sk', folder], {signal}).catch(() => ({
		exitCode: 1,
		output: '',
	}));
	const size = Number.parseInt(output, 10);
	return exitCode === 0 && Number.isFinite(size) ? size * 1024 : undefined;
}
