import {rmSync} from 'node:fs';
import {Failure} from '../../failure.ts';
import type {OperationKind, OperationRequest, Stack} from '../../stack/model.ts';
import {ensureSupervisor} from './client.ts';
import {folderFailure, projectPaths, type NativePaths, type ProjectPaths} from './paths.ts';
import {
	mlflowSpecOf,
	prepareMlflow,
	preparePostgres,
	prepareProject,
	type PrepareOptions,
} from './prepare.ts';
import {step, type Report} from './progress.ts';
import {isServiceName, serviceNames, type ServiceName} from './services.ts';
import {startServices} from './start-services.ts';
import {readState, type Entry} from './state-file.ts';
import {stopServices} from './stop-services.ts';
import {trueContainers} from './truth.ts';

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

/** PostgreSQL runs while MLflow is still being installed: whatever can be done at once is. */
async function up(
	{native, supervisor, environment}: OperationContext,
	paths: ProjectPaths,
	{services}: OperationRequest,
	report: Report,
	outer: AbortSignal,
): Promise<void> {
	const names = withDependencies(services);
	const running = trueContainers(readState(paths.state)).filter(({status}) => status === 'running');
	const failed = new AbortController();
	const signal = AbortSignal.any([outer, failed.signal]);
	const options: PrepareOptions = {native, paths, environment, running, report, signal};
	const settings = await prepareProject(options, names);
	const environmentMade = names.includes('mlflow') ? prepareMlflow(options) : undefined;
	const databaseStarted = (async () => {
		const spec = await preparePostgres(options, settings, async () => (await environmentMade)?.folder);
		await startServices(paths, supervisor, [spec], names, report, signal);
	})();
	const work: ReadonlyArray<Promise<unknown>> = environmentMade
		? [databaseStarted, environmentMade]
		: [databaseStarted];
	try {
		await Promise.all(work);
	} catch (error) {
		// The other half is ended, too, and has cleaned up before the failure is told.
		failed.abort(error);
		await Promise.allSettled(work);
		throw folderFailure(error, native.root);
	}

	const made = await environmentMade;
	if (made) {
		await startServices(paths, supervisor, [mlflowSpecOf(options, settings, made)], [], report, signal);
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
		throw new Failure(`The project ${paths.project} has no ${missing ?? 'service'} to start.`, {
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
	return new Failure(`There is no service ${service}.`, {
		code: 'no-such-service',
		why: `mlstack's own stack has ${serviceNames.join(' and ')}.`,
		reason: 'wrongCall',
	});
}
