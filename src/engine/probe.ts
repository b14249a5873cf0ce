import {request, type IncomingMessage} from 'node:http';
import type {TrackingHealth} from '../stack/model.ts';

/** How long, in ms, MLflow may take for both answers. At rest it takes 16 ms; while it starts, none comes at all. */
export const probeTimeout = 2000;

/** More than any answer that is looked at here; the rest of a stranger's page is not read. */
const longestAnswer = 64 * 1024;

/** What one request brought: an answer, or the error's code (`ECONNREFUSED`), or `TIMEOUT`. */
export type Exchange =
	| {readonly status: number; readonly server: string; readonly body: string}
	| {readonly error: string};

interface Outcome {
	/** What a newcomer must know to recognise the row. */
	readonly when: string;
	readonly matches: (exchange: Exchange) => boolean;
	readonly answers: boolean;
	readonly works: boolean;
	readonly word: string;
	readonly why: string;
}

const status = (code: number) => (exchange: Exchange) => 'status' in exchange && exchange.status === code;
const error =
	(...codes: readonly string[]) =>
	(exchange: Exchange) =>
		'error' in exchange && codes.includes(exchange.error);
const body = (code: number, pattern: RegExp) => (exchange: Exchange) =>
	'status' in exchange && exchange.status === code && pattern.test(exchange.body);
const always = () => true;

/**
 * What `GET /health` may bring, in the order in which the rows are tried. MLflow answers it with 200 and `OK`
 * (mlflow/server/__init__.py), also with basic-auth on and for hosts that are not allowed.
 */
export const healthOutcomes: readonly Outcome[] = [
	{
		when: 'the answer is from AirPlay (macOS Monterey and later listen on 5000 and 7000)',
		matches: (exchange) => 'status' in exchange && /^AirTunes/i.test(exchange.server),
		answers: false,
		works: false,
		word: 'AirPlay',
		why: 'The AirPlay Receiver of macOS answers at this port, not MLflow: publish another one, or turn the receiver off.',
	},
	{
		when: '200 and OK',
		matches: body(200, /^OK\s*$/),
		answers: true,
		works: false,
		word: 'answers',
		why: '',
	},
	{
		when: 'nothing listens at the port',
		matches: error('ECONNREFUSED'),
		answers: false,
		works: false,
		word: 'no answer',
		why: 'Nothing listens at this address yet.',
	},
	{
		when: "the engine's proxy listens, and nothing in the container does",
		matches: error('ECONNRESET', 'EPIPE'),
		answers: false,
		works: false,
		word: 'no answer',
		why: 'The port is published, but nothing in the container listens at it yet, or only at its loopback address.',
	},
	{
		when: 'the connection stays silent',
		matches: error('TIMEOUT', 'ETIMEDOUT'),
		answers: false,
		works: false,
		word: 'no answer',
		why: `No answer came within ${probeTimeout / 1000} s.`,
	},
	{
		when: 'the answer is not HTTP',
		matches: (exchange) => 'error' in exchange && exchange.error.startsWith('HPE_'),
		answers: false,
		works: false,
		word: 'not MLflow',
		why: 'What answers at this address does not speak HTTP.',
	},
	{
		when: 'the host cannot be reached or found',
		matches: (exchange) => 'error' in exchange,
		answers: false,
		works: false,
		word: 'unreachable',
		why: 'This address cannot be reached from here.',
	},
	{
		when: 'a proxy answers for a server that is away',
		matches: (exchange) => 'status' in exchange && exchange.status >= 502 && exchange.status <= 504,
		answers: false,
		works: false,
		word: 'no answer',
		why: 'A proxy answers at this address, and says that the server behind it does not.',
	},
	{
		when: 'anything else',
		matches: always,
		answers: false,
		works: false,
		word: 'not MLflow',
		why: 'Something else than MLflow answers at this address.',
	},
];

/**
 * What `GET /api/2.0/mlflow/experiments/search?max_results=1` may bring, once `/health` was answered: the first request
 * that needs the database. Status codes and texts are those of MLflow 2.22 to 3.17.
 */
