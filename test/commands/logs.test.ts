import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Interruption} from '../../src/commands/context.ts';
import {Failure} from '../../src/failure.ts';
import type {LogLine} from '../../src/stack/model.ts';
import {runCli, type CliOptions, type CliResult} from '../support/cli.ts';
import {FakeEngine} from '../support/fake-engine.ts';
import {aContainer, aStack} from '../support/stack.ts';

const begin = Date.UTC(2026, 10, 24, 8, 0, 0);

/** A line, so many milliseconds after eight o'clock. */
function line(after: number, text: string, stream: LogLine['stream'] = 'stdout'): LogLine {
	const at = begin + after;
	return {time: at * 1000, stamp: new Date(at).toISOString().replace('Z', '000000Z'), stream, text};
}

/** Two services whose lines alternate. */
function someEngine(): FakeEngine {
	const engine = new FakeEngine(aContainer('postgres'), aContainer('mlflow'));
	engine.log(
		'id-postgres',
		line(0, 'LOG:  starting PostgreSQL 18.4'),
		line(20, 'LOG:  database system is ready to accept connections'),
	);
	engine.log(
		'id-mlflow',
		line(10, '2026/11/24 08:00:00 INFO mlflow.store.db.utils: Updating database tables'),
		line(30, '2026/11/24 08:00:00 WARNING mlflow.store: slow', 'stderr'),
		line(40, '2026/11/24 08:00:00 ERROR mlflow.cli: No module named psycopg', 'stderr'),
	);
	return engine;
}

/** Follows until each text has been written, does what stands beside it, then interrupts. */
async function followed(
	argv: readonly string[],
	engine: FakeEngine,
	steps: ReadonlyArray<readonly [written: string, then: () => void]>,
	options: CliOptions = {},
): Promise<CliResult> {
	const stop = new AbortController();
	let all = '';
	let step = 0;
	return runCli(argv, {
		...options,
		engine,
		signal: stop.signal,
		onWrite: (text) => {
			all += text;
			const [written, then] = steps[step] ?? [];
			if (written !== undefined && all.includes(written)) {
				step++;
				then?.();
			}

			if (step === steps.length) {
				stop.abort(new Interruption('stopped by SIGINT', 130));
			}
		},
	});
}

test('the lines of all services are merged by time, each behind its service', async () => {
	const {stdout, stderr, code} = await runCli(['logs'], {engine: someEngine()});
	assert.equal(
		stdout,
		[
			'postgres | LOG:  starting PostgreSQL 18.4',
			'mlflow   | 2026/11/24 08:00:00 INFO mlflow.store.db.utils: Updating database tables',
			'postgres | LOG:  database system is ready to accept connections',
			'mlflow   | 2026/11/24 08:00:00 WARNING mlflow.store: slow',
			'mlflow   | 2026/11/24 08:00:00 ERROR mlflow.cli: No module named psycopg',
			'',
		].join('\n'),
	);
	assert.deepEqual([stderr, code], ['', 0]);
});

test('one named service has no prefix', async () => {
	const {stdout} = await runCli(['logs', 'postgres', '--timestamps'], {engine: someEngine()});
	assert.equal(
		stdout,
		'2026-11-24T08:00:00.000000000Z LOG:  starting PostgreSQL 18.4\n' +
			'2026-11-24T08:00:00.020000000Z LOG:  database system is ready to accept connections\n',
	);
});

test('--json prints one object a line, with the level where the line says it', async () => {
	const {stdout} = await runCli(['logs', '--json', 'mlflow'], {engine: someEngine()});
	const [, , last] = stdout
		.trimEnd()
		.split('\n')
		.map((each): unknown => JSON.parse(each));
	assert.deepEqual(last, {
		version: 1,
		time: '2026-11-24T08:00:00.040000000Z',
		service: 'mlflow',
		container: 'kws-mlflow-1',
		stream: 'stderr',
		level: 'error',
		text: '2026/11/24 08:00:00 ERROR mlflow.cli: No module named psycopg',
	});
});

test('--level keeps what is as bad or worse, --grep what matches', async () => {
	const warnings = await runCli(['logs', '--level', 'warning'], {engine: someEngine()});
	assert.equal(warnings.stdout.trimEnd().split('\n').length, 2);
	const ready = await runCli(['logs', '--grep', 'READY|psycopg$'], {engine: someEngine()});
	assert.equal(ready.stdout, 'mlflow   | 2026/11/24 08:00:00 ERROR mlflow.cli: No module named psycopg\n');
	const anyCase = await runCli(['logs', '--grep', 'ready|PSYCOPG'.toLowerCase()], {engine: someEngine()});
	assert.equal(anyCase.stdout.trimEnd().split('\n').length, 2);
});

