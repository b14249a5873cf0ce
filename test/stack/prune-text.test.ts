import assert from 'node:assert/strict';
import {test} from 'node:test';
import {preselected, selectWhere} from '../../src/stack/prune/choose.ts';
import {makePlan} from '../../src/stack/prune/plan.ts';
import {familiarReference} from '../../src/stack/prune/reference.ts';
import {planDocument, planText} from '../../src/stack/prune/text.ts';
import {formatAge, formatDiskSize} from '../../src/stack/prune/units.ts';
import {cacheRecord, facts, image, network, ownContainer, stack, volume} from './prune-facts.ts';

const example = makePlan(
	facts({
		containers: [
			ownContainer('postgres', {
				status: 'running',
				imageId: 'sha256:postgres:18',
				volumes: ['kws_pgdata'],
				networks: ['id-kws_default'],
			}),
		],
		images: [image('postgres:18', {unique: 412_000_000}), image('kws-mlflow:latest', {unique: 612_345_678})],
		volumes: [
			volume('kws_pgdata', {project: 'kws', size: 47_000_000}),
			volume('kws_mlartifacts', {project: 'kws', size: 1_200_000_000, holds: 'artifacts of 12 experiments'}),
		],
		networks: [network('kws_default', {project: 'kws'})],
		notes: ['The build cache is not known: the engine did not answer in time.'],
	}),
	'stack',
	stack,
);

test('a plan reads as a list of what would go, what stays and why', () => {
	const chosen = selectWhere(example, new Set(), ({kind}) => kind === 'image');
	assert.equal(
		planText(example, chosen),
		`What could go of the project kws:

Images of this stack (the next \`up\` pulls or builds them again)
  [x] kws-mlflow:latest    612 MB  3 weeks old
   -  postgres:18          412 MB  3 weeks old; used by kws-postgres-1, which is running

Networks (the next \`up\` makes them again)
   -  kws_default       0 B  1 day old; used by kws-postgres-1, which is running

Volumes of this stack (the experiments themselves: nothing makes them again)
  [ ] kws_mlartifacts    1.2 GB  4 days old; artifacts of 12 experiments
   -  kws_pgdata          47 MB  4 days old; used by kws-postgres-1, which is running

1 chosen, which frees 612 MB.
The build cache is not known: the engine did not answer in time.`,
	);
});

test('the records of the build cache are counted, not listed', () => {
	const plan = makePlan(
		facts({
			buildCache: [
				cacheRecord('a', {size: 1000}),
				cacheRecord('b', {size: 500}),
				cacheRecord('c', {size: 9000, shared: true}),
			],
		}),
		'engine',
		stack,
	);
	const text = planText(plan, preselected(plan));
	assert.match(text, /\n {2}\[x\] 2 records, 1\.5 kB of their own\n {2}\[ \] 1 record, 0 B of their own\n/);
});

test('an empty plan says so', () => {
	const text = planText(makePlan(facts({}), 'engine', stack), new Set());
	assert.match(text, /^What could go that nothing uses[^]*\nNothing\.\n\nNothing is chosen\.$/);
});

test('the JSON of a plan has a version, the choice, the total and what would be asked', () => {
	const chosen = selectWhere(example, new Set(), ({kind}) => kind === 'volume');
	const document = planDocument(example, chosen);
	assert.equal(document.version, 1);
	assert.deepEqual(document.chosen, ['volume kws_mlartifacts']);
	assert.deepEqual(document.total, {count: 1, bytes: 1_200_000_000, exact: true});
	assert.equal(document.confirmation, 'type');
	assert.ok(!('holdings' in document));
});

const references: ReadonlyArray<readonly [string, string]> = [
	['postgres', 'postgres:latest'],
	['docker.io/library/postgres:18', 'postgres:18'],
	['index.docker.io/ankane/pgvector', 'ankane/pgvector:latest'],
	['localhost:5055/library/postgres', 'localhost:5055/library/postgres:latest'],
	['ghcr.io/mlflow/mlflow:v3.17.2', 'ghcr.io/mlflow/mlflow:v3.17.2'],
	['postgres:18@sha256:1b2f', 'postgres@sha256:1b2f'],
];
for (const [written, familiar] of references) {
	test(`the engine lists ${written} as ${familiar}`, () => {
		assert.equal(familiarReference(written), familiar);
	});
}

const sizes: ReadonlyArray<readonly [number, string]> = [
	[0, '0 B'],
	[999, '999 B'],
	[999.6, '1 kB'],
	[1234, '1.23 kB'],
	[46_960_000, '47 MB'],
	[1_204_000_000, '1.2 GB'],
	[999_600_000, '1 GB'],
];
for (const [bytes, text] of sizes) {
	test(`${bytes} bytes are ${text}`, () => {
		assert.equal(formatDiskSize(bytes), text);
	});
}

const ages: ReadonlyArray<readonly [number, string]> = [
	[-5, 'seconds'],
	[59_999, 'seconds'],
	[60_000, '1 minute'],
	[86_400_000 * 3, '3 days'],
	[86_400_000 * 21, '3 weeks'],
	[86_400_000 * 800, '2 years'],
];
for (const [milliseconds, text] of ages) {
	test(`${milliseconds} ms are ${text}`, () => {
		assert.equal(formatAge(milliseconds), text);
	});
}
