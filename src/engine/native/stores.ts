import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import type {Stack} from '../../stack/model.ts';
import type {DataStore, OpenStores, StackStores} from '../storage.ts';
import {projectPaths, type NativePaths, type ProjectPaths} from './paths.ts';
import {readState} from './state-file.ts';

/** The folders of a project that are to it what named volumes are to Docker's stack, called as compose calls those. */
export const volumes: ReadonlyArray<
	Pick<DataStore, 'key' | 'role'> & {folder: (paths: ProjectPaths) => string}
> = [
	{key: 'pgdata', role: 'database', folder: (paths) => paths.clusters},
	{key: 'mlartifacts', role: 'artifacts', folder: (paths) => paths.artifacts},
];

export function volumeName(project: string, key: string): string {
	return `${project}_${key}`;
}

/** Every project that has a folder. */
export function allProjects(native: NativePaths): readonly ProjectPaths[] {
	if (!existsSync(native.projects)) {
		return [];
	}

	return readdirSync(native.projects, {withFileTypes: true})
		.filter((entry) => entry.isDirectory())
		.map(({name}) => projectPaths(native, name));
}

/** What a project keeps; see Storage. */
export function storesOf(native: NativePaths, {project}: Stack): StackStores {
	const paths = projectPaths(native, project);
	const kept = volumes.filter(({folder}) => existsSync(folder(paths)));
	const tracking = readState(paths.state).entries.find(({spec}) => spec.role === 'tracking');
	const destination = tracking?.spec.environment['MLFLOW_ARTIFACTS_DESTINATION'];
	return {
		stores: kept.map(({key, role}) => ({kind: 'volume', name: volumeName(project, key), key, role})),
		notes:
			destination === undefined || destination === paths.artifacts
				? []
				: [`MLflow keeps artifacts in ${destination}, which is not part of this stack.`],
	};
}

/** Where commands run that work on stores: beside the services, in no environment of theirs. */
export function storesContainer(project: string): string {
	return `${project}/stores`;
}

/** Folders are reachable as they are: nothing has to be opened, or closed again. */
export function openStores(native: NativePaths, {project}: Stack, stores: readonly DataStore[]): OpenStores {
	const paths = projectPaths(native, project);
	return {
		container: storesContainer(project),
		paths: stores.map(
			({key}) => volumes.find((volume) => volume.key === key)?.folder(paths) ?? join(paths.folder, key),
		),
		async close() {},
	};
}
