import assert from 'node:assert/strict';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import {test} from 'node:test';
import {projectNameOf} from '../../src/engine/docker/init-files.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {freePort, runCommand, runProgram} from '../support/project.ts';

const minutes = 60_000;

test(
	'what init writes comes up with docker compose alone, and keeps what it promises',
	{skip: skipWithoutEngine, timeout: 10 * minutes},
	async () => {
		const folder = await mkdtemp(join(tmpdir(), 'mlstack-init-'));
		const {MLSTACK_HOME, MLSTACK_PROJECT, ...inherited} = process.env;
		const environment = {
			...inherited,
			MLFLOW_PORT: String(await freePort()),
			MLSTACK_PG_PORT: String(await freePort()),
		};
		const here = {cwd: folder, environment};
		try {
			const written = await runProgram(['init', '--json'], here);
			assert.equal(written.exitCode, 0, written.stderr);
			const up = await runCommand('docker', ['compose', 'up', '-d', '--wait'], folder, environment);
			assert.equal(up.exitCode, 0, up.stderr);
			const verified = await runProgram(['verify', '--json'], here);
			assert.equal(verified.exitCode, 0, verified.stdout);
			const {project, holds} = JSON.parse(verified.stdout) as {project: string; holds: boolean};
			assert.deepEqual([project, holds], [projectNameOf(basename(folder)), true]);
			const checked = await runProgram(['doctor', '--json'], here);
			assert.equal(checked.exitCode, 0, checked.stdout);
		} finally {
			await runCommand('docker', ['compose', 'down', '--volumes', '--timeout', '5'], folder, environment);
			await rm(folder, {recursive: true, force: true});
		}
	},
);
