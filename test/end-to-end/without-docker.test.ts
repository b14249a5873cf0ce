import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {homedir, tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
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
import {Terminal} from '../support/terminal.ts';
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
	'on a machine without Docker, the first command of the README in a clean clone and `u` end in an MLflow that works',
	{skip: skipElsewhere, timeout: 10 * minutes},
	async (t) => {
		const {url, options} = await aMachine(t);
		const clone = cleanClone(t);
		const terminal = new Terminal('npm', ['start'], {
			cwd: clone,
			// A home of its own has neither npm's settings nor what npm downloaded before.
			environment: {
				...options.environment,
				npm_config_userconfig: join(homedir(), '.npmrc'),
				npm_config_cache: process.env['npm_config_cache'] ?? join(homedir(), '.npm'),
				npm_config_prefer_offline: 'true',
			},
		});
		try {
			await terminal.shows(/native: no Docker answered|npm ci .*failed/, 5 * minutes);
			if (/npm ci .*failed/.test(terminal.screen()) && process.env['MLSTACK_TEST_ENGINE'] !== 'required') {
				t.skip('npm cannot install here what package-lock.json names');
				return;
			}

			await terminal.shows(/postgres +absent/);
			terminal.press('u');
			await terminal.shows(/✓ ready in [\d.]+ (s|min)|✗/, 5 * minutes);
			await terminal.shows(/mlflow +healthy/);
			const page = await fetch(url);
			assert.equal(page.status, 200);
			assert.match(await page.text(), /<title>MLflow<\/title>/);
			terminal.press('q');
			assert.equal((await terminal.exited).exitCode, 0);
			assert.equal((await fetch(`${url}/health`)).status, 200, 'what runs goes on running');
		} finally {
			await terminal.close();
		}
	},
);

/** The project as `git clone` gives it, with what is not committed yet; removed after the test. */
function cleanClone(t: TestContext): string {
	const root = fileURLToPath(new URL('../..', import.meta.url));
	const clone = mkdtempSync(join(tmpdir(), 'mlstack-clone-'));
	t.after(() => {
		rmSync(clone, {recursive: true, force: true});
	});
	const options = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
	const files = execFileSync('git', options, {cwd: root, encoding: 'utf8'}).split('\0');
	for (const file of files.filter((each) => each !== '' && existsSync(join(root, each)))) {
		mkdirSync(dirname(join(clone, file)), {recursive: true});
		copyFileSync(join(root, file), join(clone, file));
	}

	return clone;
}

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
