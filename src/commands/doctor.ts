import type {Engine} from '../engine/engine.ts';
import {asFailure, Failure, failureText, type ExitReason} from '../failure.ts';
import {worst} from '../stack/lint/lint.ts';
import {formatCount} from '../stack/format.ts';
import type {Stack} from '../stack/model.ts';
import type {CommandContext} from './context.ts';
import {
	checkFiles,
	correctionsOf,
	whyNoFile,
	type CheckedFile,
	type CheckOptions,
	type Correction,
} from './doctor/check.ts';
import {
	diffText,
	doctorDocument,
	environmentText,
	findingsText,
	summaryText,
	writtenText,
	type Environment,
} from './doctor/report.ts';
import {takeBack, writeCorrection, type Written} from './doctor/write.ts';
import {composeVersion, describe} from './version.ts';

/** `mlstack doctor`: what the stack runs on, what is wrong in its compose files; with --fix they are corrected. */
export async function run(context: CommandContext): Promise<ExitReason> {
	const {values, stdout, stderr, signal, request, openEngine} = context;
	const engine = await openEngine();
	const [described, compose] = await Promise.all([describe(context), composeVersion(context)]);
	signal.throwIfAborted();
	const environment: Environment = {engine: described, compose};
	const tell = async (text: string): Promise<void> => (values.json ? undefined : stdout.write(text));
	await tell(environmentText(environment));
	const away = described instanceof Failure ? described : undefined;
	const stack = await resolve(context, engine, away);
	const options: CheckOptions = {
		directory: request.directory,
		engineVersion: 'kind' in described && described.kind === 'docker' ? described.version : undefined,
		now: Date.now(),
	};
	let files = await checkFiles(engine, stack, options, signal);
	await tell(findingsText(stack, files, stdout));
	const written = values.fix ? await correct(context, files, options.now, tell) : [];
	if (written.length > 0) {
		files = await checkAgain(engine, stack, options, written, signal);
		for (const each of written) {
			await tell(writtenText(each, stdout));
		}
	}

	await tell(`${whyNoFile(stack) ?? summaryText(files, written.length > 0).trimEnd()}\n`);
	if (values.json) {
		const document = doctorDocument(environment, stack, files, written);
		await stdout.write(`${JSON.stringify(document, undefined, '\t')}\n`);
	} else if (away) {
		await stderr.write(`${failureText(away)}\n`);
	}

	return away ? 'noEngine' : worst(files.flatMap(({findings}) => findings)) === 'error' ? 'failed' : 'fine';
}

/** Files are resolved without an engine, too; when that fails as well, the engine's absence is what to mend first. */
async function resolve(
	{request, signal}: CommandContext,
	engine: Engine,
	away: Failure | undefined,
): Promise<Stack> {
	try {
		return await engine.resolve(request, signal);
	} catch (error) {
		signal.throwIfAborted();
		throw away ?? error;
	}
}

/** Shows the corrections, asks, and writes them. Throws a Failure where nobody can be asked. */
async function correct(
	context: CommandContext,
	files: readonly CheckedFile[],
	now: number,
	tell: (text: string) => Promise<void>,
): Promise<readonly Written[]> {
	const {stdout, stderr, signal} = context;
	const corrections = correctionsOf(files);
	if (corrections.length === 0) {
		return [];
	}

	for (const correction of corrections) {
		await tell(`${diffText(correction, stdout)}\n`);
	}

	if (!(await isAgreed(context, corrections))) {
		await stderr.write('Nothing was written.\n');
		return [];
	}

	signal.throwIfAborted();
	const written: Written[] = [];
	try {
		for (const correction of corrections) {
			written.push(await writeCorrection(correction, now));
		}
	} catch (error) {
		await takeAllBack(written);
		throw error;
	}

	return written;
}

async function isAgreed(
	{values, isTTY, ask}: CommandContext,
	corrections: readonly Correction[],
): Promise<boolean> {
	if (values.yes) {
		return true;
	}

	if (!isTTY || values.json) {
		throw new Failure('nobody can be asked here, so nothing was written', {
			code: 'confirmation-needed',
			reason: 'wrongCall',
			why: 'there is no terminal, or --json was given',
			next: ['mlstack doctor --fix --yes'],
		});
	}

	const count = corrections.reduce((sum, {changes}) => sum + changes.length, 0);
	const names = corrections.map(({file}) => file.input.file).join(', ');
	return ask(`Write ${formatCount(count, 'change')} to ${names}? A copy of what it was is kept.`);
}

/** What is left to say of the files as they are now. Files that compose refuses are brought back first. */
async function checkAgain(
	engine: Engine,
	stack: Stack,
	options: CheckOptions,
	written: readonly Written[],
	signal: AbortSignal,
): Promise<readonly CheckedFile[]> {
	try {
		return await checkFiles(engine, stack, options, signal);
	} catch (error) {
		signal.throwIfAborted();
		await takeAllBack(written);
		throw new Failure('compose refuses the corrected file, so it is again as it was', {
			code: 'fix-refused',
			why: asFailure(error).message,
			next: ['change by hand what `mlstack doctor` finds'],
			cause: error,
		});
	}
}

async function takeAllBack(written: readonly Written[]): Promise<void> {
	for (const each of written) {
		await takeBack(each);
	}
}
