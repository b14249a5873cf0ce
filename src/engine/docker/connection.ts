import type {Agent, IncomingMessage} from 'node:http';
import {addAbortSignal, Duplex} from 'node:stream';
import type Docker from 'dockerode';
import {Failure} from '../../failure.ts';
import type {EngineInfo} from '../../stack/model.ts';
import {numberIn, stringIn} from '../json.ts';
import {olderApi} from './api-version.ts';
import {createAgent, createDocker} from './client.ts';
import type {Endpoint} from './endpoint.ts';
import {gatherFacts} from './facts.ts';
import {noEngineFailure} from './no-engine.ts';
import http from 'node:http';
import {unexpectedAnswer} from './unexpected-answer.ts';

/** Engine 20.10, the oldest whose API has everything that is asked here. */
const oldestApi = '1.41';

/** Engine 28.5, the newest that mlstack was tried with: newer engines are asked for this version's answers. */
const newestApi = '1.51';

/** docker-modem is told that every status is fine: only so it hands on the headers and the body of a refusal. */
const everyStatus = Object.fromEntries(Array.from({length: 500}, (_, index) => [100 + index, true]));

export type Method = 'GET' | 'POST' | 'DELETE';

export interface RequestOptions {
	/** Objects are sent as JSON, as the Engine API wants its filters. */
	readonly query?: Readonly<Record<string, string | number | boolean | object>>;
	readonly body?: object;
	readonly signal?: AbortSignal | undefined;
}

/**
 * HTTP to one engine, over dockerode. The API's version is negotiated on the way: the first request names none, and
 * every answer's `Api-Version` header says what the engine speaks.
 *
 * Whatever the engine refuses rejects with a Failure; whatever keeps the answer from coming rejects with the system's
 * own error, which `explain` turns into a Failure when somebody is going to read it.
 */
export class Connection {
	readonly endpoint: Endpoint;
	readonly #agent: Agent;
	readonly #closed = new AbortController();
	readonly #environment: NodeJS.ProcessEnv;
	#docker: Promise<Docker> | undefined;
	#apiVersion = '';

	constructor(endpoint: Endpoint, environment: NodeJS.ProcessEnv = process.env) {
		this.endpoint = endpoint;
		this.#environment = environment;
		this.#agent = createAgent(endpoint, environment);
	}

	/** The API version that the engine last said it speaks; empty before its first answer. */
	get apiVersion(): string {
		return this.#apiVersion;
	}

	/** Aborted by `close`. */
	get closed(): AbortSignal {
		return this.#closed.signal;
	}

	/** The answer's headers have come; its body is read by the caller, or destroyed. */
	async request(method: Method, path: string, options: RequestOptions = {}): Promise<IncomingMessage> {
		const answer = await this.#dial(method, path, options, false);
		if (!(answer instanceof http.IncomingMessage)) {
			throw unexpectedAnswer(path);
		}

		return answer;
	}

	/** The answer's body as JSON; undefined when it is empty. */
	async json(method: Method, path: string, options: RequestOptions = {}): Promise<unknown> {
		const answer = await this.request(method, path, options);
		let text: string;
		try {
			text = await readAll(answer);
		} catch (error) {
			options.signal?.throwIfAborted();
			throw error;
		}

		try {
			return text === '' ? undefined : JSON.parse(text);
		} catch (error) {
			throw unexpectedAnswer(path, error);
		}
	}

