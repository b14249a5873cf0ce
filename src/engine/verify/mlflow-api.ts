import {request, type IncomingMessage} from 'node:http';
import {Failure} from '../../failure.ts';
import {mask} from '../../stack/mask.ts';
import {stringIn} from '../json.ts';

/** How long, in ms, MLflow may take for one answer: a database on a slow disk commits in a second or two. */
const answerTimeout = 30_000;

/** How much of an answer is read, in bytes: more than MLflow says to any of these requests. */
const longestAnswer = 1024 * 1024;

type Environment = Readonly<Record<string, string | undefined>>;

/** What is sent along with a request. */
interface Body {
	readonly type: string;
	readonly bytes: Uint8Array;
}

/**
 * MLflow's REST API (https://mlflow.org/docs/latest/rest-api.html), as far as the versions from 1.x to 3.x share it.
 * Every method throws a Failure that says what MLflow was asked to do, or the signal's reason. `what` completes the
 * sentence "MLflow did not ...".
 */
export class MlflowApi {
	readonly #url: string;
	readonly #login: Readonly<Record<string, string>>;

	/** `url` as in `http://localhost:5000`; a login is taken from the environment, as MLflow's own clients take it. */
	constructor(url: string, environment: Environment) {
		this.#url = url.replace(/\/+$/, '');
		this.#login = loginHeaders(environment);
	}

	async get(path: string, what: string, signal: AbortSignal): Promise<unknown> {
		return parse((await this.#ask('GET', `/api/2.0/mlflow/${path}`, what, signal)).toString(), what);
	}

	async post(
		path: string,
		body: Readonly<Record<string, unknown>>,
		what: string,
		signal: AbortSignal,
	): Promise<unknown> {
		const sent = {type: 'application/json', bytes: Buffer.from(JSON.stringify(body))};
		return parse((await this.#ask('POST', `/api/2.0/mlflow/${path}`, what, signal, sent)).toString(), what);
	}

	/** Sends an artifact through the server; `path` is relative to where the server keeps artifacts. */
	async putArtifact(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
		const body = {type: 'application/octet-stream', bytes};
		await this.#ask('PUT', `${artifacts}/${path}`, 'take the artifact', signal, body);
	}

	async getArtifact(path: string, signal: AbortSignal): Promise<Uint8Array> {
		return this.#ask('GET', `${artifacts}/${path}`, 'serve the artifact', signal);
	}

	/** Removes an artifact, or the folder of that path with all that is in it. */
	async deleteArtifacts(path: string, signal: AbortSignal): Promise<void> {
		await this.#ask('DELETE', `${artifacts}/${path}`, 'remove the artifact', signal);
	}

	async #ask(method: string, path: string, what: string, signal: AbortSignal, body?: Body): Promise<Buffer> {
		const timeout = AbortSignal.timeout(answerTimeout);
		const either = AbortSignal.any([signal, timeout]);
		const headers = {
			...this.#login,
			...(body && {'content-type': body.type, 'content-length': body.bytes.byteLength}),
		};
		let status: number;
		let answer: Buffer;
		try {
			const response = await new Promise<IncomingMessage>((resolve, reject) => {
				// No agent: one would keep the socket for later.
				request(`${this.#url}${path}`, {method, headers, agent: false, signal: either}, resolve)
					.once('error', reject)
					.end(body?.bytes);
			});
			status = response.statusCode ?? 0;
			answer = await whole(response);
		} catch (error) {
			signal.throwIfAborted();
			throw new Failure(`MLflow did not ${what}`, {
				code: 'mlflow-no-answer',
				why: timeout.aborted
					? `no answer came within ${answerTimeout / 1000} s`
					: `the connection to ${this.#url} broke: ${error instanceof Error ? error.message : ''}`,
				next: ['mlstack status', 'mlstack logs --tail 50'],
				cause: error,
			});
		}

		if (status < 200 || status > 299) {
			throw refusal(status, answer.toString(), what);
		}

		return answer;
	}
}

/** What `mlflow server --serve-artifacts` answers (mlflow/server/handlers.py). */
const artifacts = '/api/2.0/mlflow-artifacts/artifacts';

/** MLFLOW_TRACKING_USERNAME and _PASSWORD, or MLFLOW_TRACKING_TOKEN (mlflow/tracking/request_header, mlflow/utils/credentials). */
function loginHeaders(environment: Environment): Readonly<Record<string, string>> {
	const user = environment['MLFLOW_TRACKING_USERNAME'];
	const password = environment['MLFLOW_TRACKING_PASSWORD'];
	const token = environment['MLFLOW_TRACKING_TOKEN'];
	if (user && password) {
		return {authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`};
	}

	return token ? {authorization: `Bearer ${token}`} : {};
}

async function whole(response: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of response) {
		if (Buffer.isBuffer(chunk)) {
			chunks.push(chunk);
			size += chunk.length;
		}

		if (size > longestAnswer) {
			break;
		}
	}

	return Buffer.concat(chunks);
}

function parse(text: string, what: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new Failure(`MLflow did not ${what}`, {
			code: 'mlflow-not-json',
			why: 'its answer is no JSON: something else than MLflow may listen at this address',
			next: ['mlstack status'],
			cause: error,
		});
	}
}

function refusal(status: number, body: string, what: string): Failure {
	if (status === 401) {
		return new Failure('MLflow asks for a user name and a password', {
			code: 'mlflow-login',
			why: 'it runs with basic-auth, and nobody said who asks',
			next: ['MLFLOW_TRACKING_USERNAME=NAME MLFLOW_TRACKING_PASSWORD=PASSWORD mlstack verify'],
		});
	}

	return new Failure(`MLflow did not ${what}`, {
		code: 'mlflow-refused',
		why: `it answered ${status}: ${reasonIn(body)}`,
		next: ['mlstack logs --tail 50', 'mlstack doctor'],
	});
}

/** MLflow explains in JSON, under `message`; a page of HTML has the reason in its last paragraph. */
function reasonIn(body: string): string {
	let text = body.replaceAll(/<[^>]*>/g, ' ');
	try {
		text = stringIn(JSON.parse(body), 'message') ?? text;
	} catch {
		// It is a page then.
	}

	return mask(text.replaceAll(/\s+/g, ' ').trim().slice(0, 300)) || 'without a reason';
}
