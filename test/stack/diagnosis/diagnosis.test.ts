import assert from 'node:assert/strict';
import {test} from 'node:test';
import * as fc from 'fast-check';
import {cards, nextChange} from '../../../src/stack/diagnosis/cards.ts';
import {update} from '../../../src/stack/diagnosis/diagnosis.ts';
import {initialDiagnosis} from '../../../src/stack/diagnosis/state.ts';
import type {StackInput} from '../../../src/stack/startup/input.ts';
import {
	appears,
	changes,
	container,
	prints,
	probed,
	reports,
	said,
	services,
	snapshot,
} from '../startup/inputs.ts';
import {lineExamples} from './examples.ts';
import {after, known, rulesShown, titles, waits} from './inputs.ts';

const at = 1_700_000_000_000;
const running = after(
	known,
	snapshot(
		at,
		container('postgres', {startedAt: at, health: 'healthy'}),
		container('mlflow', {startedAt: at}),
	),
);
const line = (rule: string): string => lineExamples[rule]?.[1] ?? assert.fail(rule);
const refused = (time: number): StackInput => said(time, 'mlflow', line('database-refuses'));
const connected = (time: number): StackInput =>
	said(time, 'mlflow', '2026/11/24 05:41:30 INFO mlflow.store.db.utils: Updating database tables');

test('a connection that is refused while PostgreSQL starts is no failure', () => {
	const state = after(
		running,
		refused(at + 100),
		refused(at + 400),
		refused(at + 1100),
		connected(at + 2000),
	);
	assert.deepEqual(rulesShown(after(state, waits(at + 3_600_000))), []);
	assert.equal(nextChange(state), undefined);
});

test('a connection that stays refused becomes a card by the clock alone, and goes when MLflow gets through', () => {
	const trying = after(running, refused(at + 100), refused(at + 6000));
	assert.deepEqual(rulesShown(trying), []);
	assert.equal(nextChange(trying), at + 10_100);
	const failing = after(trying, waits(at + 10_100));
	assert.deepEqual(rulesShown(failing), ['database-refuses']);
	assert.deepEqual(rulesShown(after(failing, connected(at + 12_000))), []);
	assert.deepEqual(rulesShown(after(failing, probed(at + 12_000, 'works'))), []);
	assert.deepEqual(rulesShown(after(failing, changes(at + 12_000, 'mlflow', {health: 'healthy'}))), []);
});

test('MLflow that gave up is told at once', () => {
	const state = after(
		running,
		refused(at + 100),
		changes(at + 200, 'mlflow', {status: 'exited', exitCode: 1}),
	);
	assert.deepEqual(rulesShown(state), ['database-refuses']);
});

test('what follows from the database’s own trouble is not told beside it', () => {
	const state = after(
		running,
		said(at + 100, 'postgres', line('old-volume')),
		changes(at + 110, 'postgres', {status: 'exited', exitCode: 1, finishedAt: at + 110}),
		said(at + 200, 'mlflow', line('host-unknown')),
		waits(at + 60_000),
	);
	assert.deepEqual(rulesShown(state), ['old-volume']);
	const gaveUp = after(
		state,
		changes(at + 104_000, 'mlflow', {status: 'exited', exitCode: 1}),
		waits(at + 110_000),
	);
	assert.deepEqual(rulesShown(gaveUp), ['old-volume']);
});

test('a database that was stopped under MLflow is one card, from the stop to its return', () => {
	const stopped = after(
		running,
		said(at + 100, 'postgres', 'LOG:  received fast shutdown request'),
		changes(at + 110, 'postgres', {status: 'exited', exitCode: 0, finishedAt: at + 110}),
		said(at + 500, 'mlflow', line('host-unknown')),
		probed(at + 600, 'database down'),
	);
	assert.deepEqual(rulesShown(stopped), []);
	const later = after(stopped, waits(at + 20_000));
	assert.deepEqual(rulesShown(later), ['database-stopped']);
	const back = after(
		later,
		changes(at + 30_000, 'postgres', {status: 'running', startedAt: at + 30_000}),
		probed(at + 31_000, 'works'),
		waits(at + 90_000),
	);
	assert.deepEqual(rulesShown(back), []);
});