test('a pattern that would take for ever is stopped, and named', async () => {
	const engine = new FakeEngine(aContainer('mlflow'));
	engine.log('id-mlflow', line(0, `${'a'.repeat(60)}!`));
	const {stderr, code} = await runCli(['logs', '--grep', '^(a+)+$'], {engine});
	assert.match(stderr, /the pattern `\^\(a\+\)\+\$` takes too long/);
	assert.equal(code, 1);
});

test('a traceback stays whole between the lines of another service, and has the level of its error', async () => {
	const engine = new FakeEngine(aContainer('postgres'), aContainer('mlflow'));
	engine.log(
		'id-mlflow',
		line(0, '2026/11/24 08:00:00 ERROR mlflow.cli: failed', 'stderr'),
		line(2, 'Traceback (most recent call last):', 'stderr'),
		line(4, '  File "cli.py", line 1, in main', 'stderr'),
		line(6, 'ModuleNotFoundError: No module named psycopg', 'stderr'),
	);
	engine.log('id-postgres', line(3, 'LOG:  checkpoint starting: time'));
	const {stdout} = await runCli(['logs', '--tail', '100'], {engine});
	assert.deepEqual(
		stdout
			.trimEnd()
			.split('\n')
			.map((each) => each.slice(0, 8).trim()),
		['mlflow', 'mlflow', 'mlflow', 'mlflow', 'postgres'],
	);
	const errors = await runCli(['logs', '--level', 'error'], {engine});
	assert.equal(errors.stdout.trimEnd().split('\n').length, 4);
});

test('--tail, --since and --until are asked of the engine', async () => {
	const engine = someEngine();
	const times = ['--since', '2026-11-24T07:00:00Z', '--until', '2026-11-24T09:00:00.123456789+01:00'];
	await runCli(['logs', '-n', '3', ...times, 'mlflow'], {engine});
	assert.deepEqual(engine.logRequests, [
		{
			container: 'id-mlflow',
			follow: false,
			tail: 3,
			since: '2026-11-24T07:00:00Z',
			until: '2026-11-24T09:00:00.123456789+01:00',
		},
	]);
});

const attack = 'ok\u001B]0;title\u0007 \u001B[31mred\u001B[0m \u001B[2Jgone\u009B2J';

test('on a terminal nothing in a line can act on it; colours stay where they are shown', async () => {
	const engine = new FakeEngine(aContainer('mlflow'));
	engine.log('id-mlflow', line(0, attack));
	const plain = await runCli(['logs', 'mlflow'], {engine, isTTY: true});
	assert.equal(plain.stdout, 'ok red gone\n');
	const colored = await runCli(['logs', 'mlflow'], {engine, isTTY: true, colors: true});
	assert.equal(colored.stdout, 'ok \u001B[31mred\u001B[0m gone\n');
	const intoPager = await runCli(['logs', 'mlflow'], {engine, colors: true});
	assert.equal(intoPager.stdout, colored.stdout);
});

test('into a pipe goes what the program wrote', async () => {
	const engine = new FakeEngine(aContainer('mlflow'));
	engine.log('id-mlflow', line(0, attack));
	assert.equal((await runCli(['logs', 'mlflow'], {engine})).stdout, `${attack}\n`);
	const {text} = JSON.parse((await runCli(['logs', '--json'], {engine})).stdout) as {text: string};
	assert.equal(text, attack);
});

test('passwords are masked everywhere', async () => {
	const engine = new FakeEngine(aContainer('mlflow'));
	engine.log('id-mlflow', line(0, 'using postgresql+psycopg2://ana:hunter2@postgres:5432/mlflow'));
	for (const argv of [['logs'], ['logs', '--json'], ['logs', '-t', '--level', 'debug']]) {
		const {stdout} = await runCli(argv, {engine});
		assert.match(stdout, /ana:\*\*\*@postgres/);
		assert.doesNotMatch(stdout, /hunter2/);
	}
});

