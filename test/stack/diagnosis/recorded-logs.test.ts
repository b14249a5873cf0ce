import assert from 'node:assert/strict';
import {test} from 'node:test';
import {cards, nextChange} from '../../../src/stack/diagnosis/cards.ts';
import {update} from '../../../src/stack/diagnosis/diagnosis.ts';
import {probed} from '../startup/inputs.ts';
import {after, known, lastTime, replay, rulesShown, waits} from './inputs.ts';

const healthy = [
	'postgres-17-first-start',
	'postgres-18-first-start',
	'postgres-18-restart',
	'postgres-18-crash-recovery',
	'mlflow-1.30.1-first-start',
	'mlflow-1.30.1-restart',
	'mlflow-2.22.5-first-start',
	'mlflow-2.22.5-restart',
	'mlflow-3.1.4-first-start',
	'mlflow-3.1.4-restart',
	'mlflow-3.5.1-first-start',
	'mlflow-3.5.1-restart',
	'mlflow-3.17.2-first-start',
	'mlflow-3.17.2-restart',
	'mlflow-3.17.2-one-worker',
	'mlflow-3.17.2-migrates-2.22.5',
	'mlflow-3.17.2-pip-at-start',
	'mlflow-3.17.2-pip-at-restart',
	'mlflow-3.17.2-waits-for-database',
];
for (const name of healthy) {
	test(`the healthy start ${name} raises no card at any time`, () => {
		let state = known;
		for (const input of replay(name)) {
			state = update(state, input);
			assert.deepEqual(rulesShown(state), []);
		}

		const end = lastTime(name);
		state = after(state, probed(end + 100, 'no answer'), probed(end + 2000, 'works'));
		assert.deepEqual(rulesShown(after(state, waits(end + 3_600_000))), []);
		assert.equal(nextChange(state), undefined);
	});
}

test('a stop that was asked for raises no card', () => {
	const end = lastTime('mlflow-3.17.2-stop');
	const stopped = after(known, ...replay('mlflow-3.17.2-stop', {mlflow: 0}), waits(end + 60_000));
	assert.deepEqual(rulesShown(stopped), []);
	const killed = after(known, ...replay('mlflow-3.17.2-stop', {mlflow: 137}), waits(end + 60_000));
	assert.deepEqual(rulesShown(killed), []);
});

/** What each failing log shows once its last line was read and its containers ended as they did. */
const failing: Readonly<
	Record<string, {readonly exits?: Readonly<Record<string, number>>; readonly rules: readonly string[]}>
