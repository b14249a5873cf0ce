import assert from 'node:assert/strict';
import {readdirSync, statSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {test} from 'node:test';
import {verify} from '../../../src/engine/verify/verify.ts';
import {nativePaths, projectPaths} from '../../../src/engine/native/paths.ts';
import type {Sample} from '../../../src/stack/model.ts';
import {canRun, healthy, never, realStack, sql} from './real-stack.ts';
import {collected, eventually, processesNaming, processesOf, skipElsewhere} from './support.ts';

test(
	'the whole stack: up, a run logged, killed in every way, down',
	{skip: skipElsewhere, timeout: 400_000},
	async (t) => {
		const real = await realStack(t);
		if (!(await canRun(t, real))) {
			return;
		}

		const {engine, stack, folder, until, operate, containers} = real;
		const tracking = await until('mlflow', healthy, 'is healthy');
		const database = await until('postgres', healthy, 'is healthy');
		const url = `http://127.0.0.1:${tracking.ports[0]?.published}`;
		const post = async (path: string, body: object): Promise<unknown> => {
			const response = await fetch(`${url}/api/2.0/mlflow/${path}`, {
				method: 'POST',
				headers: {'content-type': 'application/json'},
				body: JSON.stringify(body),
			});
			assert.equal(response.status, 200, await response.clone().text());
			return response.json();
		};

		await t.test('MLflow keeps what it is told in PostgreSQL, and files in the project folder', async () => {
			await post('experiments/create', {name: 'kept'});
			assert.equal(await sql(real, "select count(*) from experiments where name = 'kept'"), '1');
			const answer = await fetch(`${url}/api/2.0/mlflow-artifacts/artifacts/hello.txt`, {
				method: 'PUT',
				body: 'hello',
			});
			assert.equal(answer.status, 200);
			assert.deepEqual(readdirSync(join(folder, 'mlartifacts')), ['hello.txt']);
		});
		await t.test('the data are for their owner alone, and PostgreSQL does not run as root', () => {
			const data = statSync(join(folder, 'pgdata', '18'));
			assert.equal(data.mode & 0o777, 0o700);
			assert.notEqual(data.uid, 0);
			assert.equal(statSync(join(folder, 'project.json')).mode & 0o777, 0o600);
			assert.equal(statSync(join(folder, 'state.json')).mode & 0o777, 0o600);
		});
		await t.test('a wrong password is refused, also on this machine', async () => {
			const wrong = {PGPASSWORD: 'wrong'};
			const {output, done} = await engine.execute(
				database.id,
				['psql', '-c', 'select 1'],
				{environment: wrong},
				never,
			);
			await collected(output);

			const {exitCode, errors} = await done;
			assert.equal(exitCode, 2);
			assert.match(errors, /password authentication failed for user "mlflow"/);
		});
		await t.test('commands get input, and say how they ended', async () => {
			const input = (async function* () {
				yield Buffer.from('select 6 * 7;');
			})();
			const {output, done} = await engine.execute(database.id, ['psql', '-AtX'], {input}, never);
			const text = Buffer.concat(await collected(output)).toString();

			assert.equal(text, '42\n');
			assert.equal((await done).exitCode, 0);
			await assert.rejects(engine.execute(database.id, ['no-such-program'], {}, never), {
				code: 'native-no-command',
			});
		});
		await t.test(
			'a run that is logged is found in its PostgreSQL and in its folder of artifacts',
			async () => {
				const options = {engine, info: await engine.describe(), stack, environment: {}};
				const {steps} = await verify(options, () => {}, never);

				assert.deepEqual(
					steps.filter(({state}) => state !== 'done').map(({name, failure}) => [name, failure]),
					[],
				);
			},
		);
		await t.test('pg_dump is there, as new as the server', async () => {
			const {output, done} = await engine.execute(database.id, ['pg_dump', '-Fc'], {}, never);
			const {length: size} = Buffer.concat(await collected(output));

			assert.equal((await done).exitCode, 0);
			assert.ok(size > 10_000);
		});
		await t.test('the log of each service is there, and ends where following it would go on', async () => {
			for (const {id, expected} of [
				{id: database.id, expected: 'database system is ready to accept connections'},
				{id: tracking.id, expected: 'Uvicorn running on'},
			]) {
				const lines = (await collected(engine.logs({container: id, follow: false}, never))).flat();

				assert.ok(
					lines.some(({text}) => text.includes(expected)),
					expected,
				);
			}
		});
		await t.test('each service is measured with all of its processes', async () => {
			for (const {id} of containers()) {
				const left = new AbortController();
				let sample: Sample | undefined;
				for await (const one of engine.stats(id, left.signal)) {
					sample = one;
					left.abort();
				}

				assert.ok((sample?.memory ?? 0) > 10_000_000, 'more than 10 MB');
				assert.ok((sample?.cpu ?? -1) >= 0);
				assert.deepEqual([sample?.received, sample?.sent], [undefined, undefined], 'not 0: nobody knows');
			}
		});
		await t.test(
			'PostgreSQL is killed: it comes back with all that was acknowledged, and MLflow goes on',
			async () => {
				const before = processesOf(projectPaths(nativePaths(real.environment), stack.project));
				await post('experiments/create', {name: 'acknowledged'});
				process.kill(before.service('postgres').pid, 'SIGKILL');
				await until('postgres', ({status}) => status === 'restarting', 'is known to be gone');
				await until('postgres', healthy, 'is healthy again');
				assert.equal(await sql(real, "select count(*) from experiments where name = 'acknowledged'"), '1');
				await post('experiments/create', {name: 'afterwards'});
			},
		);
		await t.test('MLflow is killed: its child goes with it, and it is started again', async () => {
			const {service} = processesOf(projectPaths(nativePaths(real.environment), stack.project));
			process.kill(service('mlflow').pid, 'SIGKILL');
			await until('mlflow', ({restartCount = 0}) => restartCount > 0, 'is started again');
			await until('mlflow', healthy, 'is healthy again');
		});
		await t.test('stop and start: the containers stay, and so do the data', async () => {
			await operate('stop');
			assert.deepEqual(
				containers().map(({status, exitCode}) => [status, exitCode]),
				[
					['exited', 0],
					['exited', 0],
				],
			);
			await assert.rejects(engine.execute(database.id, ['psql'], {}, never), {code: 'not-running'});
			await operate('start', ['postgres']);
			await until('postgres', healthy, 'is healthy');
			assert.equal(await sql(real, "select count(*) from experiments where name = 'kept'"), '1');
		});
		await t.test('down leaves no process and all data', async () => {
			await operate('down');
			await eventually(() => containers().length === 0, 'nothing is left');
			assert.deepEqual(processesNaming(folder), []);
			assert.deepEqual(readdirSync(join(folder, 'mlartifacts')), ['hello.txt']);
			await operate('up', ['postgres']);
			await until('postgres', healthy, 'is healthy');
			assert.equal(await sql(real, "select count(*) from experiments where name = 'kept'"), '1');
		});
	},
);

test(
	'two projects run side by side, and a port that is taken is said to be',
	{skip: skipElsewhere, timeout: 120_000},
	async (t) => {
		const taken = createServer();
		await new Promise<void>((resolve) => {
			taken.listen(0, '127.0.0.1', () => resolve());
		});
		t.after(() => taken.close());
		const address = taken.address();
		const port = typeof address === 'object' && address ? address.port : 0;
		const one = await realStack(t, {MLSTACK_PG_PORT: String(port)});
		const other = await realStack(t, {MLSTACK_PG_PORT: String(port)});
		const ports: number[] = [];
		for (const {operate, until} of [one, other]) {
			const progress = await operate('up', ['postgres']);
			const {
				ports: [published],
			} = await until('postgres', healthy, 'is healthy');
			ports.push(published?.published ?? 0);
			assert.ok(
				progress.some(
					(report) =>
						report.type === 'output' &&
						report.level === 'warning' &&
						report.text === `Port ${port} is taken: PostgreSQL listens on ${published?.published} instead.`,
				),
			);
		}

		assert.equal(new Set([port, ...ports]).size, 3);
		await sql(one, 'create table mine (name text)');
		assert.equal(await sql(other, "select count(*) from pg_tables where tablename = 'mine'"), '0');
		const again = await one.engine.resolve({
			files: [],
			project: one.stack.project,
			directory: '/',
			environment: {},
		});
		assert.equal(again.services[0]?.ports[0]?.published, ports[0], 'the stack says which port it has');
	},
);