test('without a database in the stack nothing is taken for its trouble', () => {
	const external = after(
		update(initialDiagnosis, {type: 'services', services: services.filter(({role}) => role === 'tracking')}),
		snapshot(at, container('mlflow', {startedAt: at})),
		refused(at + 100),
		waits(at + 20_000),
	);
	assert.deepEqual(rulesShown(external), ['database-refuses']);
});

test('a card stays through the restarts of a loop, and goes when the service is well', () => {
	let state = after(running, said(at + 100, 'mlflow', line('psycopg-missing')));
	for (const round of [1, 2, 3, 4]) {
		const time = at + round * 10_000;
		state = after(state, changes(time, 'mlflow', {status: 'restarting', exitCode: 1}));
		assert.deepEqual(rulesShown(state), ['psycopg-missing']);
		state = after(
			state,
			changes(time + 1000, 'mlflow', {status: 'running', startedAt: time + 1000}),
			waits(time + 1900),
		);
		assert.deepEqual(rulesShown(state), ['psycopg-missing']);
		state = after(state, said(time + 4000, 'mlflow', line('psycopg-missing')));
		assert.deepEqual(rulesShown(state), ['psycopg-missing']);
	}

	const mended = after(
		state,
		appears(at + 100_000, 'mlflow', {startedAt: at + 100_000}),
		probed(at + 110_000, 'works'),
	);
	assert.deepEqual(rulesShown(mended), []);
});

test('a client that is started again has its card no more; one that the engine restarts keeps it', () => {
	const failed = after(
		running,
		appears(at, 'notebook', {startedAt: at}),
		said(at + 10, 'notebook', line('artifacts-at-client')),
		changes(at + 20, 'notebook', {status: 'exited', exitCode: 1}),
	);
	assert.deepEqual(rulesShown(failed), ['artifacts-at-client']);
	const starts = changes(at + 3000, 'notebook', {status: 'running', startedAt: at + 3000});
	assert.deepEqual(rulesShown(after(failed, starts)), ['artifacts-at-client']);
	assert.deepEqual(
		rulesShown(after(failed, appears(at + 3000, 'notebook', {id: 'new', startedAt: at + 3000}))),
		[],
	);
});

test('a container that was healthy before and after a start that nobody saw has no card of before', () => {
	const failed = after(running, said(at + 10, 'postgres', line('shared-memory')));
	assert.deepEqual(rulesShown(failed), ['shared-memory']);
	const again = container('postgres', {startedAt: at + 60_000, health: 'healthy'});
	assert.deepEqual(rulesShown(after(failed, snapshot(at + 70_000, again))), []);
});

test('another failure of the next run takes the place of the last one’s', () => {
	const state = after(
		running,
		said(at + 100, 'mlflow', line('psycopg-missing')),
		changes(at + 200, 'mlflow', {status: 'exited', exitCode: 1}),
		changes(at + 10_000, 'mlflow', {status: 'running', startedAt: at + 10_000}),
		said(at + 10_100, 'mlflow', line('password-refused')),
	);
	assert.deepEqual(rulesShown(state), ['password-refused']);
});

test('lines of a former run are not read again', () => {
	const restarted = after(running, changes(at + 9000, 'mlflow', {status: 'exited', exitCode: 0}));
	const again = after(restarted, changes(at + 10_000, 'mlflow', {status: 'running', startedAt: at + 10_000}));
	const old = said(at + 5000, 'mlflow', line('psycopg-missing'));
	assert.equal(update(again, old), again);
});

test('a service without containers has no cards', () => {
	const failed = after(running, said(at + 100, 'mlflow', line('psycopg-missing')), {
		type: 'event',
		event: {type: 'removed', at: at + 200, id: 'mlflow-id'},
	});
	assert.deepEqual(rulesShown(failed), []);
});

test('a refused host is news for a while, and as long as it comes back', () => {
	const first = after(running, said(at, 'mlflow', line('host-not-allowed')));
	assert.deepEqual(rulesShown(after(first, probed(at + 1000, 'works'))), ['host-not-allowed']);
	assert.equal(nextChange(first), at + 900_000);
	assert.deepEqual(rulesShown(after(first, waits(at + 900_000))), []);
	const second = after(first, said(at + 800_000, 'mlflow', line('host-not-allowed')));
	assert.deepEqual(rulesShown(after(second, waits(at + 900_000))), ['host-not-allowed']);
});

