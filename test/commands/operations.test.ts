import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Interruption} from '../../src/commands/context.ts';
import {Failure} from '../../src/failure.ts';
import type {Container, Progress} from '../../src/stack/model.ts';
import {runCli} from '../support/cli.ts';
import {FakeEngine} from '../support/fake-engine.ts';
import {FakeMlflow} from '../support/fake-mlflow.ts';
import {aContainer, aService, aStack} from '../support/stack.ts';

type Step = Extract<Progress, {type: 'step'}>;

const begin = Date.UTC(2026, 10, 24, 8, 0, 0);

function step(
	after: number,
	kind: Step['kind'],
	name: string,
	status: string,
	part: Partial<Step> = {},
): Step {
	const state = status.endsWith('ing') ? 'working' : 'done';
	return {type: 'step', at: begin + after, id: `${kind} ${name}`, kind, name, state, status, ...part};
}

/** What compose reports of a first start: a pull, a build, and containers. */
const firstStart: readonly Progress[] = [
	step(0, 'pull', 'postgres:18', 'Pulling'),
	step(10, 'layer', 'abc', 'Downloading', {
		parent: 'pull postgres:18',
		current: 1024 ** 2,
		total: 2 * 1024 ** 2,
	}),
	step(200, 'layer', 'abc', 'Pull complete', {parent: 'pull postgres:18', state: 'done'}),
	step(3200, 'pull', 'postgres:18', 'Pulled'),
	step(3300, 'build', 'mlflow', 'Building', {id: 'build', current: 0, total: 2}),
	step(3400, 'other', '[1/2] FROM python', 'Cached', {parent: 'build', state: 'done'}),
	step(3500, 'other', '[2/2] RUN pip install', 'Working', {parent: 'build'}),
	{type: 'output', at: begin + 3600, level: 'info', text: 'Collecting mlflow', step: 'x'},
	step(51_500, 'other', '[2/2] RUN pip install', 'Done', {parent: 'build'}),
	step(51_600, 'build', 'mlflow', 'Built', {id: 'build', state: 'done'}),
	{type: 'output', at: begin + 51_700, level: 'warning', text: 'the attribute `version` is obsolete'},
	{type: 'output', at: begin + 51_700, level: 'warning', text: 'the attribute `version` is obsolete'},
	step(51_800, 'container', 'kws-postgres-1', 'Creating'),
	step(51_900, 'container', 'kws-postgres-1', 'Created'),
	step(52_000, 'container', 'kws-postgres-1', 'Starting'),
	step(52_100, 'container', 'kws-postgres-1', 'Started'),
];

test('without a terminal `up` prints a line for each step that ends, and for long ones when they begin', async () => {
	const engine = new FakeEngine();
	engine.onOperate = () => firstStart;
	const {stderr, stdout, code} = await runCli(['up'], {engine});
	assert.equal(
		stderr.replace(/ in \d+ s\n$/, ' in N s\n'),
		[
			'· pull postgres:18 pulling',
			'✓ pull postgres:18 pulled  3 s',
			'· build mlflow building',
			'✓ [2/2] RUN pip install done  48 s',
			'✓ build mlflow built  48 s',
			'warning: the attribute `version` is obsolete',
			'✓ container kws-postgres-1 created',
			'✓ container kws-postgres-1 started',
			'kws started in N s',
			'',
		].join('\n'),
	);
	assert.equal(stdout, '');
	assert.deepEqual([code, engine.operations], [0, ['up']]);
	assert.ok(engine.isClosed);
});

test('on a terminal the last line shows what is at work, never wider than the terminal, and is gone at the end', async () => {
	const engine = new FakeEngine();
	engine.onOperate = () => firstStart;
	const {stderr} = await runCli(['up'], {engine, isTTY: true, columns: 30});
	const drawn = [...stderr.matchAll(/\r\u001B\[K([^\r\n]*)(?=\r)/g)].map(([, text]) => text);
	assert.ok(drawn.includes('◐ pull postgres:18'));
	assert.ok(drawn.includes('◐ build mlflow 0/2: Collecti…'), drawn.join('\n'));
	assert.ok(drawn.every((text) => (text ?? '').length < 30));
	assert.match(stderr, /\r\u001B\[K✓ container kws-postgres-1 started\nkws started in \d+ s\n$/);
});

test('`up --json` prints one object a line; the last is the status', async () => {
	const engine = new FakeEngine();
	engine.onOperate = () => firstStart.slice(0, 2);
	const {stdout, stderr} = await runCli(['up', '--json'], {engine});
	const lines = stdout
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line) as Record<string, unknown>);
	assert.deepEqual(lines[0], {
		version: 1,
		progress: {
			type: 'step',
			at: '2026-11-24T08:00:00.000Z',
			id: 'pull postgres:18',
			kind: 'pull',
			name: 'postgres:18',
			state: 'working',
			status: 'Pulling',
		},
	});
	assert.deepEqual([lines.length, lines[2]?.['overall']], [3, 'down']);
	assert.equal(stderr, '');
});

