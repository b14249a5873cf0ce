import assert from 'node:assert/strict';
import {createServer, type IncomingMessage} from 'node:http';
import {test} from 'node:test';
import {MlflowApi} from '../../../src/engine/verify/mlflow-api.ts';
import {Failure} from '../../../src/failure.ts';

interface Answer {
	readonly status: number;
	readonly body: string;
}

/** A server that answers every request alike, and tells what it was asked. */
async function withServer(
	answer: Answer,
	body: (url: string, asked: readonly IncomingMessage[]) => Promise<void>,
): Promise<void> {
	const asked: IncomingMessage[] = [];
	const server = createServer((request, response) => {
		asked.push(request);
		response.writeHead(answer.status).end(answer.body);
	});
	await new Promise<void>((resolve) => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const address = server.address();
	assert.ok(typeof address === 'object' && address !== null);
	try {
		await body(`http://127.0.0.1:${address.port}`, asked);
	} finally {
		server.closeAllConnections();
		await new Promise((resolve) => {
			server.close(resolve);
		});
	}
}

const never = new AbortController().signal;

/** What MLflow says no with, and the code and words of the failure it becomes. */
const refusals: ReadonlyArray<readonly [answer: Answer, code: string, words: RegExp]> = [
	[{status: 401, body: 'You are not authenticated.'}, 'mlflow-login', /MLFLOW_TRACKING_USERNAME=/],
	[
		{status: 403, body: '{"error_code": "PERMISSION_DENIED", "message": "Permission denied"}'},
		'mlflow-refused',
		/it answered 403: Permission denied/,
	],
	[
		{status: 500, body: '<html><h1>Oops</h1><p>password=geheim1 is wrong</p></html>'},
		'mlflow-refused',
		/it answered 500: Oops (?!.*geheim1)/,
	],
	[{status: 200, body: 'hello'}, 'mlflow-not-json', /no JSON/],
];
for (const [answer, code, words] of refusals) {
	test(`the answer ${answer.status} ${answer.body.slice(0, 20)} is told as ${code}`, async () => {
		await withServer(answer, async (url) => {
			await assert.rejects(
				new MlflowApi(url, {}).post('experiments/create', {name: 'x'}, 'create an experiment', never),
				(error) =>
					error instanceof Failure &&
					error.code === code &&
					words.test([error.message, error.why, ...error.next].join('\n')),
			);
		});
	});
}

test('a login goes along as MLflow’s own clients send it', async () => {
	await withServer({status: 200, body: '{}'}, async (url, asked) => {
		const logins = [
			{MLFLOW_TRACKING_USERNAME: 'ana', MLFLOW_TRACKING_PASSWORD: 'geheim'},
			{MLFLOW_TRACKING_TOKEN: 't0'},
			{},
		];
		for (const environment of logins) {
			await new MlflowApi(url, environment).get('experiments/get?experiment_id=0', 'find it', never);
		}

		assert.deepEqual(
			asked.map(({headers}) => headers.authorization),
			[`Basic ${Buffer.from('ana:geheim').toString('base64')}`, 'Bearer t0', undefined],
		);
	});
});

test('a server that is gone is told as such, and an abort as itself', async () => {
	let gone = '';
	await withServer({status: 200, body: '{}'}, async (url) => {
		gone = url;
	});
	const api = new MlflowApi(gone, {});
	await assert.rejects(
		api.deleteArtifacts('1/x', never),
		(error) => error instanceof Failure && error.code === 'mlflow-no-answer',
	);
	const reason = new Error('left');
	await assert.rejects(api.deleteArtifacts('1/x', AbortSignal.abort(reason)), reason);
});
