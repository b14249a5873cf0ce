import assert from 'node:assert/strict';
import {mkdtemp, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {checkVerify, checkVerifyFindsFolded} from './verify-checks.ts';
import {docker, freePort, openProgram, runCommand, runProgram} from '../support/project.ts';

const minutes = 60_000;

/** What a data scientist's script does, run by the real client of the MLflow image. */
const script = `
import mlflow, pathlib, tempfile
mlflow.set_experiment("first")
with mlflow.start_run() as run:
    mlflow.log_metric("accuracy", 0.93)
    path = pathlib.Path(tempfile.mkdtemp()) / "hello.txt"
    path.write_text("hello from a run")
    mlflow.log_artifact(str(path))
    print("RUN", run.info.run_id)
`;

test(
	'the main job by keys: own stack up, a run logged and found, down, up again with the run',
	{skip: skipWithoutEngine, timeout: 12 * minutes},
	async () => {
		const home = await mkdtemp(join(tmpdir(), 'mlstack-own-'));
		const project = `mlstack-own-${process.pid}`;
		const port = await freePort();
		const environment = {
			MLSTACK_HOME: home,
			XDG_STATE_HOME: join(home, 'state'),
			MLSTACK_PROJECT: project,
			MLFLOW_PORT: String(port),
			MLSTACK_PG_PORT: String(await freePort()),
		};
		const terminal = openProgram([], {cwd: home, environment});
		try {
			await terminal.shows(/postgres +absent/);
			terminal.press('u');
			await terminal.shows(/mlflow: .*load/, 8 * minutes);
			await terminal.shows(/✓ ready in [\d.]+ (s|min)/, 8 * minutes);
			await terminal.shows(/postgres +healthy/);
			await terminal.shows(/mlflow +healthy/, minutes);
			assert.match(terminal.screen(), new RegExp(`http://localhost:${port}`));

			const page = await fetch(`http://localhost:${port}/`);
			assert.equal(page.status, 200);
			assert.match(await page.text(), /MLflow/);
			assert.equal((await stat(join(home, 'stack', '.env'))).mode & 0o777, 0o600);

			const image = await docker('inspect', '--format', '{{.Config.Image}}', `${project}-mlflow-1`);
			const logged = await docker(
				'run',
				'--rm',
				'--network',
				`${project}_default`,
				'-e',
				'MLFLOW_TRACKING_URI=http://mlflow:5000',
				image,
				'python',
				'-c',
				script,
			);
			const run = /RUN (\w+)/.exec(logged)?.[1] ?? '';
			assert.match(run, /^[0-9a-f]{32}$/);
			const inPostgres = async () =>
				docker(
					'exec',
					`${project}-postgres-1`,
					'sh',
					'-c',
					`psql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -At -c "select key, value from metrics where run_uuid = '${run}'"`,
				);
			assert.equal(await inPostgres(), 'accuracy|0.93');
			const onVolume = await docker(
				'exec',
				`${project}-mlflow-1`,
				'sh',
				'-c',
				`cat /mlartifacts/*/${run}/artifacts/hello.txt`,
			);
			assert.equal(onVolume, 'hello from a run');

			const status = await runProgram(['status', '--json'], {cwd: home, environment});
			assert.equal(status.exitCode, 0);
			assert.doesNotMatch(status.stdout, /PASSWORD=\w/);

			terminal.press('v');
			await terminal.shows(/proved in [\d.]+ m?s: metadata in PostgreSQL/, minutes);
			terminal.press('\u001B');
			await terminal.shows(/u up {2}d down/);
			await checkVerify(project, {cwd: home, environment});

			terminal.press('d');
			await terminal.shows(/Take .* down\?/);
			await new Promise((resolve) => setTimeout(resolve, 400));
			terminal.press('y');
			await terminal.shows(/mlflow +absent/, 2 * minutes);
			await terminal.shows(/taken down/, minutes);
			assert.match(await docker('volume', 'ls', '-q'), new RegExp(`${project}_pgdata`));

			await checkVerifyFindsFolded(image);

			terminal.press('u');
			await terminal.shows(/mlflow +healthy/, 4 * minutes);
			assert.equal(await inPostgres(), 'accuracy|0.93');
			terminal.press('q');
			assert.equal((await terminal.exited).exitCode, 0);
		} finally {
			await terminal.close();
			await runCommand('docker', ['compose', '-p', project, 'down', '--volumes', '--timeout', '5']);
			await rm(home, {recursive: true, force: true});
		}
	},
);
