import assert from 'node:assert/strict';
import {test} from 'node:test';
import {cards} from '../../../src/stack/diagnosis/cards.ts';
import {exitCodes, meaningOf} from '../../../src/stack/diagnosis/exit-codes.ts';
import {stateRules} from '../../../src/stack/diagnosis/state-rules.ts';
import type {Container} from '../../../src/stack/model.ts';
import type {StackInput} from '../../../src/stack/startup/input.ts';
import {appears, changes, container, probed, said, snapshot} from '../startup/inputs.ts';
import {after, known, rulesShown, titles, waits} from './inputs.ts';

const at = 1_700_000_000_000;
const soon = at + 1000;

const running = after(
	known,
	snapshot(
		at,
		container('postgres', {startedAt: at, health: 'healthy'}),
		container('mlflow', {startedAt: at}),
	),
);

const ends = (service: string, how: Partial<Container>): StackInput =>
	changes(soon, service, {status: 'exited', finishedAt: soon, ...how});

const loops = [1, 2, 3].flatMap((round): StackInput[] => [
	changes(soon + round * 1000, 'mlflow', {status: 'restarting', exitCode: 127}),
	changes(soon + round * 1000 + 500, 'mlflow', {status: 'running', startedAt: soon + round * 1000 + 500}),
]);

/** For each rule that reads states: what happens, and the title of its card. */
const examples: Readonly<Record<string, readonly [happens: readonly StackInput[], title: string]>> = {
	'out-of-memory': [
		[ends('mlflow', {exitCode: 137, oomKilled: true})],
		'mlflow was killed: it ran out of memory',
	],
	'restart-loop': [
		[...loops, changes(soon + 5000, 'mlflow', {status: 'restarting', exitCode: 127})],
		'mlflow is started again and again, and ends each time (127)',
	],
	exited: [[ends('mlflow', {exitCode: 2})], 'mlflow exited (2)'],
	ended: [[ends('mlflow', {exitCode: 0})], 'mlflow ended by itself (0)'],
	unhealthy: [[changes(soon, 'postgres', {health: 'unhealthy'})], 'postgres runs, but its healthcheck fails'],
	'compose-v1': [
		[ends('postgres', {exitCode: 143, name: 'postgres-id_kws_postgres_1'})],
		'docker-compose 1 stopped this stack and could not start it again',
	],
	'database-stopped': [
		[said(soon, 'postgres', 'LOG:  received fast shutdown request'), ends('postgres', {exitCode: 0})],
		'postgres is not running, so mlflow can store nothing',
	],
	'database-away': [[probed(soon, 'database down')], 'mlflow answers, but cannot reach its database'],
	'schema-gone': [[probed(soon, 'schema gone')], 'The tables of MLflow are gone from its database'],
	'host-not-allowed': [[probed(soon, 'host refused')], 'mlflow refuses requests for localhost:5000 (403)'],
	'works-not': [[probed(soon, 'failing', 'Its log says why.')], 'mlflow answers, but does not work'],
	airplay: [
		[probed(soon, 'AirPlay')],
		'Not MLflow but the AirPlay Receiver of macOS answers at http://localhost:5000',
	],
	stranger: [
		[probed(soon, 'not MLflow', 'It speaks no HTTP.')],
		'Something else than mlflow answers at http://localhost:5000',
	],
	'no-answer': [
		[
			said(soon, 'mlflow', '[2026-11-24 06:00:23 +0000] [15] [INFO] Booting worker with pid: 15'),
			probed(soon, 'no answer', 'Nothing listens at this address yet.'),
		],
		'mlflow runs, but does not answer at http://localhost:5000',
	],
};

for (const rule of stateRules) {
	test(`the rule ${rule.id} makes a card of its state, and of nothing else`, () => {
		const [happens, title] = examples[rule.id] ?? assert.fail(`${rule.id} has no example`);
		const shown = cards(after(running, ...happens, waits(soon + 60_000)));
		assert.deepEqual(
			shown.map(({rule, severity, title}) => ({rule, severity, title})),
			[{rule: rule.id, severity: rule.severity, title}],
		);
		assert.doesNotMatch(JSON.stringify(shown), /\{(?:\w+)\}(?!})/, 'a name has no value');
		assert.match(shown[0]?.why ?? '', /\.$/);
		assert.ok((shown[0]?.mend.length ?? 0) > 0);
	});

	test(`the rule ${rule.id} waits as long as it says`, () => {
		const [happens] = examples[rule.id] ?? assert.fail();
		const {lasts = 0} = rule;
		const held = cards(after(running, ...happens, waits(soon + 60_000)))[0]?.at ?? assert.fail();
		if (lasts > 0) {
			assert.deepEqual(rulesShown(after(running, ...happens, waits(held + lasts - 1))), []);
		}

		assert.deepEqual(rulesShown(after(running, ...happens, waits(held + lasts))), [rule.id]);
	});
}

