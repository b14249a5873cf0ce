import assert from 'node:assert/strict';
import {join} from 'node:path';
import {test} from 'node:test';
import {backup} from '../../../src/engine/backup/backup.ts';
import {Journal} from '../../../src/engine/backup/journal.ts';
import {restore} from '../../../src/engine/backup/restore.ts';
import type {Engine} from '../../../src/engine/engine.ts';
import type {Stack} from '../../../src/stack/model.ts';
import {skipWithoutEngine} from '../../support/engine-available.ts';
import {finished, withBackupProject} from '../backup-project.ts';
import {canRun, healthy, never, realStack, sql} from './real-stack.ts';
import {collected, temporaryData} from './support.ts';

const createdBy = 'test';

test(
	'runs and artifacts move from native to Docker and back, and MLflow serves them',
	{skip: skipWithoutEngine, timeout: 400_000},
	async (t) => {
		const folder = temporaryData(t);
		const putBack = async (engine: Engine, stack: Stack, file: string): Promise<void> => {
			const journal = new Journal(stack.project, {XDG_STATE_HOME: folder});
			const safetyFile = join(folder, `${stack.project}.tar`);
			const options = {file, confirmation: stack.project, safetyFile, createdBy, journal};
			await collected(restore(engine, stack, options, never));
		};
		const native = await realStack(t);
		if (!(await canRun(t, native))) {
			return;
		}

		const tracking = await native.until('mlflow', healthy, 'is healthy');
		const api = `http://127.0.0.1:${tracking.ports[0]?.published}/api/2.0`;
		const runs = await Promise.all(['one', 'two', 'three'].map(async (name) => logRun(api, name)));
		const {result: manifest} = await finished(
			backup(native.engine, native.stack, {file: join(folder, 'native.tar'), createdBy}, never),
		);
		assert.equal(manifest.counts.runs, 3);

		await withBackupProject(async ({engine, stack, psql}) => {
			await putBack(engine, stack, join(folder, 'native.tar'));
			const metrics = await psql("select run_uuid, value from metrics where key = 'accuracy' order by 1");
			assert.deepEqual(metrics.split('\n'), runs.map(({id}) => `${id}|0.93`).toSorted());
			const moved = await finished(
				backup(engine, stack, {file: join(folder, 'docker.tar'), createdBy}, never),
			);
			assert.deepEqual(moved.result.counts, manifest.counts);
			assert.equal(moved.result.stores.find(({role}) => role === 'artifacts')?.files, 3);
		});

		await sql(native, 'drop table metrics');
		await putBack(native.engine, native.stack, join(folder, 'docker.tar'));
		await native.until('mlflow', healthy, 'is healthy again');
		for (const {id, name, artifact} of runs) {
			const answer = await fetch(`${api}/mlflow/metrics/get-history?run_id=${id}&metric_key=accuracy`);
			assert.match(await answer.text(), /"value":\s*0\.93/);
			const served = await fetch(`${api}/mlflow-artifacts/artifacts/${artifact}`);
			assert.equal(await served.text(), `weights of ${name}`);
		}
	},
);

/** A run with a metric and an artifact, logged as a client does it. */
async function logRun(api: string, name: string) {
	const ask = async (method: string, path: string, body: string): Promise<string> => {
		const headers = {'content-type': method === 'POST' ? 'application/json' : 'application/octet-stream'};
		const response = await fetch(`${api}/${path}`, {method, headers, body});
		const text = await response.text();
		assert.equal(response.status, 200, text);
		return text;
	};
	const created = await ask(
		'POST',
		'mlflow/runs/create',
		JSON.stringify({experiment_id: '0', run_name: name, start_time: Date.now()}),
	);
	const id = /"run_id":\s*"(\w+)"/.exec(created)?.[1] ?? '';
	const artifact = `0/${id}/artifacts/model.txt`;
	const metric = {run_id: id, key: 'accuracy', value: 0.93, timestamp: Date.now(), step: 0};
	await ask('POST', 'mlflow/runs/log-metric', JSON.stringify(metric));
	await ask('PUT', `mlflow-artifacts/artifacts/${artifact}`, `weights of ${name}`);
	return {id, name, artifact};
}