test('a failed operation repeats the last output, then says what, why and what to do', async () => {
	const engine = new FakeEngine();
	engine.onOperate = async function* () {
		yield {type: 'output', at: begin, level: 'info', text: 'ERROR: No matching distribution found'} as const;
		throw new Failure('the build failed', {code: 'build-failed', why: 'pip said so', next: ['pin 3.17.2']});
	};

	const {stderr, code} = await runCli(['up'], {engine});
	assert.equal(
		stderr,
		'  ERROR: No matching distribution found\nmlstack: the build failed\n  why: pip said so\n  next: pin 3.17.2\n',
	);
	assert.equal(code, 1);
});

test('an interrupted operation says that what it did stays, and exits as the signal asks', async () => {
	const stop = new AbortController();
	const engine = new FakeEngine();
	engine.onOperate = async function* () {
		yield step(0, 'pull', 'postgres:18', 'Pulling');
		stop.abort(new Interruption('stopped by SIGTERM', 143));
	};

	const {stderr, code} = await runCli(['up'], {engine, signal: stop.signal});
	assert.match(stderr, /`up` was interrupted; what it did so far stays\n$/);
	assert.equal(code, 143);
});

for (const command of ['up', 'start', 'stop', 'restart'] as const) {
	test(`\`mlstack ${command}\` takes the services that are named, and no others`, async () => {
		const engine = new FakeEngine();
		assert.equal((await runCli([command, 'mlflow'], {engine})).code, 0);
		assert.deepEqual(engine.operations, [`${command} mlflow`]);
		const {code, stderr} = await runCli([command, 'mlfow'], {engine});
		assert.match(stderr, /`mlfow` is not a service of kws\n {2}why: did you mean `mlflow`\?/);
		assert.deepEqual([code, engine.operations.length], [2, 1]);
	});
}

test('`down` asks on a terminal, says what goes and what stays, and takes no for an answer', async () => {
	const engine = new FakeEngine(aContainer('postgres'), aContainer('mlflow'));
	const no = await runCli(['down'], {engine, isTTY: true, answer: false});
	assert.deepEqual(no.questions, ['Take kws down? Stops and removes 2 containers; volumes are kept.']);
	assert.match(no.stderr, /Nothing was done/);
	assert.deepEqual([no.code, engine.operations], [0, []]);
	const yes = await runCli(['down'], {engine, isTTY: true, answer: true});
	assert.match(yes.stderr, /kws taken down in \d+ s\nVolumes are kept/);
	assert.deepEqual([yes.code, engine.operations], [0, ['down']]);
});

for (const [name, argv, isTTY] of [
	['with --yes', ['down', '--yes'], true],
	['without a terminal', ['down'], false],
	['with --json', ['down', '--json'], true],
] as const) {
	test(`\`down\` ${name} asks nothing`, async () => {
		const engine = new FakeEngine();
		const {questions, code} = await runCli(argv, {engine, isTTY});
		assert.deepEqual([questions, code, engine.operations], [[], 0, ['down']]);
	});
}

/** A stack that an operation starts, as far as its containers. */
function starting(server: FakeMlflow, after: (engine: FakeEngine) => void): FakeEngine {
	const engine = new FakeEngine();
	engine.stack = aStack({
		services: [
			aService('postgres'),
			aService('mlflow', {ports: server.ports}),
			aService('bucket', {hasHealthcheck: false}),
		],
	});
	engine.onOperate = () => {
		engine.set(aContainer('postgres', {health: 'starting', startedAt: Date.now()}));
		engine.set(aContainer('mlflow', {health: 'starting', startedAt: Date.now(), ports: server.ports}));
		engine.set(aContainer('bucket', {health: 'none', status: 'exited', exitCode: 0}));
		setTimeout(() => after(engine), 30);
		return [];
	};

	return engine;
}

const healthy = (service: string, server: FakeMlflow): Container =>
	aContainer(service, {startedAt: Date.now() - 1000, ...(service === 'mlflow' && {ports: server.ports})});

test('`up --wait` returns when every service is healthy and MLflow works; a job may have ended', async () => {
	await using server = await FakeMlflow.start();
	server.hasDatabase = false;
	const engine = starting(server, (it) => {
		it.set(healthy('mlflow', server));
		it.set(healthy('postgres', server));
		setTimeout(() => {
			server.hasDatabase = true;
		}, 50);
	});
	const {code, stdout, stderr} = await runCli(['up', '--wait'], {engine});
	assert.equal(stdout, `MLflow is ready at ${server.url}\n`);
	assert.match(stderr, /postgres starting → healthy/);
	assert.match(stderr, /mlflow (starting|healthy) → database down/);
	assert.match(stderr, /mlflow database down → healthy/);
	assert.deepEqual([code, engine.watching], [0, 0]);
});

