import assert from 'node:assert/strict';
import {test} from 'node:test';
import {planItems, type PruneFacts, type PruneItem, type PrunePlan} from '../../src/stack/prune.ts';
import {pruneGroups} from '../../src/stack/prune/groups.ts';
import {makePlan} from '../../src/stack/prune/plan.ts';
import {
	cacheRecord,
	container,
	facts,
	image,
	network,
	now,
	ownContainer,
	stack,
	volume,
} from './prune-facts.ts';

function item(plan: PrunePlan, name: string): PruneItem {
	const found = planItems(plan).find((candidate) => candidate.name === name);
	assert.ok(found, `${name} is not in the plan`);
	return found;
}

function groupOf(plan: PrunePlan, name: string): string | undefined {
	return plan.groups.find((group) => group.items.some((candidate) => candidate.name === name))?.name;
}

/** Facts with one object for each group; a new group needs an example here. */
const oneOfEach: Record<string, {readonly name: string; readonly facts: Partial<PruneFacts>}> = {
	'stopped-containers': {name: 'kws-mlflow-1', facts: {containers: [ownContainer('mlflow')]}},
	'dangling-images': {
		name: 'dangling',
		facts: {images: [image('', {id: 'sha256:dangling', project: 'kws'})]},
	},
	'stack-images': {name: 'postgres:18', facts: {images: [image('postgres:18')]}},
	'unused-images': {name: 'redis:8', facts: {images: [image('redis:8')]}},
	'build-cache': {name: 'RUN pip', facts: {buildCache: [cacheRecord('pip')]}},
	'stack-volumes': {name: 'kws_pgdata', facts: {volumes: [volume('kws_pgdata', {project: 'kws'})]}},
	'anonymous-volumes': {
		name: 'f00',
		facts: {
			volumes: [volume('f00', {anonymous: true})],
			containers: [ownContainer('mlflow', {volumes: ['f00']})],
		},
	},
	'unused-volumes': {name: 'shop_db', facts: {volumes: [volume('shop_db', {project: 'shop'})]}},
	networks: {name: 'kws_default', facts: {networks: [network('kws_default', {project: 'kws'})]}},
};

for (const {name: group} of pruneGroups) {
	test(`a plan of everything groups its objects: ${group}`, () => {
		const example = oneOfEach[group];
		assert.ok(example, `add an example of ${group}`);
		const plan = makePlan(facts(example.facts), 'engine', stack);
		assert.equal(groupOf(plan, example.name), group);
	});

	test(`no group is chosen by default that holds data: ${group}`, () => {
		const plan = makePlan(facts(oneOfEach[group]?.facts ?? {}), 'engine', stack);
		assert.ok(planItems(plan).every((one) => one.kind !== 'volume' || !one.preselected));
	});
}

test('the plan of a stack leaves out what other projects own', () => {
	const plan = makePlan(
		facts({
			containers: [container('shop-web-1', {project: 'shop'}), container('mine')],
			images: [image('redis:8'), image('')],
			volumes: [volume('shop_db', {project: 'shop'}), volume('loose'), volume('f00', {anonymous: true})],
			networks: [network('shop_default', {project: 'shop'}), network('loose')],
		}),
		'stack',
		stack,
	);
	assert.deepEqual(planItems(plan), []);
});

test('the images of a stack are those its services name, those it built and those its containers run', () => {
	const plan = makePlan(
		facts({
			images: [
				image('postgres:18'),
				image('kws-mlflow:latest'),
				image('kws-old:1', {project: 'kws'}),
				image('', {id: 'sha256:moved'}),
				image('postgres:17'),
			],
			containers: [ownContainer('mlflow', {imageId: 'sha256:moved', status: 'running'})],
		}),
		'stack',
		stack,
	);
	assert.deepEqual(
		planItems(plan).map(({name}) => name),
		['moved', 'kws-mlflow:latest', 'kws-old:1', 'postgres:18'],
	);
});

