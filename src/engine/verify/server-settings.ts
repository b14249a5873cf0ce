import {mask} from '../../stack/mask.ts';
import type {EngineInfo} from '../../stack/model.ts';
import {runText} from '../backup/run.ts';
import type {Engine} from '../engine.ts';

/** What a tracking server was really started with, whatever its compose file meant. */
export interface ServerSettings {
	/** Where it keeps metadata: `postgresql+psycopg2://...`, `sqlite:///mlflow.db`, `./mlruns`. Holds the password. */
	readonly backend: string;
	/** Where it keeps artifacts: `/mlartifacts`, `s3://bucket`; empty when it serves none. */
	readonly destination: string;
}

/**
 * MLflow hands its settings to its server processes in these variables, whether they came as options or from the
 * environment (mlflow/server/__init__.py, 1.0 to 3.x).
 */
const names = {backend: '_MLFLOW_SERVER_FILE_STORE', destination: '_MLFLOW_SERVER_ARTIFACT_DESTINATION'};

/** A container has processes of its own; beside it, on the machine, other servers may run. */
const readProcesses = `
for file in /proc/[0-9]*/environ; do
  tr '\\0' '\\n' < "$file" | grep -aE '^(${names.backend}|${names.destination})='
done 2>/dev/null
:
`.trim();

const readOwn = `
echo "${names.backend}=$MLFLOW_BACKEND_STORE_URI"
echo "${names.destination}=$MLFLOW_ARTIFACTS_DESTINATION"
`.trim();

/** The settings of the server in a container, as far as they can be read; undefined where they cannot. */
export async function serverSettings(
	engine: Pick<Engine, 'execute'>,
	kind: EngineInfo['kind'],
	container: string,
	signal: AbortSignal,
): Promise<ServerSettings | undefined> {
	const script = kind === 'docker' ? readProcesses : readOwn;
	try {
		const what = 'reading the server’s settings';
		const text = await runText(engine, container, ['sh', '-c', script], {what}, signal);
		const value = (name: string): string =>
			text
				.split('\n')
				.find((line) => line.startsWith(`${name}=`))
				?.slice(name.length + 1) ?? '';
		const settings = {backend: value(names.backend), destination: value(names.destination)};
		return settings.backend === '' ? undefined : settings;
	} catch {
		// An image without a shell: what they are good for, a better reason, is then left out.
		signal.throwIfAborted();
		return undefined;
	}
}

/** What a backend store is, in words: `files below ./mlruns in its container`. */
export function backendWords(settings: ServerSettings): string {
	const {backend} = settings;
	if (isPostgres(settings)) {
		return `PostgreSQL at ${mask(backend).replace(/^[^@]*@/, '')}`;
	}

	if (backend.startsWith('sqlite:')) {
		return `SQLite, the file ${backend.replace(/^sqlite:\/{2,3}/, '')} in its container`;
	}

	return isRemote(backend)
		? mask(backend)
		: `files below ${backend.replace(/^file:(?:\/\/)?/, '')} in its container`;
}

export function isPostgres({backend}: ServerSettings): boolean {
	return backend.startsWith('postgres');
}

/** Whether a place for artifacts is a service of its own, such as `s3://bucket`, and no path of the server. */
export function isRemote(uri: string): boolean {
	return /^[a-z][a-z\d+.-]*:/i.test(uri) && !uri.startsWith('file:');
}
