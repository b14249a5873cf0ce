import assert from 'node:assert/strict';
import {test} from 'node:test';
import {planItems, type PruneFacts} from '../../src/stack/prune.ts';
import {objection} from '../../src/stack/prune/objection.ts';
import {makePlan} from '../../src/stack/prune/plan.ts';
import {cacheRecord, container, facts, image, network, ownContainer, stack, volume} from './prune-facts.ts';

const then: PruneFacts = facts({
	containers: [ownContainer('old')],
	images: [image('kws-mlflow:latest')],
	volumes: [volume('kws_pgdata', {project: 'kws'})],
	networks: [network('kws_default', {project: 'kws'})],
	buildCache: [cacheRecord('pip')],
});
const items = planItems(makePlan(then, 'stack', stack));

for (const item of items) {
	test(`an object that is as it was may go: ${item.kind}`, () => {
		assert.equal(objection(item, then), undefined);
	});
}

for (const item of items.filter(({kind}) => kind !== 'buildCache')) {
	test(`an object that is not there any more is gone: ${item.kind}`, () => {
		assert.equal(objection(item, facts({})), 'gone');
	});
}

const changes: ReadonlyArray<
	readonly [what: string, kind: string, change: Partial<PruneFacts>, why: RegExp]
> = [
	[
		'a container that was started',
		'container',
		{containers: [ownContainer('old', {status: 'running'})]},
		/running now/,
	],
	['an image with another name', 'image', {images: [image('x:1', {id: 'sha256:kws-mlflow:latest'})]}, /x:1/],
	[
		'an image without a name',
		'image',
		{images: [image('', {id: 'sha256:kws-mlflow:latest'})]},
		/lost its name/,
	],
	[
		'a volume that was made anew',
		'volume',
		{volumes: [volume('kws_pgdata', {project: 'kws', createdAt: '2026-11-24T12:00:01Z'})]},
		/another volume/,
	],
	[
		'a volume of another driver',
		'volume',
		{volumes: [volume('kws_pgdata', {project: 'kws', driver: 'nfs'})]},
		/another/,
	],
	['a network with another name', 'network', {networks: [network('x', {id: 'id-kws_default'})]}, /name is x/],
	[
		'an image that a container was made from',
		'image',
		{containers: [container('new', {imageId: 'sha256:kws-mlflow:latest'})]},
		/^new uses it$/,
	],
	[
		'a volume that is mounted',
		'volume',
		{containers: [container('new', {volumes: ['kws_pgdata']})]},
		/^new uses it$/,
	],
	[
		'a network that is used',
		'network',
		{containers: [container('new', {networks: ['id-kws_default']})]},
		/^new uses it$/,
	],
];
for (const [what, kind, change, why] of changes) {
	test(`${what} since the plan stays`, () => {
		const item = items.find((one) => one.kind === kind);
		assert.ok(item);
		assert.match(objection(item, {...then, ...change}) ?? '', why);
	});
}