test('what a running container uses is shown with the reason and blocked', () => {
	const plan = makePlan(
		facts({
			containers: [
				ownContainer('postgres', {
					status: 'running',
					imageId: 'sha256:postgres:18',
					volumes: ['kws_pgdata'],
					networks: ['id-kws_default'],
				}),
			],
			images: [image('postgres:18')],
			volumes: [volume('kws_pgdata', {project: 'kws'})],
			networks: [network('kws_default', {project: 'kws'})],
		}),
		'stack',
		stack,
	);
	for (const name of ['postgres:18', 'kws_pgdata', 'kws_default']) {
		assert.equal(item(plan, name).blocked, 'used by kws-postgres-1, which is running');
		assert.equal(item(plan, name).preselected, false);
	}
});

test('what another project uses is blocked for this stack even while that project is stopped', () => {
	const plan = makePlan(
		facts({
			containers: [container('shop-db-1', {project: 'shop', imageId: 'sha256:postgres:18'})],
			images: [image('postgres:18')],
		}),
		'stack',
		stack,
	);
	assert.equal(item(plan, 'postgres:18').blocked, 'used by shop-db-1 of project shop');
});

test('what only stopped containers of the plan use can go together with them', () => {
	const plan = makePlan(
		facts({
			containers: [ownContainer('postgres', {volumes: ['kws_pgdata']})],
			volumes: [volume('kws_pgdata', {project: 'kws'})],
		}),
		'stack',
		stack,
	);
	assert.equal(item(plan, 'kws_pgdata').blocked, undefined);
	assert.deepEqual(item(plan, 'kws_pgdata').requires, ['container id-kws-postgres-1']);
});

test('a plan of everything counts what is in use instead of listing it, save for what is of this stack', () => {
	const plan = makePlan(
		facts({
			containers: [
				container('shop-web-1', {project: 'shop', status: 'running', imageId: 'sha256:redis:8'}),
				ownContainer('postgres', {status: 'running', imageId: 'sha256:postgres:18'}),
			],
			images: [image('redis:8'), image('postgres:18')],
		}),
		'engine',
		stack,
	);
	assert.deepEqual(
		planItems(plan).map(({name}) => name),
		['postgres:18'],
	);
	assert.equal(plan.kept, 1);
});

test('containers that the compose file no longer names are chosen at first, its own are not', () => {
	const plan = makePlan(
		facts({
			containers: [
				ownContainer('mlflow'),
				ownContainer('worker'),
				ownContainer('mlflow', {id: 'run', name: 'kws-mlflow-run-1', oneOff: true}),
			],
		}),
		'stack',
		stack,
	);
	assert.deepEqual(
		planItems(plan).map(({name, preselected}) => [name, preselected]),
		[
			['kws-mlflow-1', false],
			['kws-mlflow-run-1', true],
			['kws-worker-1', true],
		],
	);
});

test('a network that compose did not make is not chosen at first', () => {
	const plan = makePlan(
		facts({networks: [network('shared'), network('shop_default', {project: 'shop'})]}),
		'engine',
		stack,
	);
	assert.equal(item(plan, 'shared').preselected, false);
	assert.equal(item(plan, 'shop_default').preselected, true);
});

test('a build cache record that a build uses is blocked', () => {
	const plan = makePlan(facts({buildCache: [cacheRecord('pip', {inUse: true})]}), 'stack', stack);
	assert.deepEqual(planItems(plan), []);
	assert.equal(plan.kept, 1);
});

test('an image known by a digest alone is not dangling', () => {
	const plan = makePlan(
		facts({images: [image('', {digests: ['redis@sha256:1b2f'], project: 'kws'})]}),
		'stack',
		stack,
	);
	assert.equal(groupOf(plan, 'redis@sha256:1b2f'), 'stack-images');
});

test('the age of a volume is read from the engine’s own stamp', () => {
	const plan = makePlan(
		facts({volumes: [volume('kws_pgdata', {project: 'kws', createdAt: '2026-11-24T13:00:00+02:00'})]}),
		'stack',
		stack,
	);
	assert.equal(now - item(plan, 'kws_pgdata').createdAt, 3_600_000);
});
