import assert from 'node:assert/strict';
import {fileURLToPath} from 'node:url';
import {test} from 'node:test';
import {composeV1, composeV1Image} from '../support/compose-v1.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {docker, lightStack, runCommand, runProgram, withProject} from '../support/project.ts';

const minutes = 60_000;

test(
	'what docker-compose 1 started is seen, read and taken down as any other stack',
	{skip: skipWithoutEngine, timeout: 5 * minutes},
	async () => {
		await withProject(lightStack, async (project) => {
			const {exitCode, stderr} = await composeV1(project, 'up', '--detach');
			assert.equal(exitCode, 0, stderr);
			const container = `${project.name}_mlflow_1`;
			const label = 'com.docker.compose.version';
			const version = await docker('inspect', '--format', `{{index .Config.Labels "${label}"}}`, container);
			assert.equal(version, '1.29.2');

			const stack = ['-f', project.file, '-p', project.name];
			const status = await runProgram([...stack, 'status']);
			assert.match(status.stdout, /● postgres +running/);
			assert.match(status.stdout, /● mlflow +running/);
			const logs = await runProgram([...stack, 'logs', 'mlflow']);
			assert.match(logs.stdout, /tracking tick 1\n/);
			// By the name alone, too: the file is on another machine, or gone.
			assert.equal((await runProgram(['stop', '-p', project.name])).exitCode, 0);
			assert.match((await runProgram(['status', '-p', project.name])).stdout, /○ mlflow +stopped/);
			const started = await runProgram([...stack, 'start']);
			assert.equal(started.exitCode, 0, started.stderr);
			assert.equal((await runProgram([...stack, 'down', '--yes'])).exitCode, 0);
			const left = ['--filter', `label=com.docker.compose.project=${project.name}`];
			assert.equal(await docker('ps', '--all', '--quiet', ...left), '');
			assert.notEqual(await docker('volume', 'ls', '--quiet', ...left), '', 'the volume is kept');
		});
	},
);

test(
	'`doctor` where docker-compose 1 is all there is says so',
	{skip: skipWithoutEngine, timeout: 5 * minutes},
	async () => {
		// A machine with that program, and with this Node.js and mlstack.
		const root = fileURLToPath(new URL('../..', import.meta.url));
		const mounts = [root, process.execPath].flatMap((path) => ['--volume', `${path}:${path}:ro`]);
		const socket = '/var/run/docker.sock';
		const command = [process.execPath, `${root}bin/mlstack.js`, 'doctor', '--json'];
		const {stdout, stderr} = await runCommand('docker', [
			'run',
			'--rm',
			'--init',
			'--volume',
			`${socket}:${socket}`,
			...mounts,
			await composeV1Image(),
			...command,
		]);
		assert.match(stdout, /"compose-v1-only"/, stderr);
		assert.match(stdout, /Compose is there as version 1 only \(docker-compose 1\.29\.2\)/);
	},
);
