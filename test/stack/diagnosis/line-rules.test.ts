import assert from 'node:assert/strict';
import {test} from 'node:test';
import {cards} from '../../../src/stack/diagnosis/cards.ts';
import {update} from '../../../src/stack/diagnosis/diagnosis.ts';
import type {LineRule} from '../../../src/stack/diagnosis/rule.ts';
import {lineRules} from '../../../src/stack/diagnosis/rules.ts';
import {isTelling, read} from '../../../src/stack/diagnosis/signs.ts';
import {mask} from '../../../src/stack/mask.ts';
import type {StackInput} from '../../../src/stack/startup/input.ts';
import {appears, changes, container, prints, said, services, snapshot} from '../startup/inputs.ts';
import {lineExamples, otherForms} from './examples.ts';
import {after, known, waits} from './inputs.ts';

const at = 1_700_000_000_000;
const long = 59_000;

const running = after(
	update(known, {type: 'services', services, ranBefore: at - 1}),
	snapshot(
		at - 1000,
		container('postgres', {startedAt: at - 1000}),
		container('mlflow', {startedAt: at - 1000}),
	),
	appears(at - 1000, 'notebook', {startedAt: at - 1000}),
);

const heard = (from: string, line: string): StackInput =>
	from === 'operation' ? prints(at, line, 'error') : said(at, from, line);

/** Time passes; the container of a rule that is only told of one that ended ends meanwhile. */
const passes = (from: string, {lasts = 0}: LineRule, time = lasts): readonly StackInput[] =>
	Number.isFinite(lasts)
		? [waits(at + time)]
		: [changes(at + 1, from, {status: 'exited', exitCode: 1}), waits(at + 1000)];

for (const rule of lineRules) {
	test(`the rule ${rule.id} makes a card of its line, and of nothing else`, () => {
		const [from, line, title] = lineExamples[rule.id] ?? assert.fail(`${rule.id} has no example line`);
		const shown = cards(after(running, heard(from, line), ...passes(from, rule, long)));
		assert.deepEqual(
			shown.map(({rule, severity, title}) => ({rule, severity, title})),
			[{rule: rule.id, severity: rule.severity, title}],
		);
		const [card] = shown;
		assert.equal(card?.line?.at, at);
		assert.equal(card.line.service, from === 'operation' ? '' : from);
		assert.ok(card.mend.length > 0);
		const text = JSON.stringify(card);
		assert.doesNotMatch(
			text,
			/\{(?:\d|service|database|tracking|compose|owner|url|why)\}/,
			'a name has no value',
		);
		assert.match(card.why, /\.\)?$|"\)$/, 'sentences');
		assert.doesNotMatch(card.title, /\.$/);
	});

	test(`the rule ${rule.id} waits no longer than it says`, () => {
		const [from, line] = lineExamples[rule.id] ?? assert.fail();
		const {lasts = 0} = rule;
		const seen = after(running, heard(from, line));
		assert.equal(cards(seen).length, lasts === 0 ? 1 : 0);
		assert.equal(cards(after(seen, ...passes(from, rule))).length, 1);
	});
}

for (const [rule, from, line, found] of otherForms) {
	test(`${rule} is also told as: ${line.slice(0, 60)}`, () => {
		const role =
			from === 'operation'
				? from
				: from === 'postgres'
					? 'database'
					: from === 'mlflow'
						? 'tracking'
						: 'other';
		const match = read(role, line)?.matches.find((match) => match.rule.id === rule);
		assert.equal(match?.found, found);
	});
}

test('rules have different names', () => {
	assert.equal(new Set(lineRules.map(({id}) => id)).size, lineRules.length);
});

test('secrets in lines and in what was found are masked', () => {
	const line =
		'(psycopg2.OperationalError) could not translate host name "ss" to address; URI postgresql://root:hunter2@ss:5432/kws';
	const text = JSON.stringify(cards(after(running, said(at, 'mlflow', line))));
	assert.match(text, /root:\*\*\*@ss/);
	assert.doesNotMatch(text, /hunter2/);
});

test('the card of a taken port says by whom, once that is known', () => {
	const [, line] = lineExamples['port-taken'] ?? assert.fail();
	const taken = after(running, prints(at, line, 'error'), {
		type: 'port',
		port: 5000,
		owner: 'the container ui-1',
	});
	assert.equal(cards(taken)[0]?.title, 'Port 5000 is taken by the container ui-1');
});

test('of a service that is neither database nor tracking server, only what a client of MLflow says is read', () => {
	for (const said of [
		'Error: ENOSPC: System limit for number of file watchers reached',
		'OSError: [Errno 8] Exec format error',
		'FATAL:  password authentication failed for user "shop"',
		"ModuleNotFoundError: No module named 'psycopg2'",
	]) {
		assert.deepEqual(read('other', said)?.matches ?? [], [], said);
	}

	assert.equal(isTelling('other', '127.0.0.1 - - "GET /lab HTTP/1.1" 200'), false);
	assert.equal(isTelling('other', "PermissionError: [Errno 13] Permission denied: '/mlruns'"), true);
});

test('a port that the own stack leaves to somebody else is no failure', () => {
	const note = prints(at, 'Port 5000 is taken on this machine: MLflow gets 5001.');
	assert.deepEqual(cards(after(running, note)), []);
});

test('the commands that mend can be masked again and stay whole', () => {
	for (const {mend} of lineRules) {
		for (const {command = ''} of mend) {
			assert.equal(mask(command), command);
		}
	}
});

test('the commands mean the stack that is shown', () => {
	const [from, line] = lineExamples['database-missing'] ?? assert.fail();
	const named = after(
		running,
		{type: 'services', services, compose: 'docker compose -p kws'},
		heard(from, line),
	);
	assert.equal(
		cards(named)[0]?.mend[0]?.command,
		`docker compose -p kws exec postgres sh -c 'createdb -U "$POSTGRES_USER" "nope"'`,
	);
});
