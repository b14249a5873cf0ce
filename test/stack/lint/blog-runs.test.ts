import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {promisify} from 'node:util';
import {fix, lint} from '../../../src/stack/lint/lint.ts';
import {skipWithoutEngine} from '../../support/engine-available.ts';

const project = 'mlstack-test-lint';
const url = 'http://127.0.0.1:15451';
const execute = promisify(execFile);

/** A request to MLflow’s REST API, which must answer 200. */
async function ask(path: string, method: string, body: string): Promise<unknown> {
	const headers = {'Content-Type': 'application/json'};
	const response = await fetch(`${url}${path}`, {method, headers, ...(method !== 'GET' && {body})});
	const text = await response.text();
	assert.equal(response.status, 200, text);
	return text.startsWith('{') ? JSON.parse(text) : text;
}

test(
	'the blog post’s file, mended, comes up healthy, stores runs in PostgreSQL and serves artifacts from its volume',
	{skip: skipWithoutEngine, timeout: 600_000},
	async () => {
		const directory = await mkdtemp(join(tmpdir(), 'mlstack-lint-'));
		const file = join(directory, 'compose.yaml');
		const compose = async (...words: readonly string[]): Promise<string> => {
			const all = ['compose', '-p', project, '-f', file, ...words];
			return (await execute('docker', all, {maxBuffer: 1 << 26})).stdout;
		};
		const inputNow = async () => ({
			file,
			source: await readFile(file, 'utf8'),
			config: JSON.parse(await compose('config', '--format', 'json')) as unknown,
			now: Date.now(),
		});
		try {
			const blog = await readFile(new URL('../../fixtures/blog.docker-compose.yml', import.meta.url), 'utf8');
			// Other ports, as the usual ones may be in use.
			await writeFile(file, blog.replace('5432:5432', '15450:5432').replace('5000:5000', '15451:5000'));
			const input = await inputNow();
			await writeFile(file, fix(input, lint(input)).source);
			const left = lint(await inputNow()).map(({rule}) => rule);
			assert.deepEqual([...new Set(left)], ['secret-in-file']);

			await compose('up', '--detach', '--wait');
			assert.equal(await ask('/health', 'GET', ''), 'OK');
			const created = await ask('/api/2.0/mlflow/runs/create', 'POST', '{"experiment_id":"0"}');
			const id = /"run_id":"(\w+)"/.exec(JSON.stringify(created))?.[1] ?? assert.fail('no run');
			const metric = {run_id: id, key: 'accuracy', value: 0.93, timestamp: Date.now(), step: 0};
			await ask('/api/2.0/mlflow/runs/log-metric', 'POST', JSON.stringify(metric));
			const artifact = `/api/2.0/mlflow-artifacts/artifacts/0/${id}/artifacts/hello.txt`;
			await ask(artifact, 'PUT', 'hello');
			assert.equal(await ask(artifact, 'GET', ''), 'hello');

			const select = 'select key, value from metrics';
			const rows = await compose('exec', '-T', 'postgres', 'psql', '-U', 'root', '-d', 'KWS', '-Atc', select);
			assert.equal(rows.trim(), 'accuracy|0.93');
			const found = await compose('exec', '-T', 'mlflow', 'cat', `/app/mlruns/0/${id}/artifacts/hello.txt`);
			assert.equal(found, 'hello');
		} finally {
			await compose('down', '--volumes', '--rmi', 'local').catch(() => '');
			await rm(directory, {recursive: true, force: true});
		}
	},
);

test('mlstack’s own stack has no faults', {skip: skipWithoutEngine}, async () => {
	const own = new URL('../../../src/stack/own/compose.yaml', import.meta.url);
	const {stdout} = await execute('docker', ['compose', '-f', own.pathname, 'config', '--format', 'json'], {
		env: {...process.env, MLSTACK_DB_PASSWORD: 'Kq3v9ZtR2mXw7LpB5nYc8dHs'},
	});
	const input = {
		file: 'compose.yaml',
		source: await readFile(own, 'utf8'),
		config: JSON.parse(stdout) as unknown,
		now: Date.parse('2026-11-24'),
	};
	assert.deepEqual(lint(input), []);
});
