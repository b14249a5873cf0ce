import {asFailure, Failure} from '../../failure.ts';
import type {Stack} from '../../stack/model.ts';
import type {Engine} from '../engine.ts';
import {checkFiles, type CheckedFile, type CheckOptions, type Correction} from './check.ts';
import {takeBack, writeCorrection, type Written} from './write.ts';

/** Writes all of the corrections, or none: throws the Failure of the one that cannot be written. */
export async function writeCorrections(
	corrections: readonly Correction[],
	now: number,
): Promise<readonly Written[]> {
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

/** What is left to say of the files as they are now. Throws a Failure for files that compose refuses, once they are as they were. */
export async function checkWritten(
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
