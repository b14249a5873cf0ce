import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Interruption} from '../../src/commands/context.ts';
import {Failure} from '../../src/failure.ts';
import {runCli} from '../support/cli.ts';
import {FakeEngine} from '../support/fake-engine.ts';
import {FakeMlflow} from '../support/fake-mlflow.ts';
import {aContainer, aStack} from '../support/stack.ts';

function started(secondsAgo: number): number {
	return Date.now() - secondsAgo * 1000 - 500;
}

const postgres = () => aContainer('postgres', {startedAt: started(192)});
const mlflowOn = (server: FakeMlflow, part = {}) =>
	aContainer('mlflow', {startedAt: started(180), ports: server.ports, ...part});

test('a stack that is up: a table, both levels of MLflow, exit code 0', async () => {
	await using server = await FakeMlflow.start();
	const engine = new FakeEngine(postgres(), mlflowOn(server));
	const {code, stdout, stderr} = await runCli(['status'], {engine});
	assert.equal(
		stdout.replaceAll(String(server.port), 'PORT'),
		[
			'kws  up  docker 28.5.2 (default)',
			'',
			'  SERVICE   STATE    FOR     IMAGE                         ADDRESS',
			'● postgres  healthy  3m 12s  postgres:18-trixie            127.0.0.1:5432',
			'● mlflow    healthy  3m 0s   mlstack/mlflow:3.17.2-py3.13  127.0.0.1:PORT',
			'',
			'MLflow at http://localhost:PORT answers, and works',
			'',
		].join('\n'),
	);
	assert.equal(stderr, '');
	assert.equal(code, 0);
	assert.ok(engine.isClosed);
	assert.equal(engine.watching, 0);
});

test('the database down behind a healthy container: says why, exit code 4', async () => {
	await using server = await FakeMlflow.start();
	server.hasDatabase = false;
	const {code, stdout} = await runCli(['status'], {engine: new FakeEngine(postgres(), mlflowOn(server))});
	assert.match(stdout, /^kws {2}degraded /);
	assert.match(stdout, /✗ mlflow +database down/);
	assert.match(stdout, /answers, and does not work: MLflow answers, but cannot reach its database/);
	assert.equal(code, 4);
});

test('nothing runs: exit code 4, and nobody is asked', async () => {
	const {code, stdout} = await runCli(['status'], {engine: new FakeEngine()});
	assert.match(stdout, /^kws {2}down /);
	assert.match(stdout, /· postgres +absent/);
	assert.doesNotMatch(stdout, /MLflow at/);
	assert.equal(code, 4);
});

test('a project of which nothing is known says so', async () => {
	const engine = new FakeEngine();
	engine.stack = aStack({origin: 'project', files: [], directory: '', services: []});
	const {stdout, code} = await runCli(['status', '-p', 'kws'], {engine});
	assert.match(stdout, /No service of this project is known/);
	assert.equal(code, 4);
	assert.equal(engine.requests[0]?.project, 'kws');
});

test('--json prints one versioned document', async () => {
	await using server = await FakeMlflow.start();
	const {code, stdout} = await runCli(['status', '--json'], {
		engine: new FakeEngine(postgres(), mlflowOn(server)),
	});
	const document: unknown = JSON.parse(stdout);
	assert.ok(
		typeof document === 'object' && document !== null && 'version' in document && 'overall' in document,
	);
	assert.deepEqual([document.version, document.overall], [1, 'up']);
	assert.equal(code, 0);
});

const noEngine = new Failure('no Docker Engine answers', {
	code: 'no-engine',
	why: 'nothing listens on /var/run/docker.sock',
	next: ['start Docker'],
	reason: 'noEngine',
});

test('no engine: its whole text on standard error, exit code 3, whatever the compose file says', async () => {
	const engine = new FakeEngine();
	engine.failure = noEngine;
	engine.resolveFailure = new Failure('the compose file is broken', {code: 'compose-invalid'});
	const {code, stdout, stderr} = await runCli(['status'], {engine});
	assert.equal(
		stderr,
		'mlstack: no Docker Engine answers\n  why: nothing listens on /var/run/docker.sock\n  next: start Docker\n',
	);
	assert.equal(stdout, '');
	assert.equal(code, 3);
});

test('no engine with --json: the error is a document on standard output', async () => {
	const engine = new FakeEngine();
	engine.failure = noEngine;
	const {code, stdout, stderr} = await runCli(['status', '--json'], {engine});
	assert.deepEqual(JSON.parse(stdout), {
		version: 1,
		error: {
			code: 'no-engine',
			what: 'no Docker Engine answers',
			why: 'nothing listens on /var/run/docker.sock',
			next: ['start Docker'],
		},
	});
	assert.equal(stderr, '');
	assert.equal(code, 3);
});

