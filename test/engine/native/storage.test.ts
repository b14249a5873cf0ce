import assert from 'node:assert/strict';
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {statfs} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {backup} from '../../../src/engine/backup/backup.ts';
import {freeBytes, refuseFullDisk} from '../../../src/engine/backup/disk-room.ts';
import {Journal} from '../../../src/engine/backup/journal.ts';
import {restore} from '../../../src/engine/backup/restore.ts';
import {planItems, pruneKey} from '../../../src/stack/prune.ts';
import {canRun, healthy, never, realStack, sql, type RealStack} from './real-stack.ts';
import {collected, skipElsewhere, temporaryData} from './support.ts';

const skip = skipElsewhere;

/** What is counted of MLflow's backend store. */
const backendStore = `
create table alembic_version (version_num text); insert into alembic_version values ('x');
create table experiments (lifecycle_stage text); insert into experiments values ('active'), ('deleted');
create table runs (lifecycle_stage text); insert into runs values ('active'), ('active');
`;

async function lastPlan({engine, stack}: RealStack) {
	const plans = await collected(engine.storage?.planPrune(stack, 'stack', never) ?? emptyPlan());
	const plan = plans.at(-1);
	assert.ok(plan);
	return plan;
}

async function* emptyPlan(): AsyncGenerator<never> {}

/** Before a restore puts a database beside the old one. */
async function asksForRoom({engine, containers, folder}: RealStack): Promise<void> {
	const container = containers().find(({service}) => service === 'postgres')?.id ?? '';
	const {bavail, bsize} = await statfs(folder);
	const free = await freeBytes(engine, container, join(folder, 'pgdata'), never);
	// Others write on this disk, too.
	assert.ok(Math.abs(free - bavail * bsize) < 2e9, `df says ${free}, statfs ${bavail * bsize}`);
	const room = refuseFullDisk(engine, {container}, {name: 'mlflow', size: free, bytes: 1}, never);
	await assert.rejects(room, {code: 'disk-full'});
	await refuseFullDisk(engine, {container}, {name: 'mlflow', size: 1, bytes: 1}, never);
}

test('a stack moves into another project by a backup', {skip, timeout: 300_000}, async (t) => {
	const folder = temporaryData(t);
	const from = await realStack(t);
	if (!(await canRun(t, from))) {
		return;
	}

	await from.until('mlflow', healthy, 'is healthy');
	await sql(from, "create table moved (name text); insert into moved values ('all of it')");
	mkdirSync(join(from.folder, 'mlartifacts', '1'));
	writeFileSync(join(from.folder, 'mlartifacts', '1', 'model.txt'), 'weights');
	const file = join(folder, 'kws.tar');
	await collected(backup(from.engine, from.stack, {file, createdBy: 'test'}, never));

	const to = await realStack(t);
	await to.operate('up');
	await to.until('mlflow', healthy, 'is healthy');
	const journal = new Journal(to.stack.project, {XDG_STATE_HOME: folder});
	const options = {
		file,
		confirmation: to.stack.project,
		safetyFile: join(folder, 'safety.tar'),
		createdBy: 'test',
		journal,
	};
	await collected(restore(to.engine, to.stack, options, never));
	assert.equal(await sql(to, 'select name from moved'), 'all of it');
	assert.equal(readFileSync(join(to.folder, 'mlartifacts', '1', 'model.txt'), 'utf8'), 'weights');
	await to.until('mlflow', healthy, 'is healthy again');
});

test(
	'prune shows data as volumes and programs as images, and removes what was chosen alone',
	{skip},
	async (t) => {
		const real = await realStack(t);
		await real.operate('up', ['postgres']);
		await real.until('postgres', healthy, 'is healthy');
		await sql(real, backendStore);
		mkdirSync(join(real.folder, 'mlartifacts', '0', 'a'.repeat(32), 'artifacts'), {recursive: true});
		const {project} = real.stack;
		const names = {pgdata: `${project}_pgdata`, artifacts: `${project}_mlartifacts`};
		const items = (await lastPlan(real)).groups.flatMap((group) => group.items);
		const database = items.find(({id}) => id === names.pgdata);
		assert.equal(database?.kind, 'volume');
		const counted = 'PostgreSQL 18 data, database mlflow: 1 experiment, 2 runs';
		assert.equal(database.holds, counted, 'the running server was asked');
		assert.match(database.blocked ?? '', /used by \S+-postgres-1/);
		assert.ok((database.size ?? 0) > 10_000_000);
		await asksForRoom(real);

		await real.operate('down');
		const plan = await lastPlan(real);
		const holds = new Map(planItems(plan).map((item) => [item.id, item.holds]));
		assert.equal(holds.get(names.pgdata), counted, 'the data of a server that is down were counted');
		assert.match(holds.get(names.artifacts) ?? '', /artifacts of 1 run/);
		const chosen = new Set([pruneKey('volume', names.artifacts)]);
		const progress = await collected(real.engine.storage?.prune(plan, chosen, never) ?? emptyPlan());
		assert.deepEqual(
			progress.map((one) => one.type === 'step' && [one.name, one.state]),
			[
				[names.artifacts, 'working'],
				[names.artifacts, 'done'],
			],
		);
		assert.equal(existsSync(join(real.folder, 'mlartifacts')), false);
		assert.equal(existsSync(join(real.folder, 'pgdata', '18')), true);

		const rest = await lastPlan(real);
		const last = new Set([pruneKey('volume', names.pgdata)]);
		await collected(real.engine.storage?.prune(rest, last, never) ?? emptyPlan());
		assert.equal(existsSync(real.folder), false, 'nothing keeps its ports from other projects');
	},
);

test('what is used again since the plan was shown stays', {skip}, async (t) => {
	const real = await realStack(t);
	await real.operate('up', ['postgres']);
	await real.operate('down');
	const plan = await lastPlan(real);
	await real.operate('up', ['postgres']);
	const chosen = new Set([pruneKey('volume', `${real.stack.project}_pgdata`)]);
	const progress = await collected(real.engine.storage?.prune(plan, chosen, never) ?? emptyPlan());
	const last = progress.at(-1);
	assert.ok(last?.type === 'step' && last.state === 'failed');
	assert.match(last.status, /postgres-1 uses it/);
	await real.until('postgres', healthy, 'is healthy');
});