export const searchOutcomes: readonly Outcome[] = [
	{when: '200', matches: status(200), answers: true, works: true, word: 'works', why: ''},
	{
		when: '401: basic-auth is on',
		matches: status(401),
		answers: true,
		works: true,
		word: 'works',
		why: 'MLflow asks for a user name and a password, so its database was not asked for experiments.',
	},
	{
		when: '503: the database is away',
		matches: status(503),
		answers: true,
		works: false,
		word: 'database down',
		why: 'MLflow answers, but cannot reach its database; it recovers by itself when the database is back.',
	},
	{
		when: '403: the Host header is not in the list of allowed hosts',
		matches: status(403),
		answers: true,
		works: false,
		word: 'host refused',
		why: 'MLflow refuses requests for this host name: add it to MLFLOW_SERVER_ALLOWED_HOSTS.',
	},
	{
		when: '400 and a missing table: the database was emptied under the server',
		matches: body(400, /UndefinedTable|relation \\?"\w+\\?" does not exist|no such table/),
		answers: true,
		works: false,
		word: 'schema gone',
		why: 'The tables of MLflow are missing from its database: restart the tracking server, which makes them anew.',
	},
	{
		when: '404: MLflow before 1.28 has no such request',
		matches: status(404),
		answers: true,
		works: true,
		word: 'works',
		why: 'This MLflow is too old to be asked for its experiments, so its database was not checked.',
	},
	{
		when: 'the search stays silent: the database hangs',
		matches: error('TIMEOUT'),
		answers: true,
		works: false,
		word: 'database slow',
		why: `MLflow answers, but a search of its experiments takes more than ${probeTimeout / 1000} s.`,
	},
	{
		when: 'anything else',
		matches: always,
		answers: true,
		works: false,
		word: 'failing',
		why: 'MLflow answers, but a search of its experiments fails; its log says why.',
	},
];

/**
 * Asks a tracking server on both levels of health, within 2 s in all; `url` as in `http://localhost:5000`. It opens its
 * own connections and leaves none behind. Rejects with the signal's reason, and for nothing else.
 */
export async function probeTracking(url: string, signal: AbortSignal): Promise<TrackingHealth> {
	signal.throwIfAborted();
	const base = url.replace(/\/+$/, '');
	const timeout = AbortSignal.timeout(probeTimeout);
	const either = AbortSignal.any([signal, timeout]);
	const health = outcomeOf(healthOutcomes, await exchange(`${base}/health`, either, timeout));
	const outcome = health.answers
		? outcomeOf(
				searchOutcomes,
				await exchange(`${base}/api/2.0/mlflow/experiments/search?max_results=1`, either, timeout),
			)
		: health;
	signal.throwIfAborted();
	const {answers, works, word, why} = outcome;
	return {at: Date.now(), url, answers, works, word, why};
}

function outcomeOf(outcomes: readonly Outcome[], exchange: Exchange): Outcome {
	const outcome = outcomes.find(({matches}) => matches(exchange));
	if (!outcome) {
		throw new Error('the last row of a table of outcomes matches everything');
	}

	return outcome;
}

async function exchange(url: string, signal: AbortSignal, timeout: AbortSignal): Promise<Exchange> {
	try {
		const response = await new Promise<IncomingMessage>((resolve, reject) => {
			// No agent: one would keep the socket for later. Plain http, as fetch costs 30 ms at its first use.
			request(url, {agent: false, signal}, resolve).once('error', reject).end();
		});
		return {
			status: response.statusCode ?? 0,
			server: String(response.headers.server ?? ''),
			body: await beginning(response),
		};
	} catch (thrown) {
		return {error: timeout.aborted ? 'TIMEOUT' : errorCode(thrown)};
	}
}

/** The first 64 KiB of an answer; leaving the loop closes the connection. */
async function beginning(response: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of response) {
		if (!Buffer.isBuffer(chunk)) {
			continue;
		}

		chunks.push(chunk);
		size += chunk.length;
		if (size > longestAnswer) {
			break;
		}
	}

	return Buffer.concat(chunks).toString('utf8');
}

/** `ECONNREFUSED` and the like. An address with several records gives an AggregateError with its first one's code. */
function errorCode(thrown: unknown): string {
	return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'UNKNOWN';
}