test('a full disk is one card, whoever says so', () => {
	const state = after(
		running,
		said(at, 'postgres', line('disk-full')),
		said(at, 'mlflow', 'OSError: [Errno 28] No space left on device'),
		prints(at, 'write /var/lib/docker/tmp/x: no space left on device', 'error'),
	);
	assert.deepEqual(rulesShown(state), ['disk-full']);
});

test('an operation’s cards go when the next one begins', () => {
	const failed = after(
		running,
		{type: 'begin', at, operation: 'up', services: []},
		prints(at + 10, line('port-taken'), 'error'),
		{type: 'end', at: at + 20, operation: 'up', failure: `docker compose up failed\n${line('port-taken')}`},
	);
	assert.deepEqual(titles(failed), ['Port 5000 is taken by another program or container']);
	assert.deepEqual(
		rulesShown(after(failed, {type: 'begin', at: at + 999, operation: 'up', services: []})),
		[],
	);
});

test('a step of an operation that fails is read like its output', () => {
	const failed = after(
		running,
		reports(at, 'pull', 'postgres:99', line('image-not-found'), {state: 'failed'}),
	);
	assert.deepEqual(titles(failed), ['There is no image postgres:99']);
});

test('an operation that fails for a reason that no rule knows says so in its own words', () => {
	const failed = after(running, {
		type: 'end',
		at,
		operation: 'up',
		failure: 'docker compose up failed (17)\nthe flux is out of phase with password=hunter2',
	});
	const [card] = cards(failed);
	assert.deepEqual(
		[card?.title, card?.why],
		['docker compose up failed (17)', 'the flux is out of phase with password=***'],
	);
	// A container that says why is the better card.
	const explained = after(failed, said(at + 10, 'mlflow', line('psycopg-missing')));
	assert.deepEqual(rulesShown(explained), ['psycopg-missing']);
});

test('an empty database is news only where there was one before', () => {
	const initdb = said(at + 10, 'postgres', line('empty-again'));
	assert.deepEqual(rulesShown(after(running, initdb)), []);
	const ranBefore = after(running, {type: 'services', services, ranBefore: at - 1}, initdb);
	assert.deepEqual(rulesShown(ranBefore), ['empty-again']);
	assert.deepEqual(rulesShown(after(ranBefore, changes(at + 999, 'postgres', {health: 'healthy'}))), [
		'empty-again',
	]);
});

test('what tells nothing gives the very same diagnosis back', () => {
	for (const input of [
		said(at + 10, 'mlflow', 'INFO:     127.0.0.1:33066 - "GET /health HTTP/1.1" 200 OK'),
		said(at + 10, 'postgres', '2026-11-24 05:40:28.942 UTC [35] LOG:  checkpoint starting: time'),
		prints(at + 10, 'Collecting mlflow==3.17.2'),
		waits(at),
	]) {
		assert.equal(update(running, input), running);
	}

	const flooded = after(running, said(at + 10, 'mlflow', line('host-not-allowed')));
	const again = update(flooded, said(at + 20, 'mlflow', line('host-not-allowed')));
	assert.equal(again.findings, flooded.findings);
});

const time = fc.integer({min: at, max: at + 200_000});
const service = fc.constantFrom('postgres', 'mlflow', 'notebook');
const anyInput: fc.Arbitrary<StackInput> = fc.oneof(
	fc
		.tuple(time, fc.constantFrom(...Object.values(lineExamples)))
		.map(([time, [from, text]]) => (from === 'operation' ? prints(time, text) : said(time, from, text))),
	fc
		.tuple(
			time,
			service,
			fc.constantFrom('created', 'running', 'exited', 'restarting', 'paused'),
			fc.integer({min: 0, max: 255}),
		)
		.map(([time, service, status, exitCode]) => appears(time, service, {status, exitCode, startedAt: time})),
	fc
		.tuple(time, service, fc.constantFrom('healthy', 'unhealthy'))
		.map(([time, service, health]) => changes(time, service, {health})),
	fc.tuple(time, service).map(([time, service]): StackInput => ({
		type: 'event',
		event: {type: 'removed', at: time, id: `${service}-id`},
	})),
	fc
		.tuple(time, fc.constantFrom('works', 'database down', 'no answer', 'AirPlay', 'failing'))
		.map(([time, word]) => probed(time, word)),
	fc.tuple(time, fc.constantFrom('up', 'stop'), service).map(([at, operation, service]): StackInput => ({
		type: 'begin',
		at,
		operation,
		services: [service],
	})),
	fc
		.tuple(time, fc.string())
		.map(([at, failure]): StackInput => ({type: 'end', at, operation: 'up', failure})),
	fc.tuple(time, fc.string()).map(([time, text]) => said(time, 'mlflow', text)),
	time.map(waits),
);

