import assert from 'node:assert/strict';
import {test, type TestContext} from 'node:test';
import {createNativeEngine} from '../../src/engine/native/native-engine.ts';
import {cannotInstall, never} from '../engine/native/real-stack.ts';
import {
	anyPort,
	collected,
	sharedFolder,
	skipElsewhere,
	supervisorProgram,
} from '../engine/native/support.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {EngineSocket} from '../support/engine-socket.ts';
import {openProgram, runProgram} from '../support/project.ts';
import {withoutDocker} from '../support/without-docker.ts';

const minutes = 60_000;

let count = 0;

/** A project of its own on a machine without Docker; MLflow's environment is kept from test to test. */
async function aMachine(t: TestContext) {
	const project = `mlstack-alone-${process.pid}-${++count}`;
	const machine = withoutDocker(t);
	const port = await anyPort();
	const environment = {
		...machine.environment,
		MLSTACK_DATA: sharedFolder(),
		MLSTACK_PROJECT: project,
		MLFLOW_PORT: String(port),
		MLSTACK_PG_PORT: String(await anyPort()),
	};
	const options = {cwd: machine.folder, environment};
	const run = async (...words: readonly string[]) => runProgram(words, options);
	t.after(async () => {
		const engine = createNativeEngine({environment, supervisor: await supervisorProgram()});
		const stack = await engine.resolve({files: [], directory: '/', environment});
		await collected(engine.operate('down', stack, {services: [], volumes: true}, never));
		engine.close();
	});
	return {project, url: `http://localhost:${port}`, options, run};
}

test(
	'on a machine without Docker, `mlstack up --wait` and then `u` end in an MLflow that works and keeps its runs',
	{skip: skipElsewhere, timeout: 10 * minutes},
	async (t) => {
		const {project, url, options, run} = await aMachine(t);
		const before = await run('status');
		assert.equal(before.exitCode, 4);
		assert.match(before.stderr, /no Docker answered: the stack runs as plain processes of yours/);

		const up = await run('up', '--wait', '--json');
		if (cannotInstall(t, up.stdout)) {
			return;
		}

		assert.equal(up.exitCode, 0, up.stdout + up.stderr);
		const answer = await fetch(`${url}/api/2.0/mlflow/experiments/create`, {
			method: 'POST',
			headers: {'content-type': 'application/json'},
			body: '{"name": "alone"}',
		});
		assert.equal(answer.status, 200);

		const status = await run('status', '--json');
		assert.equal(status.exitCode, 0);
		const {engine, url: shown}: {engine?: {kind?: unknown}; url?: unknown} = JSON.parse(status.stdout);
		assert.deepEqual([engine?.kind, shown], ['native', url]);
		assert.doesNotMatch(status.stderr, /no Docker answered/, 'it was said before the first up');
		assert.match((await run('logs', '--tail', '3', 'postgres')).stdout, /database system is ready/);
		assert.match((await run('prune', '--dry-run', '--volumes')).stdout, new RegExp(`${project}_pgdata`));
		assert.match((await run('version')).stdout, /engine +native, \w+\/\w+ \(/);
		assert.equal((await run('open', '--print')).stdout.trim(), url);

		const down = await run('down', '--yes');
		assert.equal(down.exitCode, 0, down.stderr);

		const terminal = openProgram([], options);
		try {
			await terminal.shows(/postgres +absent/);
			terminal.press('u');
			await terminal.shows(/✓ ready in [\d.]+ (s|min)/, 2 * minutes);
			await terminal.shows(/mlflow +healthy/, minutes);
			const page = await fetch(`${url}/api/2.0/mlflow/experiments/get-by-name?experiment_name=alone`);
			assert.equal(page.status, 200);
			terminal.press('v');
			await terminal.shows(/proved in [\d.]+ m?s: metadata in PostgreSQL/, minutes);
			terminal.press('\u001B');
			await terminal.shows(/u up {2}d down/);
			terminal.press('E');
			await terminal.shows(/native runs this stack: the project last ran on it; docker does not answer/);
			await terminal.shows('Docker is not installed');
			terminal.press('q');
			assert.equal((await terminal.exited).exitCode, 0);
		} finally {
			await terminal.close();
		}
	},
);

test(
	'Docker that was asked for is waited for on the card, where n runs natively; what never came up is not waited for',
	{skip: skipElsewhere},
	async (t) => {
		const {options, run} = await aMachine(t);
		const refused = await run('--engine', 'docker', 'up');
		assert.equal(refused.exitCode, 3);
		const status = await run('status');
		assert.equal(status.exitCode, 4, 'nothing came up on Docker');

		const terminal = openProgram(['--engine', 'docker'], options);
		try {
			await terminal.shows('Docker is not installed');
			await terminal.shows(/n run natively/);
			terminal.press('n');
			await terminal.shows(/postgres +absent/);
			await terminal.shows(/native · /);
		} finally {
			await terminal.close();
		}
	},
);

test(
	'Docker that appears later is told of by E, and switched to after a question',
	{skip: skipElsewhere || skipWithoutEngine},
	async (t) => {
		const {folder, socket, environment} = withoutDocker(t);
		const engine = new EngineSocket(socket);
		t.after(async () => engine.close());
		const project = `mlstack-appears-${process.pid}`;
		const {PATH} = process.env;
		const mine = {...environment, PATH, MLSTACK_DATA: folder, MLSTACK_PROJECT: project};
		const terminal = openProgram([], {cwd: folder, environment: mine});
		try {
			await terminal.shows(/native: no Docker answered/);
			await engine.open();
			terminal.press('E');
			await terminal.shows('Switch from native to docker?');
			await new Promise((resolve) => setTimeout(resolve, 400));
			terminal.press('y');
			await terminal.shows(/docker \d\S+ · gone/);
			await terminal.shows(/postgres +absent/);
			terminal.press('q');
			assert.equal((await terminal.exited).exitCode, 0);
		} finally {
			await terminal.close();
		}
	},
);
