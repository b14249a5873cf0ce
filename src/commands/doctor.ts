import {
	checkFiles,
	checkOptionsFor,
	correctionsOf,
	whyNoFile,
	type CheckedFile,
	type Correction,
} from '../engine/doctor/check.ts';
import {checkWritten, writeCorrections} from '../engine/doctor/correct.ts';
import {toldFindings} from '../engine/doctor/findings.ts';
import type {Written} from '../engine/doctor/write.ts';
import {asFailure, Failure, failureText, type ExitReason} from '../failure.ts';
import {examine} from '../stack/environment/environment.ts';
import {formatCount} from '../stack/format.ts';
import type {CommandContext} from './context.ts';
import {
	diffText,
	doctorDocument,
	environmentText,
	findingsText,
	summaryText,
	writtenText,
} from './doctor-report.ts';

/** `mlstack doctor`: what the stack runs on, what is wrong there and in its compose files, which --fix corrects. */
export async function run(context: CommandContext): Promise<ExitReason> {
	const {values, stdout, stderr, signal, request, openEngine} = context;
	const engine = await openEngine();
	const resolved = await engine.resolve(request, signal).catch(asFailure);
	const environment = await engine.environment('project' in resolved ? resolved : undefined, signal);
	const {away} = environment;
	const tell = async (text: string): Promise<void> => (values.json ? undefined : stdout.write(text));
	await tell(environmentText(environment));
	if (!('project' in resolved)) {
		signal.throwIfAborted();
		// Files are resolved without an engine, too; when that fails as well, the engine's absence is what to mend first.
		throw away ?? resolved;
	}

	const stack = resolved;
	// Why no engine answers is said at the end, where it is read.
	const troubles = examine(environment).filter(({check}) => check !== 'engine-away');
	const options = checkOptionsFor(environment, request.directory);
	let files = await checkFiles(engine, stack, options, signal);
	await tell(findingsText(stack, files, toldFindings(troubles, files), stdout));
	const written = values.fix ? await correct(context, files, options.now, tell) : [];
	if (written.length > 0) {
		files = await checkWritten(engine, stack, options, written, signal);
		for (const each of written) {
			await tell(writtenText(each, stdout));
		}
	}

	const left = toldFindings(troubles, files);
	const noFile = whyNoFile(stack);
	await tell(noFile === undefined ? '' : `${noFile}\n`);
	await tell(noFile === undefined || left.length > 0 ? `${summaryText(left, written.length > 0)}\n` : '');
	if (values.json) {
		const document = doctorDocument({environment, troubles, stack, files, written});
		await stdout.write(`${JSON.stringify(document, undefined, '\t')}\n`);
	} else if (away) {
		await stderr.write(`${failureText(away)}\n`);
	}

	return away ? 'noEngine' : left.some(({severity}) => severity === 'error') ? 'failed' : 'fine';
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
	return writeCorrections(corrections, now);
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
