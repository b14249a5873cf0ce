import {createHash} from 'node:crypto';
import {mkdir, readFile, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {replaceFile} from '../files.ts';
import type {PublishedPort, ServiceDefinition, Stack} from '../../stack/model.ts';
import {arrayIn, isRecord, numberIn, stringIn} from '../json.ts';
import {userFolder} from '../user-folders.ts';

/** Moves when what is kept changes its shape. */
const format = 1;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Keeps what compose said of a stack, so that the next first frame needs no child process. Only what the model holds of
 * a stack is kept: no command, no environment, so no secret. Never throws: a cache that cannot be written is none.
 */
export async function rememberStack(
	files: readonly string[],
	project: string | undefined,
	stack: Stack,
	environment: Environment,
): Promise<void> {
	const path = placeOf(files, project, environment);
	const text = JSON.stringify({format, states: await statesOf(files), stack});
	try {
		await mkdir(dirname(path), {recursive: true, mode: 0o700});
		await replaceFile(path, text, {mode: 0o600});
	} catch {
		// The next start asks compose again.
	}
}

/** What was kept, if no file of it changed since. Never throws. */
export async function recallStack(
	files: readonly string[],
	project: string | undefined,
	environment: Environment,
): Promise<Stack | undefined> {
	try {
		const kept: unknown = JSON.parse(await readFile(placeOf(files, project, environment), 'utf8'));
		if (numberIn(kept, 'format') !== format || stringIn(kept, 'states') !== (await statesOf(files))) {
			return undefined;
		}

		return isRecord(kept) ? parseStack(kept['stack']) : undefined;
	} catch {
		return undefined;
	}
}

function placeOf(files: readonly string[], project: string | undefined, environment: Environment): string {
	const key = createHash('sha256')
		.update(JSON.stringify([files, project, ...variables.map((name) => environment[name] ?? null)]))
		.digest('hex')
		.slice(0, 32);
	return join(userFolder('cache', environment), 'stacks', `${key}.json`);
}

/** What of the environment changes which services there are, or the project's name. */
const variables = ['COMPOSE_PROFILES', 'COMPOSE_PROJECT_NAME', 'MLSTACK_PROJECT'];

/** Time and size of each file, and of the .env beside the first one. */
async function statesOf(files: readonly string[]): Promise<string> {
	const [first] = files;
	const all = first === undefined ? files : [...files, join(dirname(first), '.env')];
	const states = await Promise.all(
		all.map(async (path) => {
			const found = await stat(path).catch(() => undefined);
			return found ? `${found.mtimeMs} ${found.size}` : '';
		}),
	);
	return states.join(',');
}

function parseStack(value: unknown): Stack | undefined {
	const project = stringIn(value, 'project');
	const origin = stringIn(value, 'origin');
	if (project === undefined || (origin !== 'files' && origin !== 'own' && origin !== 'project')) {
		return undefined;
	}

	return {
		project,
		origin,
		files: texts(arrayIn(value, 'files')),
		directory: stringIn(value, 'directory') ?? '',
		services: arrayIn(value, 'services').flatMap(parseService),
	};
}

function parseService(value: unknown): ServiceDefinition[] {
	const name = stringIn(value, 'name');
	const role = stringIn(value, 'role');
	if (name === undefined || !isRecord(value)) {
		return [];
	}

	const image = stringIn(value, 'image');
	return [
		{
			name,
			role: role === 'database' || role === 'tracking' ? role : 'other',
			...(image !== undefined && {image}),
			build: value['build'] === true,
			ports: arrayIn(value, 'ports').flatMap(parsePort),
			dependsOn: texts(arrayIn(value, 'dependsOn')),
			hasHealthcheck: value['hasHealthcheck'] === true,
		},
	];
}

function parsePort(value: unknown): PublishedPort[] {
	const published = numberIn(value, 'published');
	const target = numberIn(value, 'target');
	return published === undefined || target === undefined
		? []
		: [
				{
					address: stringIn(value, 'address') ?? '',
					published,
					target,
					protocol: stringIn(value, 'protocol') ?? 'tcp',
				},
			];
}

function texts(values: readonly unknown[]): readonly string[] {
	return values.filter((value) => typeof value === 'string');
}
