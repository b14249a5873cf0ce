import {dirname} from 'node:path';
import {createInterface} from 'node:readline';
import {Readable} from 'node:stream';
import {Failure} from '../../failure.ts';
import {executeIn} from './execute.ts';
import {projectPaths, type NativePaths} from './paths.ts';
import {readState} from './state-file.ts';

/**
 * Runs a command in a service's environment, whether it runs or not. Gives the lines of its standard output. An aborted
 * signal ends it, and the iteration quietly. Throws a Failure when it fails, and for a service that was never started.
 */
export async function* runOnce(
	native: NativePaths,
	project: string,
	service: string,
	command: readonly string[],
	signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
	const {entries} = readState(projectPaths(native, project).state);
	const spec = entries.find(({spec: {name}}) => name === service)?.spec;
	if (!spec) {
		throw new Failure(`${service} was never started`, {
			code: 'not-started',
			next: [`mlstack -p ${project} up`],
		});
	}

	try {
		const {output, done} = await executeIn(spec, command, {}, [dirname(spec.command[0] ?? '')], signal);
		yield* createInterface({input: Readable.from(output)});
		const {exitCode, errors} = await done;
		if (exitCode !== 0) {
			throw new Failure(`${command[0] ?? ''} for ${service} failed`, {
				code: 'command-failed',
				why: errors.trim().split('\n').slice(-5).join('\n') || `it ended with code ${exitCode}`,
			});
		}
	} catch (error) {
		if (!signal.aborted) {
			throw error;
		}
	}
}
