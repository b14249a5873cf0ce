import {commandRow, options as optionRows} from './arguments.ts';
import {Interruption, type CommandContext, type Output} from './commands/context.ts';
import type {Engine, EngineOptions} from './engine/engine.ts';
import {asFailure, exitCodes, Failure, failureText} from './failure.ts';
import {parseCall, type Call} from './parse-arguments.ts';
import type {StackRequest} from './stack/model.ts';

/** The world that a call of mlstack runs in: a process's own, or a test's. */
export interface World extends Pick<
	CommandContext,
	'stdout' | 'stderr' | 'isTTY' | 'signal' | 'ask' | 'read' | 'browse'
> {
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** Where mlstack was called. */
	readonly directory: string;
	readonly openEngine: (options: EngineOptions) => Promise<Engine>;
}

/** Runs a command line and returns what the process exits with. It throws nothing: what fails is told and counted. */
export async function call(argv: readonly string[], world: World): Promise<number> {
	let engine: Promise<Engine> | undefined;
	try {
		const {command, values, positionals}: Call = parseCall(argv);
		const {run} = await commandRow(command).load();
		const request: StackRequest = {
			files: values.file ?? [],
			...projectOf(values.project ?? world.environment['COMPOSE_PROJECT_NAME']),
			directory: world.directory,
			environment: world.environment,
		};
		const options: EngineOptions = {...engineOptions(values, world.environment), request};
		const reason = await run({
			...world,
			values,
			positionals,
			engine: options,
			request,
			openEngine: async () => (engine ??= world.openEngine(options)),
			openOther: async (kind) => world.openEngine({...options, kind}),
		});
		return world.signal.aborted ? await ended(world.signal.reason, argv, world) : exitCodes[reason].code;
	} catch (error) {
		return await ended(world.signal.aborted ? world.signal.reason : error, argv, world);
	} finally {
		await engine?.then(
			(opened) => opened.close(),
			() => undefined,
		);
	}
}

function engineOptions(values: Call['values'], environment: World['environment']): EngineOptions {
	const named = environment['MLSTACK_ENGINE'] || 'auto';
	const kind = values.engine ?? optionRows.engine.choices.find((choice) => choice === named);
	if (kind === undefined) {
		throw new Failure(`MLSTACK_ENGINE names no engine: ${named}`, {
			code: 'wrong-engine',
			why: `it may be ${optionRows.engine.choices.join(', ')}`,
			reason: 'wrongCall',
		});
	}

	return {
		...(values.host !== undefined && {host: values.host}),
		...(values.context !== undefined && {context: values.context}),
		kind,
		environment,
	};
}

function projectOf(project: string | undefined): {project?: string} {
	return project ? {project} : {};
}

/** What the process exits with after something was thrown; said to the user unless the user caused it. */
async function ended(why: unknown, argv: readonly string[], world: World): Promise<number> {
	if (why instanceof Interruption) {
		return why.exitCode;
	}

	const failure = asFailure(why);
	await tell(failure, argv.includes('--json'), world.stdout, world.stderr);
	if (world.environment['MLSTACK_DEBUG']) {
		const {stack} = failure.cause instanceof Error ? failure.cause : failure;
		await world.stderr.write(`${stack ?? ''}\n`);
	}

	return exitCodes[failure.reason].code;
}

async function tell(failure: Failure, json: boolean, stdout: Output, stderr: Output): Promise<void> {
	await (json
		? stdout.write(`${JSON.stringify({version: 1, error: failure})}\n`)
		: stderr.write(`${failureText(failure)}\n`));
}
