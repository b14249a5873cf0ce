import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {planItems, type PruneFacts} from '../../src/stack/prune.ts';
import {
	carryOver,
	chosenItems,
	deselect,
	preselected,
	select,
	selectWhere,
} from '../../src/stack/prune/choose.ts';
import {confirmation} from '../../src/stack/prune/confirmation.ts';
import {makePlan} from '../../src/stack/prune/plan.ts';
import {pruneTotal} from '../../src/stack/prune/total.ts';
import {cacheRecord, container, facts, image, ownContainer, stack, volume} from './prune-facts.ts';

const stopped = facts({
	containers: [ownContainer('postgres', {volumes: ['kws_pgdata'], imageId: 'sha256:postgres:18'})],
	images: [image('postgres:18')],
	volumes: [volume('kws_pgdata', {project: 'kws'})],
});

test('choosing a volume chooses the stopped containers that have to go with it', () => {
	const plan = makePlan(stopped, 'stack', stack);
	const chosen = select(plan, new Set(), 'volume kws_pgdata');
	assert.deepEqual([...chosen].sort(), ['container id-kws-postgres-1', 'volume kws_pgdata']);
});

test('taking a container out of the choice takes out what cannot go without it', () => {
	const plan = makePlan(stopped, 'stack', stack);
	const all = selectWhere(plan, new Set(), () => true);
	assert.equal(all.size, 3);
	assert.deepEqual([...deselect(plan, all, 'container id-kws-postgres-1')], []);
});

test('what is blocked, or not in the plan, cannot be chosen', () => {
	const plan = makePlan(
		facts({
			containers: [ownContainer('postgres', {status: 'running', imageId: 'sha256:postgres:18'})],
			images: [image('postgres:18')],
		}),
		'stack',
		stack,
	);
	assert.equal(select(plan, new Set(), 'image sha256:postgres:18').size, 0);
	assert.equal(select(plan, new Set(), 'image sha256:redis:8').size, 0);
	assert.deepEqual(chosenItems(plan, new Set(['image sha256:postgres:18'])), []);
});

test('a choice survives a plan with more details, without what has come into use', () => {
	const chosen = selectWhere(makePlan(stopped, 'stack', stack), new Set(), () => true);
	const running = facts({
		...stopped,
		containers: [ownContainer('postgres', {status: 'running', volumes: ['kws_pgdata']})],
	});
	assert.deepEqual([...carryOver(chosen, makePlan(running, 'stack', stack))], ['image sha256:postgres:18']);
});

const layered = facts({
	images: [
		image('kws-mlflow:latest', {
			layers: [
				{id: 'base', size: 200},
				{id: 'mlflow', size: 800},
			],
		}),
		image('kws-old:1', {
			project: 'kws',
			layers: [
				{id: 'base', size: 200},
				{id: 'old', size: 700},
			],
		}),
		image('python:3.13', {layers: [{id: 'base', size: 200}]}),
	],
});
const mlflow = 'image sha256:kws-mlflow:latest';
const old = 'image sha256:kws-old:1';
const python = 'image sha256:python:3.13';

test('a layer that a kept image shares is not counted', () => {
	const plan = makePlan(layered, 'engine', stack);
	assert.deepEqual(pruneTotal(plan, new Set([mlflow])), {count: 1, bytes: 800, exact: true});
	assert.deepEqual(pruneTotal(plan, new Set([mlflow, old])), {count: 2, bytes: 1500, exact: true});
});

test('a layer that only chosen images share is counted once', () => {
	const plan = makePlan(layered, 'engine', stack);
	assert.deepEqual(pruneTotal(plan, new Set([mlflow, old, python])), {count: 3, bytes: 1700, exact: true});
});

test('a layer that the build cache keeps goes only together with its record', () => {
	const plan = makePlan(
		facts({
			...layered,
			buildCache: [
				cacheRecord('pip', {size: 800, shared: true}),
				cacheRecord('context', {size: 3}),
				cacheRecord('lost', {size: 5000, shared: true}),
			],
		}),
		'engine',
		stack,
	);
	const bytes = (...keys: readonly string[]): number => pruneTotal(plan, new Set(keys)).bytes;
	assert.equal(bytes(mlflow), 0);
	assert.equal(bytes('buildCache pip'), 0);
	assert.equal(bytes(mlflow, 'buildCache pip'), 800);
	assert.equal(bytes('buildCache context'), 3);
	assert.equal(bytes('buildCache lost'), 0, 'what it shares with something unknown is not promised');
	assert.equal(planItems(plan).find(({key}) => key === mlflow)?.shared, 1000);
});

test('without layers the engine’s own unique sizes are summed', () => {
	const plan = makePlan(
		facts({
			images: [image('kws-mlflow', {unique: 800}), image('kws-old:1', {project: 'kws', unique: 700})],
		}),
		'stack',
		stack,
	);
	assert.equal(pruneTotal(plan, new Set(['image sha256:kws-mlflow', old])).bytes, 1500);
});

