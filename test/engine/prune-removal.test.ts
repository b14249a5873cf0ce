import assert from 'node:assert/strict';
import {test} from 'node:test';
import {prune} from '../../src/engine/docker/prune.ts';
import type {Progress} from '../../src/stack/model.ts';
import type {PruneFacts} from '../../src/stack/prune.ts';
import {selectWhere} from '../../src/stack/prune/choose.ts';
import {makePlan} from '../../src/stack/prune/plan.ts';
import {cacheRecord, facts, image, network, ownContainer, stack, volume} from '../stack/prune-facts.ts';
import {conflict, fakeRequests, type Answers} from './prune-requests.ts';

async function carryOut(
	then: Partial<PruneFacts>,
	now: Answers,
): Promise<{asked: string[]; last: string[]; text: string}> {
	const plan = makePlan(facts(then), 'engine', stack);
	const requests = fakeRequests({'GET /containers/json': [], ...now});
	const steps = new Map<string, string>();
	let text = '';
	const chosen = selectWhere(plan, new Set(), () => true);
	for await (const progress of prune(requests, plan, chosen, new AbortController().signal)) {
		if (progress.type === 'step') {
			steps.set(progress.id, outcome(progress));
		} else {
			text = progress.text;
		}
	}

	return {asked: requests.asked.filter((one) => !one.startsWith('GET')), last: [...steps.values()], text};
}

function outcome({name, state, status}: Extract<Progress, {type: 'step'}>): string {
	return `${name} ${state}: ${status}`;
}

const pgdata = {
	Name: 'kws_pgdata',
	Driver: 'local',
	CreatedAt: '2026-11-20T08:00:00Z',
	Labels: {'com.docker.compose.project': 'kws'},
};

test('containers go before networks, images and volumes, each by its id', async () => {
	let containers: unknown[] = [{Id: 'id-kws-x-1', Names: ['/kws-x-1'], State: 'exited'}];
	const {asked, last, text} = await carryOut(
		{
			containers: [ownContainer('x')],
			images: [image('kws-mlflow:latest', {layers: [{id: 'l', size: 612_000_000}]})],
			volumes: [volume('kws_pgdata', {project: 'kws', size: 47_000_000})],
			networks: [network('kws_default')],
		},
		{
			'GET /containers/json': () => containers,
			'DELETE /containers/id-kws-x-1': () => {
				containers = [];
			},
			'GET /networks/id-kws_default': {Id: 'id-kws_default', Name: 'kws_default'},
			'DELETE /networks/id-kws_default': undefined,
			'GET /images/sha256:kws-mlflow:latest/json': {
				Id: 'sha256:kws-mlflow:latest',
				RepoTags: ['kws-mlflow:latest'],
			},
			'DELETE /images/sha256:kws-mlflow:latest': [],
			'GET /volumes/kws_pgdata': pgdata,
			'DELETE /volumes/kws_pgdata': undefined,
		},
	);
	assert.deepEqual(asked, [
		'DELETE /containers/id-kws-x-1',
		'DELETE /networks/id-kws_default',
		'DELETE /images/sha256:kws-mlflow:latest',
		'DELETE /volumes/kws_pgdata',
	]);
	assert.ok(last.every((one) => one.endsWith('done: Removed')));
	assert.equal(text, 'Removed 4 objects, which freed 659 MB.');
});

test('a volume that was made anew under the name stays', async () => {
	const {asked, last, text} = await carryOut(
		{volumes: [volume('kws_pgdata', {project: 'kws'})]},
		{'GET /volumes/kws_pgdata': {...pgdata, CreatedAt: '2026-11-24T08:00:00Z'}},
	);
	assert.deepEqual(asked, []);
	assert.deepEqual(last, ['kws_pgdata failed: it is another volume: one of this name was made since']);
	assert.equal(text, 'Removed 0 objects, which freed 0 B. 1 object stayed.');
});

