import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Failure} from '../../src/failure.ts';
import type {LogLine} from '../../src/stack/model.ts';
import {runCli} from '../support/cli.ts';
import {FakeEngine} from '../support/fake-engine.ts';
import {aContainer, someLines} from '../support/stack.ts';

const refused = 'FATAL:  password authentication failed for user "mlflow"';

/** A stack whose MLflow has ended a moment ago, as PostgreSQL refused it. */
function refusedStack(): FakeEngine {
	const startedAt = Date.now() - 20_000;
	const engine = new FakeEngine(
		aContainer('postgres', {startedAt}),
		aContainer('mlflow', {
			status: 'exited',
			health: 'none',
			exitCode: 1,
			startedAt,
			finishedAt: Date.now() - 100,
		}),
	);
	const line = (after: number, text: string): LogLine => ({
		time: (startedAt + after) * 1000,
		stamp: new Date(startedAt + after).toISOString(),
		stream: 'stderr',
		text,
	});
	engine.log(
		'id-mlflow',
		line(-60_000, "ModuleNotFoundError: No module named 'psycopg2'"),
		line(1000, `sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) connection failed: ${refused}`),
	);
	return engine;
}

const firstCard = (stdout: string): Record<string, unknown> => {
	const {cards} = JSON.parse(stdout) as {cards: ReadonlyArray<Record<string, unknown>>};
	return cards[0] ?? {};
};

test('`status` tells what is wrong as a card with the line that it was read from; old lines are no news', async () => {
	const {stdout, code} = await runCli(['status'], {engine: refusedStack()});
	assert.match(
		stdout,
		/\n\n✗ .*\n {2}why: {2}.*\n {2}line: mlflow │ .*password authentication failed.*\n {2}next: /,
	);
	assert.doesNotMatch(stdout, /driver/);
	assert.equal(code, 4);
});

test('`status --json` has the same card for scripts', async () => {
	const card = firstCard((await runCli(['status', '--json'], {engine: refusedStack()})).stdout);
	assert.deepEqual(
		[card['code'], card['service'], card['severity']],
		['password-refused', 'mlflow', 'error'],
	);
	assert.match((card['line'] as {text: string}).text, /password authentication failed/);
	assert.ok(Array.isArray(card['next']) && card['next'].length > 0);
});

test('`up` that fails prints the card, and of compose’s words only what happened', async () => {
	const failing = (): FakeEngine => {
		const engine = refusedStack();
		engine.onOperate = () => {
			throw new Failure('kws-mlflow-1 exited (1), so what depends on it was not started.', {
				code: 'dependency-failed',
				why: 'Its log says why.',
				next: ['docker logs --tail 50 kws-mlflow-1'],
			});
		};
		return engine;
	};

	const {stderr, code} = await runCli(['up', '--wait'], {engine: failing()});
	assert.match(
		stderr,
		/^✗ .*\n {2}why: .*\n {2}line: mlflow │ [^]*\n {2}next: [^]*\nmlstack: kws-mlflow-1 exited \(1\), so .*\n$/,
	);
	assert.doesNotMatch(stderr, /Its log says why|last lines/);
	assert.equal(code, 4);

	const {stdout} = await runCli(['up', '--wait', '--json'], {engine: failing()});
	const [status = '', error = ''] = stdout.split('\n');
	assert.equal(firstCard(status)['code'], 'password-refused');
	const {error: said} = JSON.parse(error) as {error: {code: string; why: string; next: readonly string[]}};
	assert.equal(said.code, 'dependency-failed');
	assert.match(said.why, /password/);
	assert.ok(said.next.length > 0);
});

test('`status` reads what a client in the stack says', async () => {
	const startedAt = Date.now() - 20_000;
	const engine = new FakeEngine(
		aContainer('postgres', {startedAt}),
		aContainer('mlflow', {ports: [], startedAt}),
		aContainer('notebook', {startedAt, health: 'none'}),
	);
	engine.log(
		'id-notebook',
		...someLines(1, "PermissionError: [Errno 13] Permission denied: '/mlruns'", startedAt),
	);
	const card = firstCard((await runCli(['status', '--json'], {engine})).stdout);
	assert.deepEqual([card['code'], card['service']], ['artifacts-at-client', 'notebook']);
});

test('a port that is taken is told with its owner', async () => {
	const engine = new FakeEngine();
	engine.portOwners.set(5432, 'the container other-db-1 of the project other');
	engine.onOperate = () => {
		throw new Failure('port 5432 is taken on this machine', {
			code: 'port-taken',
			why: 'Another program or container listens there.',
		});
	};
	const {stderr, code} = await runCli(['up'], {engine});
	assert.match(stderr, /✗ Port 5432 is taken by the container other-db-1 of the project other\n/);
	assert.equal(code, 1);
});

test('a stack in which nothing is wrong has no card', async () => {
	// The command reads the real clock: a server that has just been started may take its time.
	const startedAt = Date.now();
	const engine = new FakeEngine(
		aContainer('postgres', {startedAt}),
		aContainer('mlflow', {ports: [], startedAt}),
	);
	const {stdout} = await runCli(['status', '--json'], {engine});
	assert.deepEqual((JSON.parse(stdout) as {cards: unknown}).cards, []);
});
