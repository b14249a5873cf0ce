import {rmSync} from 'node:fs';
import {Failure} from '../../failure.ts';
import type {OperationKind, OperationRequest, Progress, Stack} from '../../stack/model.ts';
import {ensureSupervisor} from './client.ts';
import {waitForLock, type LockHolder} from './lock.ts';
import {
	folderFailure,
	makeProjectFolders,
	projectPaths,
	type NativePaths,
	type ProjectPaths,
} from './paths.ts';
import {mlflowSpecOf, prepareMlflow, preparePostgres, type PrepareOptions} from './prepare.ts';
import {output, step, type Report} from './progress.ts';
import {isServiceName, serviceNames, type ServiceName} from './services.ts';
import {ensureSettings} from './settings.ts';
import {startOnPort} from './start-on-port.ts';
import {startServices} from './start-services.ts';
import {readState, type Entry, type ServiceSpec} from './state-file.ts';
import {stopServices} from './stop-services.ts';

/** What the engine's operations share. */
export interface OperationContext {
	readonly native: NativePaths;
	/** The supervisor's program. */
	readonly supervisor: string;
	readonly environment: Readonly<Record<string, string | undefined>>;
}

type Operation = (
	context: OperationContext,
	paths: ProjectPaths,
	request: OperationRequest,
	report: Report,
	signal: AbortSignal,
) => Promise<void>;

const operations: Readonly<Record<OperationKind, Operation>> = {up, down, stop, start, restart};

export async function operate(
	context: OperationContext,
	kind: OperationKind,
	stack: Stack,
	request: OperationRequest,
	report: Report,
	signal: AbortSignal,
): Promise<void> {
	await operations[kind](context, projectPaths(context.native, stack.project), request, report, signal);
}

/** One `up` of a project after the other: both would make its password and its database. */
async function up(
	context: OperationContext,
	paths: ProjectPaths,
	{services}: OperationRequest,
	report: Report,
	signal: AbortSignal,
): Promise<void> {
	const {native} = context;
	const names = withDependencies(services);
	const onWait = ({pid}: LockHolder): void => {
		report(output(`mlstack waits for process ${pid}, which brings the same project up.`));
	};
	makeProjectFolders(native, paths);
	try {
		const lock = await waitForLock(paths.upLock, onWait, signal);
		const touching = (progress: Progress): void => {
			lock.touch();
			report(progress);
		};
		try {
			await bringUp(context, paths, names, touching, signal);
		} finally {
			lock.release();
		}
	} catch (error) {
		throw folderFailure(error, native.root);
	}
}

/** PostgreSQL runs while MLflow is still being installed: whatever can be done at once is. */
async function bringUp(
	{native, supervisor, environment}: OperationContext,
	paths: ProjectPaths,
	names: readonly ServiceName[],
	report: Report,
	outer: AbortSignal,
): Promise<void> {
	const failed = new AbortController();
	const signal = AbortSignal.any([outer, failed.signal]);
	const options: PrepareOptions = {native, paths, environment, report, signal};
	const settings = ensureSettings(paths.settings);
	const environmentMade = names.includes('mlflow') ? prepareMlflow(options) : undefined;
	// Until it is healthy, as only then the port is its own, which another program may have taken meanwhile.
	const start = async (spec: ServiceSpec): Promise<void> =>
		startServices(paths, supervisor, [spec], [spec.name], report, signal);
	const databaseStarted = (async () => {
		const specOf = await preparePostgres(options, settings, async () => (await environmentMade)?.folder);
		return startOnPort(options, 'postgres', settings, async (chosen) => start(specOf(chosen)));
	})();
	try {
		await Promise.all([databaseStarted, environmentMade]);
	} catch (error) {
		// The other half is ended, too, and has cleaned up before the failure is told.
		failed.abort(error);
		await Promise.allSettled([databaseStarted, environmentMade]);
		throw error;
	}

	const made = await environmentMade;
	if (made) {
		const withDatabase = await databaseStarted;
		await startOnPort(options, 'mlflow', withDatabase, async (chosen) =>
			start(mlflowSpecOf(options, chosen, made)),
		);
	}
}