const endings: ReadonlyArray<readonly [name: string, ending: Partial<Container>, word: string]> = [
	['exits', {status: 'exited', health: 'none', exitCode: 1}, 'exited (1)'],
	['ends with 0', {status: 'exited', health: 'none', exitCode: 0}, 'stopped'],
	['turns unhealthy', {health: 'unhealthy'}, 'unhealthy'],
	['is restarted by its policy', {status: 'restarting', health: 'none', exitCode: 1}, 'restarting'],
	['runs out of memory', {status: 'exited', exitCode: 137, oomKilled: true}, 'out of memory (137)'],
];
for (const [name, ending, word] of endings) {
	test(`\`up --wait\` fails at once with 4 when a service ${name}, and shows its last lines`, async () => {
		await using server = await FakeMlflow.start();
		const engine = starting(server, (it) => {
			it.set(healthy('postgres', server));
			it.set(aContainer('mlflow', {...ending, ports: server.ports}));
		});
		engine.log('id-mlflow', {
			time: 1,
			stamp: '1',
			stream: 'stderr',
			text: 'No module named \u001B[31mpsycopg',
		});
		const {code, stdout, stderr} = await runCli(['up', '--wait'], {engine});
		assert.ok(stderr.includes(`mlstack: mlflow: ${word}\n`), stderr);
		assert.match(stderr, /last lines of mlflow:\n {2}No module named psycopg\n/);
		assert.match(stderr, /[✗!] mlflow .*\n {2}why: .*\n(?:.*\n)* {2}next: /);
		assert.deepEqual([code, stdout], [4, '']);
	});
}

test('`up --wait` does not take a program for up that ends at once', async () => {
	const engine = new FakeEngine();
	engine.stack = aStack({services: [aService('train', {hasHealthcheck: false})]});
	engine.onOperate = () => {
		engine.set(aContainer('train', {health: 'none', startedAt: Date.now()}));
		setTimeout(() => engine.set(aContainer('train', {status: 'exited', exitCode: 3})), 100);
		return [];
	};

	const {code, stderr} = await runCli(['up', '--wait'], {engine});
	assert.match(stderr, /mlstack: train: exited \(3\)/);
	assert.equal(code, 4);
});

test('`up --wait` says what it was waiting for when time is up', async () => {
	await using server = await FakeMlflow.start();
	server.hasDatabase = false;
	const engine = starting(server, (it) => it.set(healthy('mlflow', server)));
	const {code, stderr} = await runCli(['up', '--wait', '--timeout', '1'], {engine});
	assert.match(
		stderr,
		/mlstack: not healthy within 1 s\n {2}why: postgres: starting; mlflow: database down\n {2}next: mlstack logs/,
	);
	assert.deepEqual([code, engine.watching], [4, 0]);
});

test('`up --wait` waits for the named services only', async () => {
	await using server = await FakeMlflow.start();
	const engine = starting(server, (it) => it.set(healthy('postgres', server)));
	const {code} = await runCli(['up', '--wait', 'postgres'], {engine});
	assert.equal(code, 0);
});

test('`up --wait`: an operation that fails because a service does is not healthy, not failed', async () => {
	const engine = new FakeEngine(aContainer('postgres', {status: 'exited', exitCode: 1}));
	engine.onOperate = () => {
		throw new Failure('container kws-postgres-1 exited (1)', {code: 'dependency-failed'});
	};

	engine.log('id-postgres', {
		time: 1,
		stamp: '1',
		stream: 'stderr',
		text: 'Error: in 18+, these Docker images',
	});
	const {code, stderr} = await runCli(['up', '--wait'], {engine});
	assert.match(stderr, /last lines of postgres:\n {2}Error: in 18\+/);
	assert.match(stderr, /mlstack: container kws-postgres-1 exited \(1\)/);
	assert.equal(code, 4);
});

test('`up --wait --json` ends with the status, or with the error', async () => {
	await using server = await FakeMlflow.start();
	const engine = starting(server, (it) => {
		it.set(healthy('mlflow', server));
		it.set(healthy('postgres', server));
	});
	const good = await runCli(['up', '--wait', '--json'], {engine});
	assert.equal((JSON.parse(good.stdout) as {overall: string}).overall, 'up');
	const bad = await runCli(['up', '--wait', '--json', '--timeout', '0'], {
		engine: starting(server, () => undefined),
	});
	const [last, error] = bad.stdout.split('\n').map((line): unknown => line && JSON.parse(line));
	assert.equal((last as {overall: string}).overall, 'starting');
	assert.equal((error as {error: {code: string}}).error.code, 'timeout');
	assert.deepEqual([good.code, bad.code, good.stderr + bad.stderr], [0, 4, '']);
});
