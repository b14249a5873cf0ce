import assert from 'node:assert/strict';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import {createServer as createTcpServer, type AddressInfo, type Server} from 'node:net';
import {test} from 'node:test';
import {healthOutcomes, probeTracking, searchOutcomes} from '../../src/engine/probe.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const answer =
	(status: number, body: string, headers: Record<string, string> = {}): Answer =>
	(_request, response) => {
		response.writeHead(status, headers).end(body);
	};
const silence: Answer = () => undefined;
const ok = answer(200, 'OK', {'content-type': 'text/html; charset=utf-8'});
const unavailable = answer(
	503,
	'{"error_code":"TEMPORARILY_UNAVAILABLE","message":"(psycopg2.OperationalError) Connection refused"}',
);
const undefinedTable = answer(
	400,
	'{"error_code":"BAD_REQUEST","message":"(psycopg2.errors.UndefinedTable) relation \\"experiments\\" does not exist"}',
);

/** Runs a server on a free port while `work` asks it. */
async function withServer(server: Server, work: (url: string) => Promise<void>): Promise<void> {
	await new Promise<void>((resolve) => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const {port} = server.address() as AddressInfo;
	try {
		await work(`http://127.0.0.1:${port}`);
	} finally {
		if ('closeAllConnections' in server) {
			(server as ReturnType<typeof createServer>).closeAllConnections();
		}

		await new Promise((resolve) => {
			server.close(resolve);
		});
	}
}

function mlflow(health: Answer, search: Answer): Server {
	return createServer((request, response) => {
		const route = request.url === '/health' ? health : search;
		route(request, response);
	});
}

interface Case {
	readonly name: string;
	readonly health: Answer;
	readonly search: Answer;
	readonly expected: readonly [answers: boolean, works: boolean, word: string, why: RegExp];
}

const cases: readonly Case[] = [
	{name: 'a server that works', health: ok, search: answer(200, '{}'), expected: [true, true, 'works', /^$/]},
	{
		name: 'basic-auth counts as working, with a note',
		health: ok,
		search: answer(401, 'You are not authenticated.'),
		expected: [true, true, 'works', /user name and a password/],
	},
	{
		name: 'the database down behind a /health that says OK',
		health: ok,
		search: unavailable,
		expected: [true, false, 'database down', /cannot reach its database/],
	},
	{
		name: 'a refused host name',
		health: ok,
		search: answer(403, 'Invalid Host header - possible DNS rebinding attack detected'),
		expected: [true, false, 'host refused', /MLFLOW_SERVER_ALLOWED_HOSTS/],
	},
	{
		name: 'tables that are gone',
		health: ok,
		search: undefinedTable,
		expected: [true, false, 'schema gone', /restart the tracking server/],
	},
	{
		name: 'an MLflow that is too old for the search',
		health: ok,
		search: answer(404, 'Not Found'),
		expected: [true, true, 'works', /too old/],
	},
	{
		name: 'a search that fails in another way',
		health: ok,
		search: answer(500, 'Internal Server Error'),
		expected: [true, false, 'failing', /its log says why/],
	},
	{
		name: 'AirPlay in the place of MLflow',
		health: answer(403, '', {server: 'AirTunes/775.3.1'}),
		search: silence,
		expected: [false, false, 'AirPlay', /AirPlay Receiver/],
	},
	{
		name: 'another server in the place of MLflow',
		health: answer(404, '<h1>Not Found</h1>'),
		search: silence,
		expected: [false, false, 'not MLflow', /Something else/],
	},
	{
		name: 'an endless page in the place of MLflow',
		health: (_request, response) => {
			response.writeHead(200);
			const more = () => {
				while (!response.destroyed && response.write('x'.repeat(32 * 1024))) {
					/* until the reader is slow */
				}
			};

			response.on('drain', more);
			more();
		},
		search: silence,
		expected: [false, false, 'not MLflow', /Something else/],
	},
	{
		name: 'a proxy whose server is away',
		health: answer(502, 'Bad Gateway'),
		search: silence,
		expected: [false, false, 'no answer', /proxy/],
	},
];

for (const {name, health, search, expected} of cases) {
	test(`the probe tells ${name}`, async () => {
		await withServer(mlflow(health, search), async (url) => {
			const before = Date.now();
			const found = await probeTracking(url, AbortSignal.timeout(10_000));
			const [answers, works, word, why] = expected;
			assert.deepEqual(
				{answers: found.answers, works: found.works, word: found.word, url: found.url},
				{answers, works, word, url},
			);
			assert.match(found.why, why);
			assert.ok(found.at >= before && found.at <= Date.now());
		});
	});
}

test('the probe leaves no connection open', async () => {
	const server = mlflow(ok, answer(200, '{}', {connection: 'keep-alive'}));
	await withServer(server, async (url) => {
		await probeTracking(url, AbortSignal.timeout(10_000));
		const count = await new Promise<number>((resolve, reject) => {
			setTimeout(() => {
				server.getConnections((error, open) => {
					if (error) {
						reject(error);
					} else {
						resolve(open);
					}
				});
			}, 50);
		});
		assert.equal(count, 0);
	});
});

test('a port at which nothing listens is no answer', async () => {
	let closed = '';
	await withServer(mlflow(ok, ok), async (url) => {
		closed = url;
		return Promise.resolve();
	});
	const found = await probeTracking(closed, AbortSignal.timeout(10_000));
	assert.deepEqual([found.answers, found.works, found.word], [false, false, 'no answer']);
	assert.match(found.why, /Nothing listens/);
});

test('a published port with nothing behind it is no answer: the engine accepts, then resets', async () => {
	await withServer(
		createTcpServer((socket) => {
			socket.once('data', () => {
				socket.resetAndDestroy();
			});
		}),
		async (url) => {
			const found = await probeTracking(url, AbortSignal.timeout(10_000));
			assert.deepEqual([found.answers, found.word], [false, 'no answer']);
			assert.match(found.why, /nothing in the container listens/);
		},
	);
});

test('what does not speak HTTP is not MLflow', async () => {
	await withServer(
		createTcpServer((socket) => {
			socket.on('error', () => undefined).resume();
			socket.end('E\0\0\0\u001ASFATAL\0');
		}),
		async (url) => {
			const found = await probeTracking(url, AbortSignal.timeout(10_000));
			assert.deepEqual([found.answers, found.word], [false, 'not MLflow']);
		},
	);
});

test('a host name that does not exist is unreachable', async () => {
	const found = await probeTracking('http://mlflow.invalid:5000', AbortSignal.timeout(10_000));
	assert.deepEqual([found.answers, found.works], [false, false]);
	assert.match(found.word, /unreachable|no answer/);
});

test('silence ends after two seconds, on either level', async () => {
	const [first, second] = await Promise.all([
		new Promise<Awaited<ReturnType<typeof probeTracking>>>((resolve, reject) => {
			withServer(mlflow(silence, silence), async (url) => {
				resolve(await probeTracking(url, AbortSignal.timeout(20_000)));
			}).catch(reject);
		}),
		new Promise<Awaited<ReturnType<typeof probeTracking>>>((resolve, reject) => {
			withServer(mlflow(ok, silence), async (url) => {
				resolve(await probeTracking(url, AbortSignal.timeout(20_000)));
			}).catch(reject);
		}),
	]);
	assert.deepEqual([first.answers, first.word], [false, 'no answer']);
	assert.deepEqual([second.answers, second.works, second.word], [true, false, 'database slow']);
});

test('an aborted probe rejects with the reason it was given', async () => {
	const stop = new AbortController();
	await withServer(mlflow(silence, silence), async (url) => {
		const probing = probeTracking(url, stop.signal);
		const reason = new Error('enough');
		stop.abort(reason);
		await assert.rejects(probing, reason);
		await assert.rejects(probeTracking(url, stop.signal), reason);
	});
});

test('each table of outcomes ends with a row for everything else, and says why wherever something is wrong', () => {
	for (const outcomes of [healthOutcomes, searchOutcomes]) {
		assert.equal(outcomes.at(-1)?.when, 'anything else');
		for (const {works, answers, word, why} of outcomes) {
			assert.ok(works || why !== '' || word === 'answers', word);
			assert.ok(answers || !works, word);
		}
	}
});
