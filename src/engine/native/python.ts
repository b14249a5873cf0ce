import {existsSync} from 'node:fs';
import {delimiter, join} from 'node:path';
import {Failure} from '../../failure.ts';
import {numberIn, stringIn} from '../json.ts';
import {runProgram} from './run-program.ts';

/** A Python that can run MLflow. */
export interface Python {
	readonly executable: string;
	/** The minor version of Python 3. */
	readonly minor: number;
	/** It can make environments with pip in them by itself; Debian's needs the package python3-venv for that. */
	readonly hasPip: boolean;
}

/** MLflow 3.2 and later need 3.10; the constraints hold pins for 3.10 to 3.14. */
const oldestMinor = 10;
const newestMinor = 14;

/** Tried in this order: 3.13 is what the container stack runs, newer ones come last. */
const usual = ['python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3.14', 'python3', 'python'];

const question = `
import json, sys
try:
    import ensurepip, venv
    pip = True
except ImportError:
    pip = False
print(json.dumps({"executable": sys.executable, "major": sys.version_info[0], "minor": sys.version_info[1], "pip": pip}))
`;

/** MLSTACK_PYTHON, else the first that fits on the PATH; `undefined` when none does. */
export async function findPython(
	environment: Readonly<Record<string, string | undefined>>,
	signal?: AbortSignal,
	platform: NodeJS.Platform = process.platform,
): Promise<Python | undefined> {
	const named = environment['MLSTACK_PYTHON'];
	const areStubs = !named && platform === 'darwin' && !(await hasDeveloperTools(environment, signal));
	for (const program of named ? [named] : usual) {
		if (areStubs && isInUsrBin(program, environment['PATH'])) {
			continue;
		}

		// -I: neither the folder nor PYTHONPATH, PYTHONHOME and the like of the user's shell are for this one.
		const {exitCode, output} = await runProgram([program, '-I', '-c', question], {environment, signal});
		const python = exitCode === 0 ? parsePython(output) : undefined;
		if (python) {
			return python;
		}
	}

	return undefined;
}

/**
 * Without Apple's command line tools, /usr/bin/python3 is a stub that opens a dialog which offers to install them
 * (xcode-select(1), xcrun(1)).
 */
async function hasDeveloperTools(
	environment: Readonly<Record<string, string | undefined>>,
	signal: AbortSignal | undefined,
): Promise<boolean> {
	return (await runProgram(['xcode-select', '-p'], {environment, signal})).exitCode === 0;
}

function isInUsrBin(program: string, path = ''): boolean {
	return path.split(delimiter).find((folder) => existsSync(join(folder, program))) === '/usr/bin';
}

function parsePython(output: string): Python | undefined {
	let value: unknown;
	try {
		value = JSON.parse(output.trim().split('\n').at(-1) ?? '');
	} catch {
		return undefined;
	}

	const executable = stringIn(value, 'executable');
	const minor = numberIn(value, 'minor') ?? 0;
	const fits = numberIn(value, 'major') === 3 && minor >= oldestMinor && minor <= newestMinor;
	const hasPip = typeof value === 'object' && value !== null && 'pip' in value && value.pip === true;
	return fits && executable ? {executable, minor, hasPip} : undefined;
}

/** Says which Python is needed, and how to get one. */
export function noPython(named: string | undefined): Failure {
	return new Failure('MLflow needs Python 3.10 or newer, and none was found', {
		code: 'native-no-python',
		why: named
			? `MLSTACK_PYTHON names ${named}, which is no Python 3.${oldestMinor} to 3.${newestMinor}.`
			: `None of ${usual.join(', ')} on the PATH is a Python 3.${oldestMinor} to 3.${newestMinor}.`,
		next: [
			'Debian, Ubuntu: apt install python3 python3-venv',
			'macOS: brew install python@3.13',
			'or install uv, which brings a Python of its own: https://docs.astral.sh/uv',
		],
	});
}