/** In start order. */
function withDependencies(services: readonly string[]): readonly ServiceName[] {
	const unknown = services.find((service) => !isServiceName(service));
	if (unknown !== undefined) {
		throw noSuchService(unknown);
	}

	return services.length === 0 || services.includes('mlflow') ? ['postgres', 'mlflow'] : ['postgres'];
}

async function down(
	{native, supervisor}: OperationContext,
	paths: ProjectPaths,
	{services, volumes = false}: OperationRequest,
	report: Report,
	signal: AbortSignal,
): Promise<void> {
	await stopServices(paths, supervisor, 'remove', services, report, signal);
	if (!volumes) {
		return;
	}

	const data = {pgdata: paths.clusters, mlartifacts: paths.artifacts};
	try {
		for (const [volume, folder] of Object.entries(data)) {
			const name = `${paths.project}_${volume}`;
			report(step('volume', name, 'working', 'Removing'));
			rmSync(folder, {recursive: true, force: true});
			report(step('volume', name, 'done', 'Removed'));
		}

		rmSync(paths.folder, {recursive: true, force: true});
	} catch (error) {
		throw folderFailure(error, native.root);
	}
}

async function stop(
	{supervisor}: OperationContext,
	paths: ProjectPaths,
	{services}: OperationRequest,
	report: Report,
	signal: AbortSignal,
): Promise<void> {
	await stopServices(paths, supervisor, 'stop', services, report, signal);
}

/** Starts what was stopped, as it was run before. */
async function start(
	{supervisor}: OperationContext,
	paths: ProjectPaths,
	{services}: OperationRequest,
	report: Report,
	signal: AbortSignal,
): Promise<void> {
	const specs = meantEntries(paths, services).map(({spec}) => spec);
	await startServices(paths, supervisor, specs, dependenciesOf(specs), report, signal);
}

async function restart(
	{supervisor}: OperationContext,
	paths: ProjectPaths,
	{services}: OperationRequest,
	report: Report,
	signal: AbortSignal,
): Promise<void> {
	const entries = meantEntries(paths, services);
	for (const {container} of entries) {
		report(step('container', container.name, 'working', 'Restarting'));
	}

	const specs = entries.map(({spec}) => spec);
	const connection = await ensureSupervisor(paths, supervisor, signal);
	try {
		await connection.request({do: 'restart', services: specs.map(({name}) => name)});
	} finally {
		connection.close();
	}

	await startServices(paths, supervisor, specs, dependenciesOf(specs), report, signal);
}

function meantEntries(paths: ProjectPaths, services: readonly string[]): readonly Entry[] {
	const {entries} = readState(paths.state);
	const missing = services.find((service) => entries.every(({spec}) => spec.name !== service));
	if (missing !== undefined && !isServiceName(missing)) {
		throw noSuchService(missing);
	}

	if (missing !== undefined || entries.length === 0) {
		throw new Failure(`the project ${paths.project} has no ${missing ?? 'service'} to start`, {
			code: 'native-not-created',
			why: 'It was never started, or was taken down.',
			next: [`mlstack -p ${paths.project} up`],
		});
	}

	return services.length === 0 ? entries : entries.filter(({spec}) => services.includes(spec.name));
}

function dependenciesOf(specs: ReadonlyArray<Entry['spec']>): readonly string[] {
	return specs.flatMap(({dependsOn}) => dependsOn);
}

function noSuchService(service: string): Failure {
	return new Failure(`there is no service ${service}`, {
		code: 'no-such-service',
		why: `mlstack's own stack has ${serviceNames.join(' and ')}.`,
		reason: 'wrongCall',
	});
}