	/** Turns a request into a raw connection in both directions. It is destroyed by the signal. */
	async hijack(path: string, options: RequestOptions): Promise<Duplex> {
		const answer = await this.#dial('POST', path, options, true);
		if (!(answer instanceof Duplex)) {
			throw unexpectedAnswer(path);
		}

		return addAbortSignal(this.#signal(options), answer);
	}

	/** Throws a Failure: with reason `noEngine` when nothing answers. */
	async describe(signal?: AbortSignal): Promise<EngineInfo> {
		let info: unknown;
		try {
			// `/info` holds what `/version` does and the machine's size; the API's version is in the header.
			info = await this.json('GET', '/info', {signal});
		} catch (error) {
			signal?.throwIfAborted();
			throw await this.explain(error);
		}

		return {
			kind: 'docker',
			version: stringIn(info, 'ServerVersion') ?? '',
			apiVersion: this.#apiVersion,
			context: this.endpoint.context,
			endpoint: this.endpoint.url,
			host: this.endpoint.host,
			os: stringIn(info, 'OSType') ?? '',
			arch: stringIn(info, 'Architecture') ?? '',
			cpus: numberIn(info, 'NCPU') ?? 0,
			memory: numberIn(info, 'MemTotal') ?? 0,
		};
	}

	/** A Failure for whatever a request rejected with: what it means on this system, and what to do. */
	async explain(error: unknown): Promise<Failure> {
		return error instanceof Failure
			? error
			: noEngineFailure(this.endpoint, error, await gatherFacts(this.#environment));
	}

	/** Ends everything that is under way; pending requests reject. */
	close(): void {
		this.#closed.abort();
		this.#agent.destroy();
	}

	async #dial(method: string, path: string, options: RequestOptions, hijack: boolean): Promise<unknown> {
		const signal = this.#signal(options);
		signal.throwIfAborted();
		this.#docker ??= createDocker(this.endpoint, this.#agent);
		const {modem} = await this.#docker;
		const {promise, resolve, reject} = Promise.withResolvers<unknown>();
		const dial: Dial = {
			method,
			path: this.#pathOf(path, options.query !== undefined),
			isStream: true,
			hijack,
			statusCodes: everyStatus,
			abortSignal: signal,
			...(options.query === undefined && options.body === undefined
				? {}
				: {options: {_query: options.query, _body: options.body}}),
		};
		modem.dial(dial, (error: unknown, answer: unknown) => {
			if (error) {
				reject(error);
			} else {
				resolve(answer);
			}
		});
		let answer: unknown;
		try {
			answer = await promise;
		} catch (error) {
			signal.throwIfAborted();
			// The engine that comes back may be another one.
			this.#apiVersion = '';
			throw error;
		}

		if (answer instanceof http.IncomingMessage) {
			await this.#check(answer, `${method} ${path}`);
		}

		return answer;
	}

	#signal({signal}: RequestOptions): AbortSignal {
		return signal === undefined ? this.closed : AbortSignal.any([signal, this.closed]);
	}

	#pathOf(path: string, hasQuery: boolean): string {
		const {address} = this.endpoint;
		const prefix = address.kind === 'tcp' ? address.prefix : '';
		const version =
			this.#apiVersion === ''
				? ''
				: `/v${olderApi(this.#apiVersion, newestApi) ? this.#apiVersion : newestApi}`;
		// docker-modem appends the query where the path ends in a question mark.
		return `${prefix}${version}${path}${hasQuery ? '?' : ''}`;
	}

	/** Notices the engine's version. Throws a Failure, and drops the answer, if it is a refusal or the engine is too old. */
	async #check(answer: IncomingMessage, request: string): Promise<void> {
		const version = answer.headers['api-version'];
		if (typeof version === 'string' && /^\d+\.\d+$/.test(version)) {
			this.#apiVersion = version;
			if (olderApi(version, oldestApi)) {
				answer.destroy();
				throw tooOld(this.endpoint, version);
			}
		}

		const status = answer.statusCode ?? 0;
		if (status >= 400) {
			throw await refusal(status, answer, request);
		}
	}
}

/** What `docker-modem` is asked; its own types leave these parts open. */
interface Dial {
	method: string;
	path: string;
	isStream: boolean;
	hijack: boolean;
	statusCodes: Readonly<Record<number, boolean>>;
	abortSignal: AbortSignal;
	options?: {_query: object | undefined; _body: object | undefined};
}

/** What the engine answers with an error status: Docker says why in `message`, a proxy in a text of its own. */
async function refusal(status: number, answer: IncomingMessage, request: string): Promise<Error> {
	const text = await readAll(answer).catch(() => '');
	if (text.includes('HTTP request to an HTTPS server')) {
		// Not the engine's word but its TLS layer's: `explain` knows what to do about it.
		return new Error(text.trim());
	}

	let message = text.trim();
	try {
		message = stringIn(JSON.parse(text), 'message') ?? message;
	} catch {
		// A text is as good.
	}

	return new Failure(message || `the engine answered ${status}`, {
		code: codeOf(status),
		why: `the Docker Engine answered ${status} to ${request}`,
	});
}

function tooOld({url}: Endpoint, version: string): Failure {
	return new Failure(`the Docker Engine at ${url} is too old`, {
		code: 'engine-too-old',
		why: `it speaks API ${version}; mlstack needs API ${oldestApi}, which Docker 20.10 brought`,
		next: ['update Docker: https://docs.docker.com/engine/install/'],
		reason: 'noEngine',
	});
}

async function readAll(answer: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of answer) {
		chunks.push(chunk);
	}

	return Buffer.concat(chunks).toString();
}

function codeOf(status: number): string {
	const codes: Readonly<Record<number, string>> = {404: 'not-found', 409: 'conflict', 501: 'not-supported'};
	return codes[status] ?? (status < 500 ? 'refused' : 'engine-error');
}