test('an engine that goes away before its first answer is no engine', async () => {
	const engine = new FakeEngine();
	engine.watch = async function* () {
		yield* [{type: 'disconnected', at: 0, why: 'connection refused'} as const];
	};

	const {code, stderr} = await runCli(['status'], {engine});
	assert.match(stderr, /the engine stopped answering\n {2}why: connection refused/);
	assert.equal(code, 3);
});

/** Runs a command that goes on until `until` has been written and everything in `steps` has happened. */
async function watched(
	argv: readonly string[],
	engine: FakeEngine,
	steps: ReadonlyArray<readonly [written: RegExp, then: () => void]>,
): Promise<Awaited<ReturnType<typeof runCli>>> {
	const stop = new AbortController();
	let all = '';
	let step = 0;
	return runCli(argv, {
		engine,
		signal: stop.signal,
		onWrite: (text) => {
			all += text;
			const [written, then] = steps[step] ?? [];
			if (written?.test(all)) {
				step++;
				then?.();
			}

			if (step === steps.length) {
				stop.abort(new Interruption('stopped by SIGINT', 130));
			}
		},
	});
}

test('--watch prints the table, then a line for each change, until it is interrupted', async () => {
	await using server = await FakeMlflow.start();
	const engine = new FakeEngine(postgres(), mlflowOn(server));
	const {code, stdout} = await watched(['status', '--watch'], engine, [
		[
			/answers, and works/,
			() => engine.set({...postgres(), status: 'exited', exitCode: 1, finishedAt: Date.now()}),
		],
		[/kws up → degraded/, () => engine.set(postgres())],
		[/degraded → up/, () => engine.remove('id-mlflow')],
		[/up → degraded/, () => undefined],
	]);
	const changes = stdout.split('\n').filter((line) => line.includes('→'));
	assert.deepEqual(
		changes.map((line) => line.replace(/^\d\d:\d\d:\d\d /, 'TIME ')),
		[
			'TIME postgres healthy → exited (1)',
			'TIME kws up → degraded',
			'TIME postgres exited (1) → healthy',
			'TIME kws degraded → up',
			'TIME mlflow healthy → absent',
			'TIME kws up → degraded',
		],
	);
	assert.equal(code, 130);
	assert.equal(engine.watching, 0);
});

test('--watch --json prints a document a line for each change', async () => {
	const engine = new FakeEngine(aContainer('postgres', {health: 'starting', startedAt: started(1)}));
	const {stdout, code} = await watched(['status', '--watch', '--json'], engine, [
		[/"overall":"degraded"|"overall":"starting"/, () => engine.set(postgres())],
		[/"state":"healthy"/, () => undefined],
	]);
	const documents = stdout
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line) as {services: ReadonlyArray<{state: string}>});
	assert.deepEqual(
		documents.map(({services}) => services.map(({state}) => state)),
		[
			['starting', 'absent'],
			['healthy', 'absent'],
		],
	);
	assert.equal(code, 130);
});

test('--watch goes on while the engine is away, and says so', async () => {
	const engine = new FakeEngine(postgres());
	const {stdout} = await watched(['status', '--watch'], engine, [
		[/postgres/, () => engine.tell({type: 'disconnected', at: Date.now(), why: 'gone'})],
		[/degraded → unknown/, () => engine.tell({type: 'connected', at: Date.now()})],
		[/unknown → degraded/, () => undefined],
	]);
	assert.match(stdout, /unknown → degraded/);
});

test('what only an inspection tells is waited for: a snapshot does not say when a container started', async () => {
	const {tty, startedAt, ...listed} = postgres();
	const engine = new FakeEngine(listed);
	setTimeout(() => engine.set(postgres()), 30);
	const {stdout} = await runCli(['status'], {engine});
	assert.match(stdout, /postgres +healthy +3m 12s/);
});

test('colours come only where the output shows them', async () => {
	const engine = new FakeEngine(postgres());
	const plain = await runCli(['status'], {engine});
	assert.doesNotMatch(plain.stdout, /\u001B/);
	const painted = await runCli(['status'], {engine, isTTY: true, colors: true});
	assert.match(painted.stdout, /\u001B\[32mhealthy\u001B\[39m/);
});

test('without a terminal `mlstack` alone prints the status and a hint', async () => {
	const {stdout, stderr, code} = await runCli([], {engine: new FakeEngine(postgres())});
	assert.match(stdout, /postgres +healthy/);
	assert.match(stderr, /no terminal/);
	assert.equal(code, 4);
});