test('whatever comes, cards are whole, each once, and change by the clock only when that was announced', () => {
	fc.assert(
		fc.property(fc.array(anyInput, {maxLength: 40}), (inputs) => {
			const state = after(known, ...inputs);
			const shown = cards(state);
			assert.equal(new Set(shown.map(({id}) => id)).size, shown.length);
			// What an operation says of its failure is shown as it is, braces and all.
			for (const {title, why, mend} of shown.filter(({rule}) => rule !== 'operation')) {
				assert.doesNotMatch(
					JSON.stringify([title, why, mend]),
					/\{(?:\d|service|database|compose|owner|url|why|exitCode|example)\}/,
				);
			}

			const next = nextChange(state);
			const justBefore = after(state, waits((next ?? state.now + 10_000_000) - 1));
			assert.deepEqual(cards(justBefore), shown);
		}),
	);
});

test('once healthy, no error of the past is left', () => {
	fc.assert(
		fc.property(fc.array(anyInput, {maxLength: 30}), (inputs) => {
			const later = at + 1_000_000;
			const state = after(
				known,
				...inputs,
				{type: 'begin', at: later, operation: 'up', services: []},
				snapshot(
					later + 1000,
					container('postgres', {startedAt: later, health: 'healthy'}),
					container('mlflow', {startedAt: later, health: 'healthy'}),
				),
				{type: 'end', at: later + 2000, operation: 'up'},
				probed(later + 3000, 'works'),
				waits(later + 4_000_000),
			);
			assert.deepEqual(rulesShown(state), []);
		}),
	);
});

test('an image that a registry does not name itself is that of the service that was pulled', () => {
	const failed = reports(at, 'pull', 'postgres', 'manifest unknown', {state: 'failed'});
	const last: StackInput = {type: 'end', at, operation: 'up', failure: 'manifest unknown'};
	assert.deepEqual(titles(after(known, failed, last)), ['There is no image postgres:18']);
});

test('what compose said in its own words is read beside what people are told', () => {
	const said = 'failed to bind host port for 127.0.0.1:5000:172.19.0.2:5000/tcp: address already in use';
	const failed = after(running, {
		type: 'end',
		at,
		operation: 'up',
		failure: 'port 5000 is taken on this machine',
		said,
	});
	assert.deepEqual(titles(failed), ['Port 5000 is taken by another program or container']);
	assert.equal(cards(failed)[0]?.mend[0]?.change, 'ports:\n  - "127.0.0.1:5001:5000"');
});

test('another port is offered for what the taken one was meant for: one that is free, and not the stack’s own', () => {
	const [database, tracking] = services;
	assert.ok(database && tracking);
	const at127 = (published: number, target: number) => ({
		address: '127.0.0.1',
		published,
		target,
		protocol: 'tcp',
	});
	const failed = after(
		known,
		{
			type: 'services',
			services: [
				{...database, ports: [at127(5432, 5432)]},
				{...tracking, ports: [at127(8080, 5000), at127(8081, 9000)]},
			],
		},
		{type: 'end', at, operation: 'up', failure: 'port 8080 is taken on this machine'},
	);
	const example = (diagnosis: typeof failed) => cards(diagnosis)[0]?.mend[0]?.change;
	assert.equal(example(failed), 'ports:\n  - "127.0.0.1:8082:5000"');
	const answered = after(failed, {type: 'port', port: 8080, owner: 'nginx (process 7)', free: 8085});
	assert.equal(example(answered), 'ports:\n  - "127.0.0.1:8085:5000"');
});

test('what a container wrote before mlstack was opened counts, once its start is known', () => {
	const line = said(
		5000,
		'mlflow',
		'[2026-11-24 05:57:11 +0000] [11] [INFO] Listening at: http://127.0.0.1:5000 (11)',
	);
	const diagnosis = [
		snapshot(60_000, container('postgres'), container('mlflow')),
		appears(60_010, 'mlflow', {startedAt: 1000}),
		line,
		probed(70_000, 'no answer'),
	].reduce(update, initialDiagnosis);
	assert.ok(cards(diagnosis).some(({rule}) => rule === 'loopback'));
});
