import {existsSync} from 'node:fs';
import {mkdir, writeFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {Failure} from '../../failure.ts';
import {readIfThere, replaceFile} from '../files.ts';
import {stringIn} from '../json.ts';
import {variableIn} from './compose-files.ts';
import {type DockerCommand, runDocker} from './docker-command.ts';
import {ensureVariables, forEngine, readTemplate} from './own-stack-files.ts';
import {type DatabaseLogin, recoverLogin} from './own-stack-login.ts';

/** A stack that was written into a folder of the user's. */
export interface InitialStack {
	readonly project: string;
	/** The files that were made or added to, by name. */
	readonly written: readonly string[];
	/** What was decided on the way, in sentences for the user. */
	readonly notes: readonly string[];
	/** Where MLflow answers once it runs. */
	readonly url: string;
}

/** What is written whole. */
const templates = ['compose.yaml', 'constraints.txt'];

/**
 * Writes mlstack's own stack into a folder that has none. Files that are there are not written over: a .env and a
 * .gitignore get the lines that they lack. Throws a Failure, with nothing changed, for a folder in which the rest has no place.
 */
export async function writeInitialStack(
	folder: string,
	project: string,
	docker: DockerCommand,
	signal: AbortSignal,
): Promise<InitialStack> {
	const taken = templates.find((name) => existsSync(join(folder, name)));
	if (taken !== undefined) {
		throw new Failure(`${join(folder, taken)} is there already, and is not written over`, {
			code: 'init-exists',
			next: ['mlstack init OTHER-FOLDER'],
		});
	}

	try {
		await mkdir(folder, {recursive: true});
		const isThere = await answers(docker, signal);
		const recover = async (): Promise<DatabaseLogin | undefined> =>
			isThere ? recoverLogin(project, folder, docker, signal) : undefined;
		const notes = await writeVariables(folder, project, docker.environment, recover);
		for (const name of templates) {
			const text = forUser(await readTemplate(name));
			const suited = isThere ? await forEngine(text, docker, signal) : text;
			await writeFile(join(folder, name), suited, {flag: 'wx', mode: 0o644});
		}

		const ignores = await ignoreVariables(folder);
		const variables = (await readIfThere(join(folder, '.env'))) ?? '';
		const port = docker.environment['MLFLOW_PORT'] || variableIn(variables, 'MLFLOW_PORT') || '5000';
		return {
			project,
			written: [...templates, '.env', ...(ignores ? ['.gitignore'] : [])],
			notes,
			url: `http://localhost:${port}`,
		};
	} catch (error) {
		if (error instanceof Failure || signal.aborted || stringIn(error, 'syscall') === undefined) {
			throw error;
		}

		throw new Failure(`the stack cannot be written to ${folder}`, {
			code: 'init-unwritable',
			why: error instanceof Error ? error.message : '',
			next: [`ls -ld ${folder}`],
			cause: error,
		});
	}
}

/** A project's name as compose makes it from a folder: small letters, digits, `-` and `_`, the first no mark. */
export function projectNameOf(folder: string): string {
	const name = basename(folder)
		.toLowerCase()
		.replaceAll(/[^a-z\d_-]/g, '');
	return name.replace(/^[_-]+/, '') || 'mlstack';
}

async function writeVariables(
	folder: string,
	project: string,
	environment: DockerCommand['environment'],
	recover: () => Promise<DatabaseLogin | undefined>,
): Promise<readonly string[]> {
	const notes = await ensureVariables(folder, {...environment, MLSTACK_PROJECT: project}, recover);
	const path = join(folder, '.env');
	const text = (await readIfThere(path)) ?? '';
	if (variableIn(text, 'MLSTACK_PROJECT') === undefined) {
		// Else it would share the containers and volumes of mlstack's own stack, and of every other folder.
		await replaceFile(path, `${text.trimEnd()}\nMLSTACK_PROJECT=${project}\n`, {mode: 0o600});
	}

	return notes;
}

/** Without an engine nothing can be known of a database that may be there already. */
async function answers(docker: DockerCommand, signal: AbortSignal): Promise<boolean> {
	try {
		const asked = await runDocker(docker, ['version', '--format', '{{.Server.Version}}'], {signal});
		return asked.exitCode === 0;
	} catch {
		signal.throwIfAborted();
		return false;
	}
}

/** The template says of itself that mlstack replaces it, which holds in mlstack's own folder only. */
function forUser(template: string): string {
	return template
		.replace(
			/^# Written by mlstack at the first `up`\.[^\n]*\n# is yours and stays\. Most/m,
			'# Written by `mlstack init`, and yours from then on. Most',
		)
		.replaceAll('?mlstack up writes it into .env', '?mlstack init wrote it into .env');
}

/** Whether `.env` had to be added to the folder's .gitignore. */
async function ignoreVariables(folder: string): Promise<boolean> {
	const path = join(folder, '.gitignore');
	const text = (await readIfThere(path)) ?? '';
	if (/^\/?\.env\s*$/m.test(text)) {
		return false;
	}

	const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
	await writeFile(path, `${before}.env\n`);
	return true;
}
