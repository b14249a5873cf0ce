import {asFailure, Failure} from '../../failure.ts';
import type {Container, Stack} from '../../stack/model.ts';
import {runText} from '../backup/run.ts';
import type {Engine} from '../engine.ts';
import {recordIn, stringIn} from '../json.ts';
import type {OpenStores} from '../storage.ts';
import {openArtifactStores, removeEmptyFolder} from './artifact.ts';
import type {Server} from './reach.ts';
import {findExperiment, removeRows} from './rows.ts';
import type {Sample} from './sample-run.ts';
import {isRemote} from './server-settings.ts';

/** What a verification has made so far. */
export interface Made {
	readonly sample: Sample;
	/** The experiment's number; absent until MLflow has told it. */
	experiment?: string;
	/** The folder of the run's artifacts, below where the server keeps artifacts, once one was sent. */
	path?: string;
	/** The stores that the artifact was looked for in. */
	opened?: OpenStores;
}

/**
 * Removes what a verification made: first out of the user's sight, as MLflow itself deletes, then for good. Throws a
 * Failure that says what stays, where something does.
 */
export async function removeSample(
	{engine, stack}: {readonly engine: Engine; readonly stack: Stack},
	server: Server,
	databases: readonly Container[],
	made: Made,
	signal: AbortSignal,
): Promise<void> {
	const {api} = server;
	const {sample, path} = made;
	try {
		// A request that was cut off may have made it all the same.
		const experiment = made.experiment ?? (await experimentNamed(server, sample, signal));
		if (experiment === undefined) {
			return;
		}

		await api.post('experiments/delete', {experiment_id: experiment}, 'delete the experiment', signal);
		const kept: Failure[] = [];
		const attempt = async (work: () => Promise<void>): Promise<void> =>
			work().catch((error: unknown) => void kept.push(asFailure(error)));
		if (path !== undefined) {
			await attempt(async () => api.deleteArtifacts(path.replace(/\/artifacts$/, ''), signal));
		}

		await attempt(async () => removeMetadata(engine, server, databases, sample, experiment, signal));
		if (path !== undefined && !isRemote(server.settings?.destination ?? '')) {
			await attempt(async () => {
				const opened = made.opened ?? (await openArtifactStores(engine, stack, signal))?.opened;
				if (opened) {
					made.opened = opened;
					await removeEmptyFolder(engine, opened, experiment, signal);
				}
			});
		}

		if (kept.length > 0) {
			throw staysBehind(sample, experiment, kept);
		}
	} finally {
		// A helper ends with this process at the latest.
		await made.opened?.close().catch(() => undefined);
	}
}

async function experimentNamed(
	{api}: Server,
	{experiment: name}: Sample,
	signal: AbortSignal,
): Promise<string | undefined> {
	try {
		const query = `experiments/get-by-name?experiment_name=${name}`;
		const answer = await api.get(query, 'look for the experiment', signal);
		return stringIn(recordIn(answer, 'experiment'), 'experiment_id');
	} catch (error) {
		if (error instanceof Failure && error.code === 'mlflow-refused') {
			return undefined;
		}

		throw error;
	}
}

/** `mlflow gc` leaves empty folders behind. */
const collect = `
mlflow gc --backend-store-uri "$MLSTACK_STORE" --experiment-ids "$MLSTACK_EXPERIMENT" || exit
folder=$MLSTACK_ARTIFACTS/$MLSTACK_EXPERIMENT
if [ -d "$folder" ]; then rmdir "$folder"/* "$folder"; fi 2>/dev/null
:
`.trim();

/** Out of PostgreSQL at once; out of another backend store with MLflow's own means, in the server's container. */
async function removeMetadata(
	engine: Engine,
	{container, settings}: Server,
	databases: readonly Container[],
	sample: Sample,
	experiment: string,
	signal: AbortSignal,
): Promise<void> {
	const backend = await findExperiment(engine, databases, sample, experiment, signal);
	if (backend) {
		await removeRows(engine, backend, sample, experiment, signal);
		return;
	}

	const port = container.ports.find(({protocol}) => protocol === 'tcp')?.target ?? 5000;
	const environment = {
		MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}`,
		GIT_PYTHON_REFRESH: 'quiet',
		MLSTACK_STORE: settings?.backend ?? '',
		MLSTACK_ARTIFACTS: settings?.destination ?? '',
		MLSTACK_EXPERIMENT: experiment,
	};
	const what = '`mlflow gc`';
	await runText(engine, container.id, ['sh', '-c', collect], {what, environment}, signal);
}

function staysBehind({experiment: name}: Sample, experiment: string, kept: readonly Failure[]): Failure {
	return new Failure(`the experiment ${name} (${experiment}) is deleted, but not all of it is gone`, {
		code: 'left-behind',
		why: kept.map(({message, why}) => (why === '' ? message : `${message}: ${why}`)).join('; '),
		next: [
			`in the server’s container: mlflow gc --backend-store-uri URI --experiment-ids ${experiment}`,
			'nobody sees it meanwhile: MLflow shows it under deleted experiments only',
		],
	});
}