> = {
	'postgres-18-old-mount': {exits: {postgres: 1}, rules: ['old-volume']},
	'postgres-18-old-data': {exits: {postgres: 1}, rules: ['old-volume']},
	'postgres-18-other-major': {exits: {postgres: 1}, rules: ['other-major']},
	'postgres-17-newer-data': {exits: {postgres: 1}, rules: ['newer-configuration']},
	'postgres-18-read-only': {exits: {postgres: 1}, rules: ['volume-read-only']},
	'postgres-18-not-writable': {exits: {postgres: 1}, rules: ['volume-not-writable']},
	'postgres-18-init-script': {exits: {postgres: 3}, rules: ['init-script']},
	'postgres-18-init-shell-script': {exits: {postgres: 1}, rules: ['init-script-unfinished']},
	'postgres-18-no-password': {exits: {postgres: 1}, rules: ['no-password']},
	'postgres-18-not-empty': {exits: {postgres: 1}, rules: ['volume-not-empty']},
	'postgres-18-disk-full': {exits: {postgres: 1}, rules: ['disk-full']},
	'mlflow-3.17.2-plain-uri': {exits: {mlflow: 1}, rules: ['psycopg-missing']},
	'mlflow-3.17.2-no-driver': {exits: {mlflow: 1}, rules: ['psycopg2-missing']},
	'mlflow-3.5.1-sqlalchemy-2.1': {exits: {mlflow: 1}, rules: ['sqlalchemy-too-new']},
	'mlflow-3.17.2-database-missing': {rules: ['database-missing']},
	'mlflow-3.17.2-wrong-password': {exits: {mlflow: 1}, rules: ['password-refused']},
	'mlflow-3.17.2-too-many-clients': {rules: ['too-many-clients']},
	'mlflow-3.17.2-schema-old': {exits: {mlflow: 1}, rules: ['schema-old']},
	'mlflow-3.17.2-schema-unknown': {exits: {mlflow: 1}, rules: ['schema-old']},
	'mlflow-3.17.2-db-upgrade-unknown': {exits: {mlflow: 1}, rules: ['schema-newer']},
	'mlflow-3.1.4-schema-unknown': {exits: {mlflow: 1}, rules: ['schema-newer']},
	'mlflow-3.17.2-port-taken-inside': {exits: {mlflow: 0}, rules: ['port-taken-inside']},
	'mlflow-3.17.2-port-taken-inside-workers': {exits: {mlflow: 0}, rules: ['port-taken-inside']},
	'mlflow-3.1.4-port-taken-inside': {exits: {mlflow: 1}, rules: ['port-taken-inside']},
	'mlflow-3.17.2-host-not-allowed': {rules: ['host-not-allowed', 'origin-not-allowed']},
	'mlflow-3.17.2-artifacts-not-writable': {rules: ['artifacts-not-writable']},
	'mlflow-3.17.2-s3-no-credentials': {rules: ['s3-credentials']},
	'mlflow-3.17.2-s3-unreachable': {rules: ['s3-unreachable']},
	'mlflow-3.17.2-auth-no-secret': {exits: {mlflow: 1}, rules: ['auth-setup']},
	'mlflow-pip-no-network': {exits: {mlflow: 1}, rules: ['pip-offline']},
	'mlflow-pip-half-published': {exits: {mlflow: 1}, rules: ['package-missing']},
};
for (const [name, {exits, rules}] of Object.entries(failing)) {
	test(`${name} raises ${rules.join(' and ')}, and nothing else`, () => {
		const state = after(known, ...replay(name, exits));
		assert.deepEqual(rulesShown(state).toSorted(), rules.toSorted());
		const later = after(state, waits(lastTime(name) + 2000));
		assert.deepEqual(rulesShown(later).toSorted(), rules.toSorted());
		for (const card of cards(later)) {
			assert.ok(card.line?.text);
		}
	});
}

test('a server that only its own container reaches is told once nothing answered for a while', () => {
	for (const name of ['mlflow-3.17.2-loopback', 'mlflow-3.1.4-loopback']) {
		const state = after(known, ...replay(name));
		const end = lastTime(name);
		assert.deepEqual(rulesShown(after(state, probed(end + 10_000, 'no answer'))), ['loopback']);
		// With the host's network, that address is the right one.
		assert.deepEqual(rulesShown(after(state, probed(end + 1000, 'works'), waits(end + 60_000))), []);
	}
});

test('a database that stays away is told while MLflow still tries, and when it gave up', () => {
	const name = 'mlflow-3.17.2-database-down';
	const inputs = replay(name, {mlflow: 1});
	const tries = after(known, ...inputs.slice(0, 30));
	assert.deepEqual(rulesShown(tries), []);
	const due = nextChange(tries) ?? assert.fail('nothing is due');
	const alone = update(tries, waits(due));
	assert.deepEqual(rulesShown(alone), ['database-refuses']);
	assert.deepEqual(rulesShown(after(known, ...inputs)), ['database-refuses']);
});

test('the blog post’s file shows what stopped PostgreSQL and why MLflow answers nobody', () => {
	const name = 'blog-as-it-stands';
	const state = after(known, ...replay(name, {postgres: 1}), probed(lastTime(name) + 10_000, 'no answer'));
	assert.deepEqual(rulesShown(state), ['old-volume', 'loopback']);
});
