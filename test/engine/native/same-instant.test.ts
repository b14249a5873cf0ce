import assert from 'node:assert/strict';
import {mkdirSync, rmSync, symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {nativePaths, projectPaths} from '../../../src/engine/native/paths.ts';
import {readSettings} from '../../../src/engine/native/settings.ts';
import {runProgram, type Ended} from '../../support/project.ts';
import {cannotInstall, healthy, realStack, sql} from './real-stack.ts';
import {anyPort, newFolder, processesNaming, sharedFolder, skipElsewhere} from './support.ts';

interface Machine {
	readonly name: string;
	readonly data: string;
	readonly mlstack: (...words: readonly string[]) => Promise<Ended>;
}

/** A data folder of its own, as another user has; what takes long to make is shared: MLflow's environment. */
function machineOf(name: string, folder: string, ports: Readonly<Record<string, string>>): Machine {
	const data = join(folder, name);
	mkdirSync(data, {mode: 0o755});
	const shared = nativePaths({MLSTACK_DATA: sharedFolder()});
	const own = nativePaths({MLSTACK_DATA: data});
	for (const part of ['environments', 'postgres'] as const) {
		mkdirSync(shared[part], {recursive: true, mode: 0o755});
		symlinkSync(shared[part], own[part]);
	}

	const environment = {...ports, MLSTACK_DATA: data, MLSTACK_PROJECT: 'mlstack'};
	return {
		name,
		data,
		mlstack: async (...words) => runProgram(['--engine', 'native', ...words], {cwd: folder, environment}),
	};
}

/** The ports that the settings say, and the address that `status` says. */
async function addressOf({data, mlstack}: Machine) {
	const settings = readSettings(projectPaths(nativePaths({MLSTACK_DATA: data}), 'mlstack').settings);
	const {url}: {url?: unknown} = JSON.parse((await mlstack('status', '--json')).stdout);
	assert.equal(url, `http://localhost:${settings?.ports.mlflow}`);
	return {url, ports: [settings?.ports.postgres, settings?.ports.mlflow]};
}

async function ask(url: string, path: string, body?: object): Promise<number> {
	const post = {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(body)};
	return (await fetch(`${url}/api/2.0/mlflow/experiments/${path}`, body && post)).status;
}

test(
	'two stacks that are brought up at the same instant get ports of their own, and each keeps its own runs',
	{skip: skipElsewhere, timeout: 600_000},
	async (t) => {
		const folder = newFolder();
		const ports = {MLSTACK_PG_PORT: String(await anyPort()), MLFLOW_PORT: String(await anyPort())};
		const machines = ['one', 'other'].map((name) => machineOf(name, folder, ports));
		const onBoth = async (...words: readonly string[]) =>
			Promise.all(machines.map(async ({mlstack}) => mlstack(...words)));
		t.after(async () => {
			await onBoth('down');
			rmSync(folder, {recursive: true, force: true});
		});
		for (const round of [1, 2]) {
			const results = await onBoth('up', '--wait', '--json');
			if (results.some(({stdout}) => cannotInstall(t, stdout))) {
				return;
			}

			for (const {exitCode, stdout, stderr} of results) {
				assert.equal(exitCode, 0, stdout + stderr);
			}

			const addresses = await Promise.all(machines.map(addressOf));
			const used = addresses.flatMap((address) => address.ports);
			assert.equal(new Set(used).size, 4, `four different ports: ${used.join()}`);
			for (const wanted of Object.values(ports)) {
				assert.ok(used.includes(Number(wanted)), `${wanted}, which both want, is used: ${used.join()}`);
			}

			for (const [index, {name}] of machines.entries()) {
				const mine = addresses[index]?.url ?? '';
				const others = addresses[1 - index]?.url ?? '';
				const path = `get-by-name?experiment_name=of-${name}`;
				assert.equal(
					await ask(mine, round === 1 ? 'create' : path, round === 1 ? {name: `of-${name}`} : undefined),
					200,
				);
				assert.equal(await ask(others, path), 404);
			}

			await onBoth('down');
			assert.deepEqual(processesNaming(folder), []);
		}
	},
);

test(
	'two `up`s of one project at the same instant make one database, whose password is in the settings',
	{skip: skipElsewhere, timeout: 120_000},
	async (t) => {
		const real = await realStack(t);
		const progress = await Promise.all([real.operate('up', ['postgres']), real.operate('up', ['postgres'])]);
		const steps = progress.flat().filter((one) => one.type === 'step' && one.kind === 'volume');
		assert.deepEqual(
			steps.map((one) => one.type === 'step' && one.status),
			['Creating', 'Created'],
		);
		assert.ok(
			progress.flat().some((one) => one.type === 'output' && one.text.includes('brings the same project up')),
		);
		await real.until('postgres', healthy, 'is healthy');
		assert.equal(await sql(real, 'select 6 * 7'), '42');
	},
);