test('a volume that a container has come to use stays', async () => {
	const {asked, last} = await carryOut(
		{volumes: [volume('kws_pgdata', {project: 'kws'})]},
		{
			'GET /volumes/kws_pgdata': pgdata,
			'GET /containers/json': [
				{Id: 'n', Names: ['/new'], State: 'created', Mounts: [{Type: 'volume', Name: 'kws_pgdata'}]},
			],
		},
	);
	assert.deepEqual(asked, []);
	assert.deepEqual(last, ['kws_pgdata failed: new uses it']);
});

test('what the engine refuses stays, with its reason, and the rest goes on', async () => {
	const {last} = await carryOut(
		{volumes: [volume('a', {size: 2}), volume('kws_pgdata', {project: 'kws', size: 1})]},
		{
			'GET /volumes/a': {Name: 'a', Driver: 'local', CreatedAt: '2026-11-20T08:00:00Z'},
			'DELETE /volumes/a': conflict('remove a: volume is in use'),
			'GET /volumes/kws_pgdata': pgdata,
			'DELETE /volumes/kws_pgdata': undefined,
		},
	);
	assert.deepEqual(last.toSorted(), ['a failed: remove a: volume is in use', 'kws_pgdata done: Removed']);
});

test('what is gone already counts as nothing freed', async () => {
	const {last, text} = await carryOut({volumes: [volume('kws_pgdata', {project: 'kws', size: 5})]}, {});
	assert.deepEqual(last, ['kws_pgdata done: It was gone already']);
	assert.match(text, /^Removed 0 objects/);
});

test('an image with several names loses each of them, but not one that has moved to another image', async () => {
	const two = {Id: 'sha256:a:1', RepoTags: ['a:1', 'b:1']};
	const {asked} = await carryOut(
		{images: [image('a:1', {tags: ['a:1', 'b:1']})]},
		{
			'GET /images/sha256:a:1/json': two,
			'GET /images/a:1/json': two,
			'GET /images/b:1/json': {Id: 'sha256:other', RepoTags: ['b:1']},
			'DELETE /images/a:1': [],
		},
	);
	assert.deepEqual(asked, ['DELETE /images/a:1']);
});

test('a cache record that others build on is tried again after them', async () => {
	let childGone = false;
	const {asked, last} = await carryOut(
		{buildCache: [cacheRecord('parent', {size: 9}), cacheRecord('child', {size: 1})]},
		{
			'POST /build/prune {"all":true,"filters":{"id":["parent"]}}': () => ({
				CachesDeleted: childGone ? ['parent'] : null,
			}),
			'POST /build/prune {"all":true,"filters":{"id":["child"]}}': () => {
				childGone = true;
				return {CachesDeleted: ['child']};
			},
		},
	);
	assert.equal(asked.length, 3);
	assert.ok(last.every((one) => one.endsWith('done: Removed')));
});

test('a cache record that stays in use is reported', async () => {
	const {asked, last} = await carryOut(
		{buildCache: [cacheRecord('busy')]},
		{'POST /build/prune': {CachesDeleted: null}},
	);
	assert.equal(asked.length, 1);
	assert.deepEqual(last, ['RUN busy failed: a build uses it, or records that stay are built on it']);
});

test('a cancelled prune stops before the next object', async () => {
	const plan = makePlan(facts({volumes: [volume('a', {size: 2}), volume('b', {size: 1})]}), 'engine', stack);
	const abort = new AbortController();
	const requests = fakeRequests({
		'GET /containers/json': [],
		'GET /volumes/a': {Name: 'a', Driver: 'local', CreatedAt: '2026-11-20T08:00:00Z'},
		'DELETE /volumes/a': undefined,
	});
	const chosen = selectWhere(plan, new Set(), () => true);
	for await (const progress of prune(requests, plan, chosen, abort.signal)) {
		if (progress.type === 'step' && progress.state === 'done') {
			abort.abort();
		}
	}

	assert.ok(!requests.asked.some((one) => one.includes('/volumes/b')));
});

test('an engine that goes away ends the prune with its failure', async () => {
	const gone = Object.assign(new Error('socket hang up'), {code: 'ECONNRESET'});
	await assert.rejects(
		carryOut({volumes: [volume('kws_pgdata')]}, {'GET /containers/json': gone}),
		/socket hang up/,
	);
});
