import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';
import {docker, executable, freePort, runProgram, withProject} from '../support/project.ts';

interface Place {
	readonly cwd: string;
	readonly environment: Readonly<Record<string, string>>;
}

/** The step that a `mlstack verify --json` says something about, as `name: state code`. */
function stepsOf(json: string): readonly string[] {
	const {steps} = JSON.parse(json) as {
		steps: ReadonlyArray<{step: string; state: string; failure?: {code: string}}>;
	};
	return steps.map(({step, state, failure}) => [`${step}:`, state, failure?.code ?? ''].join(' ').trim());
}

/** A stack that is as promised is proved to be so, and nothing of that stays, however it ends. */
export async function checkVerify(project: string, place: Place): Promise<void> {
	const left = async (): Promise<string> => {
		const rows = await docker(
			'exec',
			`${project}-postgres-1`,
			'sh',
			'-c',
			`psql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -At -c "select name from experiments order by 1" -c "select count(*) from runs" -c "select count(*) from latest_metrics"`,
		);
		const files = await docker('exec', `${project}-mlflow-1`, 'sh', '-c', 'find /mlartifacts | sort');
		return `${rows}\n${files}`;
	};
	const before = await left();

	const proved = await runProgram(['verify', '--json'], place);
	assert.equal(proved.exitCode, 0, proved.stdout + proved.stderr);
	assert.deepEqual(
		stepsOf(proved.stdout),
		['reach', 'log', 'send', 'read', 'rows', 'volume', 'remove'].map((step) => `${step}: done`),
	);
	assert.match(proved.stdout, new RegExp(`database mlflow of postgres[^]*the volume ${project}_mlartifacts`));
	assert.equal(await left(), before);

	for (const step of ['are logged', 'is sent through', 'is read back']) {
		assert.equal(await cancelAfter(step, place), 130);
		assert.equal(await left(), before, step);
	}
}

/** The exit code of a verification that is cancelled as soon as it says that a step is done. */
async function cancelAfter(step: string, {cwd, environment}: Place): Promise<unknown> {
	const child = spawn(process.execPath, [executable, 'verify'], {
		cwd,
		env: {...process.env, ...environment},
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const closed = once(child, 'close');
	for await (const chunk of child.stdout) {
		if (String(chunk).includes(step)) {
			child.kill('SIGINT');
		}
	}

	const [exitCode] = await closed;
	return exitCode;
}

/** What the folded command of a blog post makes: the server starts alone, without the options that follow. */
const folded = (image: string, port: number): string => `
services:
  postgres:
    image: postgres:18-trixie
    environment: {POSTGRES_PASSWORD: "0000", POSTGRES_USER: mlflow, POSTGRES_DB: mlflow}
    volumes: ["data:/var/lib/postgresql"]
  mlflow:
    image: ${image}
    pull_policy: never
    environment: {MLFLOW_HOST: 0.0.0.0, MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false", MLFLOW_WORKERS: "1"}
    init: true
    stop_grace_period: 1s
    command: >
      bash -c "
      mlflow server
        --backend-store-uri postgresql+psycopg2://mlflow:0000@postgres/mlflow
        --default-artifact-root ./mlruns
        --host 0.0.0.0
      "
    ports: ["127.0.0.1:${port}:5000"]
    volumes: ["runs:/home/mlflow/mlruns"]
volumes: {data: {}, runs: {}}
`;

/** A stack that only looks right is found out, and told why; what was made in the wrong places goes, too. */
export async function checkVerifyFindsFolded(image: string): Promise<void> {
	const port = await freePort();
	await withProject(folded(image, port), async (project) => {
		const {name, folder} = project;
		const place = {cwd: folder, environment: {COMPOSE_PROJECT_NAME: name}};
		await project.compose('up', '--detach');
		const early = await runProgram(['verify', '--json'], place);
		assert.equal(early.exitCode, 4);
		assert.deepEqual(stepsOf(early.stdout)[0], 'reach: failed mlflow-not-ready');
		for (let isUp = false; !isUp; await sleep(500)) {
			isUp = await fetch(`http://127.0.0.1:${port}/api/2.0/mlflow/experiments/search?max_results=1`).then(
				({ok}) => ok,
				() => false,
			);
		}

		const found = await runProgram(['verify', '--json'], place);
		assert.equal(found.exitCode, 1, found.stdout);
		assert.deepEqual(stepsOf(found.stdout), [
			'reach: done',
			'log: done',
			'send: done',
			'read: done',
			'rows: failed backend-not-postgres',
			'volume: failed artifact-elsewhere',
			'remove: done',
		]);
		assert.match(found.stdout, /SQLite, the file mlflow\.db in its container/);
		const left = await project.compose(
			'exec',
			'mlflow',
			'python',
			'-c',
			"import sqlite3, os; print(sqlite3.connect('mlflow.db').execute('select name from experiments').fetchall(), os.listdir('mlartifacts'))",
		);
		assert.equal(left, "[('Default',)] []");
	});
}
