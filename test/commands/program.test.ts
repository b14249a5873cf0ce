import assert from 'node:assert/strict';
import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {test} from 'node:test';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {docker, executable, runCommand, runProgram, withProject} from '../support/project.ts';

const skip = skipWithoutEngine;

/** Two services that are healthy in a second, and write a line each 100 ms. */
const chattyStack = `
services:
  one:
    image: busybox
    init: true
    stop_grace_period: 1s
    command: ["sh", "-c", "n=0; while :; do n=$$((n+1)); echo one $$n; sleep 0.1; done"]
    healthcheck: {test: ["CMD", "true"], interval: 1s}
  two:
    image: busybox
    init: true
    stop_grace_period: 1s
    command: ["sh", "-c", "n=0; while :; do n=$$((n+1)); echo two $$n >&2; sleep 0.1; done"]
`;

/** The program with its output read as it comes. */
class Running {
	readonly child: ChildProcess;
	output = '';
	readonly #closed: Promise<unknown>;

	constructor(arguments_: readonly string[]) {
		this.child = spawn(process.execPath, [executable, ...arguments_], {
			stdio: ['ignore', 'pipe', 'inherit'],
			env: {...process.env, NO_COLOR: '1'},
		});
		this.#closed = once(this.child, 'close');
		this.child.stdout?.on('data', (chunk: Buffer) => {
			this.output += chunk.toString();
		});
	}

	async shows(pattern: RegExp): Promise<void> {
		const deadline = AbortSignal.timeout(20_000);
		while (!pattern.test(this.output)) {
			assert.ok(!deadline.aborted && this.child.exitCode === null, `no ${pattern} in:\n${this.output}`);
			await new Promise((resolve) => {
				setTimeout(resolve, 20);
			});
		}
	}

	async end(signal: NodeJS.Signals): Promise<number | null> {
		this.child.kill(signal);
		await this.#closed;
		return this.child.exitCode;
	}
}

test('a stack from `up --wait` to `down`, as a script sees it', {skip}, async () => {
	await withProject(chattyStack, async ({name, file}) => {
		const mlstack = async (...arguments_: readonly string[]) =>
			runProgram(['-f', file, '-p', name, ...arguments_]);

		const before = await mlstack('status', '--json');
		assert.equal((JSON.parse(before.stdout) as {overall: string}).overall, 'down');
		assert.equal(before.exitCode, 4);

		const up = await mlstack('up', '--wait', '--timeout', '60');
		assert.equal(up.exitCode, 0, up.stderr);
		assert.match(up.stderr, new RegExp(`✓ container ${name}-one-1 started`));
		assert.equal(up.stdout, 'healthy\n');

		const status = await mlstack('status');
		assert.match(status.stdout, /● one +healthy +\d+ s +busybox\n● two +running +\d+ s +busybox/);
		assert.equal(status.exitCode, 0);

		const logs = await mlstack('logs', '--tail', '5', '--timestamps');
		const stamps = logs.stdout
			.trimEnd()
			.split('\n')
			.map((line) => /^(?:one|two) \| (\S+Z) (?:one|two) \d+$/.exec(line)?.[1] ?? line);
		assert.equal(stamps.length, 10);
		assert.deepEqual(
			stamps,
			stamps.toSorted((a, b) => (a < b ? -1 : 1)),
		);

		assert.equal((await mlstack('stop', 'two')).exitCode, 0);
		const stopped = await mlstack('status');
		assert.match(stopped.stdout, /two +(stopped|exited \(137\))/);
		assert.equal((await mlstack('start', 'two')).exitCode, 0);
		assert.equal((await mlstack('restart', 'two')).exitCode, 0);

		const down = await mlstack('down');
		assert.match(down.stderr, /Volumes are kept/);
		assert.equal(down.exitCode, 0);
		assert.equal(await docker('ps', '-aq', '--filter', `label=com.docker.compose.project=${name}`), '');
	});
});

test('`up --wait` fails with 4 on a container that exits, and shows what it wrote', {skip}, async () => {
	const broken = `
services:
  one:
    image: busybox
    command: ["sh", "-c", "echo Error: the volume is of another version >&2; exit 3"]
`;
	await withProject(broken, async ({name, file}) => {
		const {exitCode, stderr} = await runProgram(['-f', file, '-p', name, 'up', '--wait']);
		assert.match(stderr, /line: one │ Error: the volume is of another version\n/);
		assert.match(stderr, /mlstack: one: exited \(3\)/);
		assert.equal(exitCode, 4);
	});
});

test('`logs -f` follows restarts and ends on each signal; `status --watch` sees them', {skip}, async () => {
	await withProject(chattyStack, async (project) => {
		const {name, file} = project;
		await project.compose('up', '-d');
		const options = ['-f', file, '-p', name];
		const logs = new Running([...options, 'logs', '-f', '--tail', '1', 'one']);
		const watch = new Running([...options, 'status', '--watch']);
		try {
			await logs.shows(/one \d+\n/);
			await watch.shows(/two +running/);
			await project.compose('restart', '--timeout', '1', 'one');
			await logs.shows(/\none 1\none 2\n/);
			await watch.shows(/one \S.* → (exited \(\d+\)|stopped)[^]*one \S.* → (starting|healthy)/);
		} finally {
			assert.equal(await logs.end('SIGINT'), 130);
			assert.equal(await watch.end('SIGTERM'), 143);
		}
	});
});

test('a reader that has read enough ends `logs -f` without a word', {skip}, async () => {
	await withProject(chattyStack, async (project) => {
		const {name, file} = project;
		await project.compose('up', '-d');
		const line = `'${process.execPath}' '${executable}' -f '${file}' -p '${name}' logs -f | head -n 3`;
		const {exitCode, stdout, stderr} = await runCommand('bash', ['-o', 'pipefail', '-c', line]);
		assert.deepEqual([exitCode, stdout.split('\n').length, stderr], [0, 4, '']);
	});
});

test('without an engine `status` exits with 3 and says what was tried', async () => {
	const {exitCode, stdout, stderr} = await runProgram([
		'status',
		'--host',
		'unix:///nonexistent/docker.sock',
	]);
	assert.match(stderr, /^mlstack: .+\n {2}why: .*nonexistent\/docker\.sock/);
	assert.deepEqual([exitCode, stdout], [3, '']);
});

test('help and wrong calls need no engine', async () => {
	const [help, wrong] = await Promise.all([runProgram(['--help']), runProgram(['statsu'])]);
	assert.match(help.stdout, /^mlstack \d/);
	assert.equal(help.exitCode, 0);
	assert.match(wrong.stderr, /did you mean `status`/);
	assert.equal(wrong.exitCode, 2);
});