test('a total with an unknown size says so', () => {
	const plan = makePlan(
		facts({
			volumes: [volume('kws_pgdata', {project: 'kws'}), volume('kws_art', {project: 'kws', size: 9})],
		}),
		'stack',
		stack,
	);
	const all = selectWhere(plan, new Set(), () => true);
	assert.deepEqual(pruneTotal(plan, all), {count: 2, bytes: 9, exact: false});
});

test('nothing chosen asks nothing; images and containers ask once', () => {
	const plan = makePlan(stopped, 'stack', stack);
	assert.deepEqual(confirmation(plan, new Set()), {kind: 'none'});
	assert.deepEqual(confirmation(plan, select(plan, new Set(), 'image sha256:postgres:18')), {
		kind: 'confirm',
	});
});

test('a volume wants its project’s name typed, and says what would be lost', () => {
	const plan = makePlan(stopped, 'stack', stack);
	const asked = confirmation(
		plan,
		selectWhere(plan, new Set(), () => true),
	);
	assert.equal(asked.kind === 'type' && asked.word, 'kws');
	assert.deepEqual(asked.kind === 'type' && asked.lost.map(({name}) => name), ['kws_pgdata']);
});

const words: ReadonlyArray<readonly [names: string, volumes: PruneFacts['volumes'], word: string]> = [
	['one other project', [volume('shop_db', {project: 'shop'})], 'shop'],
	['two projects', [volume('a', {project: 'shop'}), volume('b', {project: 'kws'})], 'delete 2 volumes'],
	['no project', [volume('loose')], 'delete 1 volume'],
];
for (const [whose, volumes, word] of words) {
	test(`volumes of ${whose} want \`${word}\` typed`, () => {
		const plan = makePlan(facts({volumes}), 'engine', stack);
		const asked = confirmation(
			plan,
			selectWhere(plan, new Set(), () => true),
		);
		assert.equal(asked.kind === 'type' && asked.word, word);
	});
}

const someFacts: fc.Arbitrary<PruneFacts> = fc
	.record({
		containers: fc.array(
			fc.record({
				status: fc.constantFrom('running', 'exited', 'created', 'paused'),
				project: fc.constantFrom('kws', 'shop', undefined),
				volume: fc.nat(4),
				image: fc.nat(4),
			}),
			{maxLength: 6},
		),
		layers: fc.array(fc.array(fc.nat(6), {maxLength: 4}), {minLength: 5, maxLength: 5}),
		cache: fc.array(fc.record({size: fc.nat(6), shared: fc.boolean()}), {maxLength: 5}),
		owner: fc.array(fc.constantFrom('kws', 'shop', undefined), {minLength: 5, maxLength: 5}),
	})
	.map(({containers, layers, cache, owner}) =>
		facts({
			containers: containers.map(({status, project, volume, image}, index) =>
				container(`c${index}`, {
					status,
					volumes: [`v${volume}`],
					imageId: `sha256:i${image}`,
					...(project !== undefined && {project}),
				}),
			),
			images: layers.map((sizes, index) =>
				image(`i${index}`, {
					layers: [...new Set(sizes)].map((size) => ({id: `l${size}`, size: size * 10})),
					...(owner[index] !== undefined && {project: owner[index]}),
				}),
			),
			volumes: owner.map((project, index) =>
				volume(`v${index}`, {size: index, ...(project !== undefined && {project})}),
			),
			buildCache: cache.map(({size, shared}, index) => cacheRecord(`b${index}`, {size: size * 10, shared})),
		}),
	);

test('whatever is pressed, the choice holds nothing blocked and everything that it requires', () => {
	fc.assert(
		fc.property(
			someFacts,
			fc.constantFrom('stack', 'engine'),
			fc.array(fc.tuple(fc.boolean(), fc.nat(40)), {maxLength: 12}),
			(some, scope, presses) => {
				const plan = makePlan(some, scope, stack);
				const items = planItems(plan);
				let chosen = preselected(plan);
				for (const [on, index] of presses) {
					const key = items[index]?.key ?? 'no such key';
					chosen = on ? select(plan, chosen, key) : deselect(plan, chosen, key);
				}

				const picked = items.filter(({key}) => chosen.has(key));
				assert.equal(picked.length, chosen.size);
				assert.ok(picked.every(({blocked}) => blocked === undefined));
				assert.ok(picked.every(({requires}) => requires.every((key) => chosen.has(key))));
				assert.deepEqual([...carryOver(chosen, plan)].sort(), [...chosen].sort());
			},
		),
	);
});

test('choosing more never frees less, and everything chosen frees each layer once', () => {
	fc.assert(
		fc.property(someFacts, (some) => {
			const plan = makePlan(some, 'engine', stack);
			let chosen: ReadonlySet<string> = new Set();
			let last = 0;
			for (const {key} of planItems(plan)) {
				chosen = select(plan, chosen, key);
				const {bytes} = pruneTotal(plan, chosen);
				assert.ok(bytes >= last);
				last = bytes;
			}

			const most =
				plan.holdings.reduce((sum, {size}) => sum + size, 0) +
				some.volumes.reduce((sum, {size}) => sum + (size ?? 0), 0);
			assert.ok(last <= most);
		}),
	);
});