test('warnings and errors without colours of their own get one', async () => {
	const {stdout} = await runCli(['logs', 'mlflow'], {engine: someEngine(), isTTY: true, colors: true});
	const [information, warning, error] = stdout.split('\n');
	assert.doesNotMatch(information ?? '', /\u001B/);
	assert.match(warning ?? '', /^\u001B\[33m.*slow\u001B\[39m$/);
	assert.match(error ?? '', /^\u001B\[31m.*psycopg\u001B\[39m$/);
});

test('a container that keeps no log is told, and does not hide the others', async () => {
	const engine = someEngine();
	engine.failLog(
		'id-mlflow',
		new Failure('this container keeps no log that can be read', {code: 'logs-unreadable'}),
	);
	const {stdout, stderr, code} = await runCli(['logs'], {engine});
	assert.equal(stdout.trimEnd().split('\n').length, 2);
	assert.match(stderr, /mlflow: this container keeps no log/);
	assert.equal(code, 1);
});

test('no container: says so, and that is no failure', async () => {
	const {stdout, stderr, code} = await runCli(['logs'], {engine: new FakeEngine()});
	assert.match(stderr, /kws has no containers now/);
	assert.deepEqual([stdout, code], ['', 0]);
});

const wrongCalls: ReadonlyArray<readonly [argv: readonly string[], message: RegExp]> = [
	[['logs', 'mlfow'], /`mlfow` is not a service of kws\n {2}why: did you mean `mlflow`/],
	[['logs', '--grep', '('], /needs a regular expression, not `\(`/],
	[['logs', '--since', 'yesterday'], /`--since` needs a time, not `yesterday`/],
	[['logs', '-f', '--until', '1m'], /exclude each other/],
];
for (const [argv, message] of wrongCalls) {
	test(`\`mlstack ${argv.join(' ')}\` is a wrong call`, async () => {
		const {stderr, code} = await runCli(argv, {engine: someEngine()});
		assert.match(stderr, message);
		assert.equal(code, 2);
	});
}

test('a service that only the engine knows can be named', async () => {
	const engine = new FakeEngine(aContainer('nginx'));
	engine.stack = aStack({origin: 'project', files: [], directory: '', services: []});
	engine.log('id-nginx', line(0, 'GET /'));
	assert.equal((await runCli(['-p', 'kws', 'logs', 'nginx'], {engine})).stdout, 'GET /\n');
});

test('--follow prints what is there in order, then what comes, until it is interrupted', async () => {
	const engine = someEngine();
	const {stdout, code} = await followed(['logs', '-f'], engine, [
		['psycopg', () => engine.log('id-postgres', line(50, 'LOG:  one more'))],
		['one more', () => undefined],
	]);
	assert.deepEqual(
		stdout
			.trimEnd()
			.split('\n')
			.map((each) => each.slice(0, 8).trim()),
		['postgres', 'mlflow', 'postgres', 'mlflow', 'mlflow', 'postgres'],
	);
	assert.equal(code, 130);
	assert.deepEqual([engine.watching, engine.following], [0, 0]);
});

test('--follow reads on after a restart, without a gap and without a line twice', async () => {
	const engine = new FakeEngine(aContainer('mlflow'));
	engine.log('id-mlflow', line(0, 'first'));
	const {stdout} = await followed(['logs', '-f', 'mlflow'], engine, [
		[
			'first',
			() => {
				engine.set(aContainer('mlflow', {status: 'exited', exitCode: 1}));
				engine.log('id-mlflow', line(10, 'between'));
				setTimeout(() => engine.set(aContainer('mlflow', {startedAt: begin + 20})), 20);
			},
		],
		['between', () => engine.log('id-mlflow', line(30, 'second'))],
		['second', () => undefined],
	]);
	assert.equal(stdout, 'first\nbetween\nsecond\n');
});

test('--follow shows a container that comes later, from its first line', async () => {
	const engine = new FakeEngine(aContainer('postgres'));
	engine.log('id-postgres', line(0, 'old'), line(1, 'last'));
	const {stdout} = await followed(['logs', '-f', '--tail', '1'], engine, [
		[
			'last',
			() => {
				engine.log('id-mlflow', line(10, 'hello'), line(11, 'world'));
				engine.set(aContainer('mlflow'));
			},
		],
		['world', () => undefined],
	]);
	assert.equal(stdout, 'postgres | last\nmlflow   | hello\nmlflow   | world\n');
});

test('--follow of one service leaves the others alone', async () => {
	const engine = someEngine();
	await followed(['logs', '-f', 'mlflow'], engine, [['psycopg', () => undefined]]);
	assert.deepEqual(
		engine.logRequests.map(({container}) => container),
		['id-mlflow'],
	);
});

test('a reader that has read enough ends it quietly', async () => {
	const engine = someEngine();
	const stop = new AbortController();
	const {code, stderr} = await runCli(['logs', '-f'], {
		engine,
		signal: stop.signal,
		onWrite: () => stop.abort(new Interruption('standard output: write EPIPE', 0)),
	});
	assert.deepEqual([code, stderr], [0, '']);
});
