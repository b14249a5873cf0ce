import packageJson from '../../package.json' with {type: 'json'};
import {asFailure, type ExitReason, type Failure} from '../failure.ts';
import {engineLine} from '../stack/engine-line.ts';
import {mask} from '../stack/mask.ts';
import type {EngineInfo} from '../stack/model.ts';
import {jsonVersion} from '../stack/status-json.ts';
import type {CommandContext} from './context.ts';

/** How long, in ms, an engine may take to say who it is. */
const patience = 5000;

/** `mlstack version`: what a report of a problem should hold. It ends well without an engine, too. */
export async function run(context: CommandContext): Promise<ExitReason> {
	const {values, stdout, signal} = context;
	const [engine, compose] = await Promise.all([describe(context), composeVersion(context)]);
	signal.throwIfAborted();
	const node = process.versions.node;
	if (values.json) {
		const document = {
			version: jsonVersion,
			mlstack: packageJson.version,
			node,
			...('kind' in engine ? {engine: engineJson(engine)} : {error: engine}),
			...(compose !== undefined && {compose}),
		};
		await stdout.write(`${JSON.stringify(document, undefined, '\t')}\n`);
		return 'fine';
	}

	await stdout.write(
		[
			`mlstack  ${packageJson.version}`,
			`node     ${node} (${process.platform}/${process.arch})`,
			`engine   ${'kind' in engine ? engineLine(engine) : `none: ${engine.message}`}`,
			`compose  ${compose ?? 'none'}`,
			'',
		].join('\n'),
	);
	return 'fine';
}

/** The engine, or why none answers. */
export async function describe({openEngine, signal}: CommandContext): Promise<EngineInfo | Failure> {
	try {
		const engine = await openEngine();
		return await engine.describe(AbortSignal.any([signal, AbortSignal.timeout(patience)]));
	} catch (error) {
		return asFailure(error);
	}
}

/** The version of the Compose plugin; `undefined` where there is none. */
export async function composeVersion({request, signal}: CommandContext): Promise<string | undefined> {
	const {runDocker} = await import('../engine/docker/docker-command.ts');
	try {
		const {exitCode, output} = await runDocker(
			{command: 'docker', arguments: [], environment: request.environment},
			['compose', 'version', '--short'],
			{signal},
		);
		return exitCode === 0 && output !== '' ? output : undefined;
	} catch {
		return undefined;
	}
}

/** The engine as `--json` prints it. */
export function engineJson({kind, version, apiVersion, context, endpoint, os, arch}: EngineInfo): object {
	return {kind, version, apiVersion, context, endpoint: mask(endpoint), os, arch};
}
