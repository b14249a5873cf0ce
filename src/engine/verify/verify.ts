import {asFailure} from '../../failure.ts';
import type {Container, EngineInfo, Stack} from '../../stack/model.ts';
import {
	initialVerification,
	update,
	type Verification,
	type VerifyEvent,
	type VerifyStepName,
} from '../../stack/verify/verification.ts';
import {currentContainers} from '../backup/containers.ts';
import type {Engine} from '../engine.ts';
import {isInStores, openArtifactStores, servedPath} from './artifact.ts';
import {
	artifactDiffers,
	artifactElsewhere,
	artifactsInContainer,
	noDatabase,
	notInPostgres,
	rowsMissing,
} from './failures.ts';
import {reachServer, type Server} from './reach.ts';
import {removeSample, type Made} from './remove.ts';
import {findExperiment, missingRows, type Backend} from './rows.ts';
import {createExperiment, logRun, newSample, readRun, type LoggedRun} from './sample-run.ts';
import {isRemote} from './server-settings.ts';

/** How long, in ms, what was made may take to be removed, however the rest went. */
const removalTime = 60_000;

/**
 * How long, in ms, MLflow may still take to answer a request that makes something when the user has cancelled: one that
 * was cut off may be carried out all the same, and later than what removes it.
 */
const grace = 3000;

export interface VerifyOptions {
	readonly engine: Engine;
	readonly info: EngineInfo;
	readonly stack: Stack;
	/** For the login of a server that wants one. */
	readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Proves that a stack keeps metadata in PostgreSQL and artifacts on the server: logs a run as a client does, looks for it
 * in the database and on the volume, and removes it again. Reports each change of a step. Nothing is restarted. What was
 * made is removed however it ends, also when the signal aborts: then the verification is cancelled, and returned all the
 * same. Throws a Failure only when the engine goes away before anything was made.
 */
export async function verify(
	options: VerifyOptions,
	report: (verification: Verification) => void,
	signal: AbortSignal,
): Promise<Verification> {
	const containers = await currentContainers(options.engine, options.stack, signal);
	return new Verifier(options, containers, report, signal).run();
}

class Verifier {
	readonly #options: VerifyOptions;
	readonly #containers: readonly Container[];
	readonly #report: (verification: Verification) => void;
	readonly #signal: AbortSignal;
	/** Aborts a while after the other. */
	readonly #late = new AbortController();
	readonly #made: Made = {sample: newSample()};
	#verification = initialVerification;

	constructor(
		options: VerifyOptions,
		containers: readonly Container[],
		report: (verification: Verification) => void,
		signal: AbortSignal,
	) {
		this.#options = options;
		this.#containers = containers;
		this.#report = report;
		this.#signal = signal;
	}

	async run(): Promise<Verification> {
		const server = await this.#step(
			'reach',
			async () => reachServer(this.#options, this.#containers, this.#signal),
			({url}) => url,
		);
		if (server) {
			await this.#patiently(async () => this.#prove(server));
			const until = AbortSignal.timeout(removalTime);
			await this.#step('remove', async () =>
				removeSample(this.#options, server, this.#databases(), this.#made, until),
			);
		}

		this.#tell({type: 'over', isCancelled: this.#signal.aborted});
		return this.#verification;
	}

	async #patiently(work: () => Promise<void>): Promise<void> {
		let timer: NodeJS.Timeout | undefined;
		const onAbort = (): void => {
			timer = setTimeout(() => this.#late.abort(this.#signal.reason), grace);
		};
		this.#signal.addEventListener('abort', onAbort, {once: true});
		try {
			await work();
		} finally {
			this.#signal.removeEventListener('abort', onAbort);
			clearTimeout(timer);
		}
	}

	/** Each step that what it needs came about for; a failure of one says nothing about the next. */
	async #prove(server: Server): Promise<void> {
		const {sample} = this.#made;
		const run = await this.#step('log', async () => {
			this.#made.experiment = await createExperiment(server.api, sample, this.#late.signal);
			this.#signal.throwIfAborted();
			return logRun(server.api, sample, this.#made.experiment, this.#late.signal);
		});
		if (!run) {
			return;
		}