test('an unknown failure shows its exit code, what that usually means, and the last lines that look like errors', () => {
	const [card] = cards(
		after(
			running,
			...[1, 2, 3, 4, 5, 6].map((n) => said(soon, 'mlflow', `ValueError: number ${n} with password=hunter2`)),
			said(soon, 'mlflow', 'and a line that is none'),
			ends('mlflow', {exitCode: 139}),
			waits(soon + 600),
		),
	);
	assert.equal(card?.title, 'mlflow exited (139)');
	assert.equal(card.why, 'Exit code 139 usually means: it crashed (SIGSEGV).');
	assert.deepEqual(
		card.errors?.map(({text}) => text),
		[2, 3, 4, 5, 6].map((n) => `ValueError: number ${n} with password=***`),
	);
});

test('every exit code has a meaning that ends a sentence', () => {
	for (const code of [...Object.keys(exitCodes).map(Number), 3, 42, 136, 200]) {
		assert.match(meaningOf(code), /^(?:[a-z]|Docker)[^.]*[^.\s]$/, String(code));
	}

	assert.equal(meaningOf(136), 'it was ended by signal 8');
});

test('a container that was asked to stop did not fail', () => {
	for (const exitCode of [130, 143]) {
		assert.deepEqual(rulesShown(after(running, ends('mlflow', {exitCode}), waits(soon + 9000))), []);
	}

	for (const operation of ['stop', 'down', 'restart'] as const) {
		const stopped = after(
			running,
			{type: 'begin', at: soon, operation, services: ['mlflow']},
			ends('mlflow', {exitCode: 137}),
			{type: 'end', at: soon + 100, operation},
			waits(soon + 9000),
		);
		assert.deepEqual(rulesShown(stopped), [], operation);
	}
});

test('nor did one that somebody else stopped, with docker or compose, even if it took SIGKILL; the next end may be one', () => {
	const kill: StackInput = {type: 'event', event: {type: 'kill', at: soon, id: 'mlflow-id'}};
	const killed = after(running, kill, ends('mlflow', {exitCode: 137}), waits(soon + 9000));
	assert.deepEqual(rulesShown(killed), []);
	const again = after(
		killed,
		changes(soon + 9000, 'mlflow', {status: 'running', startedAt: soon + 9000}),
		changes(soon + 9500, 'mlflow', {status: 'exited', exitCode: 137, finishedAt: soon + 9500}),
		waits(soon + 20_000),
	);
	assert.deepEqual(rulesShown(again), ['exited']);
	const stranger: StackInput = {type: 'event', event: {type: 'kill', at: soon, id: 'gone'}};
	assert.deepEqual(rulesShown(after(running, stranger)), []);
});

test('a service of another role that ends without an error did its work', () => {
	const job = after(running, appears(at, 'job'), ends('job', {exitCode: 0}), waits(soon + 9000));
	assert.deepEqual(rulesShown(job), []);
	const failed = after(running, appears(at, 'job'), ends('job', {exitCode: 1}), waits(soon + 9000));
	assert.deepEqual(rulesShown(failed), ['exited']);
});

test('memory that runs out in a loop stays the card until the service is well', () => {
	const died = after(
		running,
		changes(soon, 'mlflow', {status: 'restarting', exitCode: 137, oomKilled: true}),
	);
	const again = after(died, changes(soon + 500, 'mlflow', {status: 'running', startedAt: soon + 500}));
	assert.deepEqual(rulesShown(again), ['out-of-memory']);
	assert.deepEqual(rulesShown(after(again, probed(soon + 9000, 'works'))), []);
});

test('a loop ends when the service is well', () => {
	const looping = after(running, ...loops, waits(soon + 4000));
	assert.deepEqual(rulesShown(looping), ['restart-loop']);
	assert.deepEqual(rulesShown(after(looping, changes(soon + 9000, 'mlflow', {health: 'healthy'}))), []);
});

test('a loop is told of containers that looped before mlstack looked', () => {
	const found = after(
		known,
		snapshot(
			at,
			container('postgres', {startedAt: at}),
			container('mlflow', {status: 'restarting', exitCode: 1, restartCount: 7}),
		),
		waits(at + 1000),
	);
	assert.deepEqual(rulesShown(found), ['restart-loop']);
});

test('a loop is told with the exit code of the last run, also while the next one is under way', () => {
	const again = changes(soon + 5000, 'mlflow', {status: 'running', startedAt: soon + 5000});
	const ended = changes(soon + 4500, 'mlflow', {status: 'restarting', exitCode: 2});
	const looping = after(running, ...loops, ended, again, waits(soon + 5500));
	assert.deepEqual(titles(looping), ['mlflow is started again and again, and ends each time (2)']);
});

test('a container that an inspection of before its end says nothing of is known to have run out of memory', () => {
	const killed = after(
		running,
		changes(soon, 'mlflow', {oomKilled: true}),
		appears(soon + 100, 'mlflow', {startedAt: at}),
		changes(soon + 260, 'mlflow', {status: 'exited', exitCode: 137}),
		changes(soon + 500, 'mlflow', {status: 'running', startedAt: soon + 500}),
	);
	assert.deepEqual(rulesShown(killed), ['out-of-memory']);
});