		const path = await this.#step('send', async () => this.#send(server, run));
		await this.#step('read', async () => this.#readBack(server, run, path));
		await this.#step(
			'rows',
			async () => this.#findRows(server, run),
			({container, database}) => `database ${database} of ${container.service}`,
		);
		if (path !== undefined) {
			await this.#step('volume', async () => this.#findArtifact(server, path), String);
		}
	}

	/** The artifact's folder, below where the server keeps artifacts. */
	async #send({api}: Server, run: LoggedRun): Promise<string> {
		const path = servedPath(run);
		const {file, content} = this.#made.sample;
		this.#made.path = path;
		await api.putArtifact(`${path}/${file}`, content, this.#late.signal);
		return path;
	}

	async #readBack({api}: Server, run: LoggedRun, path: string | undefined): Promise<void> {
		const {sample} = this.#made;
		await readRun(api, sample, run, this.#signal);
		if (path === undefined) {
			return;
		}

		const served = await api.getArtifact(`${path}/${sample.file}`, this.#signal);
		if (!Buffer.from(served).equals(sample.content)) {
			throw artifactDiffers();
		}
	}

	async #findRows({settings}: Server, run: LoggedRun): Promise<Backend> {
		const {engine, stack} = this.#options;
		const {sample} = this.#made;
		const databases = this.#databases();
		if (databases.length === 0) {
			throw noDatabase(stack, settings);
		}

		const backend = await findExperiment(engine, databases, sample, run.experiment, this.#signal);
		if (!backend) {
			throw notInPostgres(settings);
		}

		const missing = await missingRows(engine, backend, sample, run, this.#signal);
		if (missing.length > 0) {
			throw rowsMissing(backend, missing);
		}

		return backend;
	}

	/** Where the artifact is, in words. */
	async #findArtifact({settings}: Server, path: string): Promise<string> {
		if (settings && isRemote(settings.destination)) {
			// It went there and came back from there through the server, which is all that can be seen from here.
			return settings.destination;
		}

		const {engine, stack} = this.#options;
		const artifacts = await openArtifactStores(engine, stack, this.#signal);
		if (!artifacts) {
			throw artifactsInContainer(settings);
		}

		const {opened, stores} = artifacts;
		this.#made.opened = opened;
		const {file, content} = this.#made.sample;
		const words = stores.map(({kind, name}) => `the ${kind} ${name}`).join(' or ');
		if (!(await isInStores(engine, opened, {path: `${path}/${file}`, content}, this.#signal))) {
			throw artifactElsewhere(words, settings);
		}

		return words;
	}

	#databases(): readonly Container[] {
		return this.#containers.filter(({role, status}) => role === 'database' && status === 'running');
	}

	/** Carries a step out and tells how it went; the result is undefined when it failed, or was skipped. */
	async #step<Result>(
		name: VerifyStepName,
		work: () => Promise<Result>,
		detailOf?: (result: Result) => string,
	): Promise<Result | undefined> {
		const isRemoval = name === 'remove';
		if (this.#signal.aborted && !isRemoval) {
			return undefined;
		}

		const began = performance.now();
		this.#tell({type: 'step', step: {name, state: 'working'}});
		try {
			const result = await work();
			const took = performance.now() - began;
			const detail = detailOf?.(result);
			this.#tell({type: 'step', step: {name, state: 'done', took, ...(detail !== undefined && {detail})}});
			return result;
		} catch (error) {
			const took = performance.now() - began;
			this.#tell({
				type: 'step',
				step:
					this.#signal.aborted && !isRemoval
						? {name, state: 'skipped'}
						: {name, state: 'failed', took, failure: asFailure(error)},
			});
			return undefined;
		}
	}

	#tell(event: VerifyEvent): void {
		this.#verification = update(this.#verification, event);
		this.#report(this.#verification);
	}
}
