import assert from 'node:assert/strict';
import {test} from 'node:test';
import {planPrune} from '../../src/engine/docker/prune-plan.ts';
import {planItems, type PrunePlan} from '../../src/stack/prune.ts';
import {stack} from '../stack/prune-facts.ts';
import {conflict, fakeRequests, type Answers} from './prune-requests.ts';

const lists: Answers = {
	'GET /containers/json': [
		{
			Id: 'c1',
			Names: ['/kws-mlflow-1'],
			Labels: {'com.docker.compose.project': 'kws', 'com.docker.compose.service': 'mlflow'},
			State: 'exited',
			Created: 1_795_000_000,
			ImageID: 'sha256:m',
			Mounts: [
				{Type: 'volume', Name: 'kws_mlartifacts', Source: '/var/lib/docker/volumes/...'},
				{Type: 'bind', Source: '/home/ana'},
			],
			NetworkSettings: {Networks: {kws_default: {NetworkID: ''}}},
		},
		{Id: 'h1', Names: ['/helper'], Labels: {'io.mlstack.helper': 'volumes'}, State: 'created'},
	],
	'GET /images/json': [
		{
			Id: 'sha256:m',
			RepoTags: ['kws-mlflow:latest'],
			RepoDigests: [],
			Created: 1_795_000_000,
			Size: 900,
			Labels: null,
		},
		{
			Id: 'sha256:d',
			RepoTags: ['<none>:<none>'],
			RepoDigests: ['<none>@<none>'],
			Size: 5,
			Labels: {'com.docker.compose.project': 'kws'},
		},
	],
	'GET /volumes': {
		Volumes: [
			{
				Name: 'kws_mlartifacts',
				Driver: 'local',
				CreatedAt: '2026-11-20T08:00:00Z',
				Labels: {'com.docker.compose.project': 'kws'},
			},
			{Name: 'a'.repeat(64), Driver: 'local', CreatedAt: '2026-11-20T08:00:00Z', Labels: null},
		],
		Warnings: null,
	},
	'GET /networks': [
		{Id: 'n0', Name: 'bridge', Created: '2026-11-20T08:00:00Z'},
		{
			Id: 'n1',
			Name: 'kws_default',
			Created: '2026-11-20T08:00:00Z',
			Labels: {'com.docker.compose.project': 'kws'},
		},
	],
};
const layers: Answers = {
	'GET /images/sha256:m/json': {RootFS: {Layers: ['sha256:1', 'sha256:2']}},
	'GET /images/sha256:m/history': [
		{Size: 700, CreatedBy: 'RUN pip'},
		{Size: 200, CreatedBy: 'base'},
	],
	'GET /images/sha256:d/json': {RootFS: {Layers: ['sha256:1']}},
	'GET /images/sha256:d/history': [{Size: 200, CreatedBy: 'base'}],
};

async function plans(
	answers: Answers,
	scope: 'stack' | 'engine' = 'stack',
	apiVersion = '1.51',
): Promise<PrunePlan[]> {
	const all: PrunePlan[] = [];
	const requests = fakeRequests(answers, apiVersion);
	for await (const plan of planPrune(
		requests,
		stack,
		scope,
		async () => (facts) => facts,
		new AbortController().signal,
	)) {
		all.push(plan);
	}

	return all;
}

test('the first plan lists everything; sizes come later, and the last plan is complete', async () => {
	const all = await plans({
		...lists,
		...layers,
		'GET /system/df {"type":"build-cache"}': {
			BuildCache: [
				{
					ID: 'b1',
					Type: 'regular',
					Description: 'mount / from exec /bin/sh -c pip',
					Size: 700,
					Shared: true,
					InUse: false,
				},
			],
		},
		'GET /system/df {"type":"image"}': {Images: [{Id: 'sha256:m', Size: 900, SharedSize: 200}]},
		'GET /system/df {"type":"volume"}': {
			Volumes: [{Name: 'kws_mlartifacts', UsageData: {Size: 1234, RefCount: 1}}],
		},
		'GET /system/df {"type":"container"}': {Containers: [{Id: 'c1'}]},
	});
	const [first] = all;
	const last = all.at(-1);
	assert.ok(first && last);
	assert.deepEqual(
		planItems(first).map(({name}) => name),
		['kws-mlflow-1', 'd', 'kws-mlflow:latest', 'kws_default', 'kws_mlartifacts'],
	);
	assert.equal(first.complete, false);
	assert.deepEqual(
		all.map(({complete}) => complete),
		all.map((plan) => plan === last),
	);
	assert.deepEqual(
		planItems(last).map(({name, size, shared}) => [name, size, shared]),
		[
			['kws-mlflow-1', 0, undefined],
			['d', 0, 200],
			['kws-mlflow:latest', 0, 900],
			['RUN pip', 0, 700],
			['kws_default', 0, undefined],
			['kws_mlartifacts', 1234, undefined],
		],
	);
	assert.deepEqual(last.notes, []);
});

test('a container that never ran holds its network all the same', async () => {
	const [first] = await plans(lists);
	const network = planItems(first ?? assert.fail()).find(({name}) => name === 'kws_default');
	assert.deepEqual(network?.requires, ['container c1']);
});

test('what cannot be computed becomes a note, and the plan stands', async () => {
	const all = await plans({
		...lists,
		...layers,
		'GET /system/df': conflict('a disk usage operation is already running'),
	});
	const last = all.at(-1);
	assert.equal(last?.complete, true);
	assert.ok(
		last.notes.includes('Sizes of volumes could not be read: a disk usage operation is already running.'),
	);
	assert.equal(planItems(last).find(({name}) => name === 'kws_mlartifacts')?.size, undefined);
});

test('an engine before 23 is asked once for all sizes', async () => {
	const requests = fakeRequests({...lists, ...layers, 'GET /system/df': {}}, '1.41');
	for await (const plan of planPrune(
		requests,
		stack,
		'engine',
		async () => (facts) => facts,
		new AbortController().signal,
	)) {
		assert.ok(plan);
	}

	assert.deepEqual(
		requests.asked.filter((one) => one.includes('/system/df')),
		['GET /system/df'],
	);
});

test('an image that goes while its layers are read leaves the plan', async () => {
	const {'GET /images/sha256:d/history': _, ...rest} = layers;
	const all = await plans({...lists, ...rest, 'GET /system/df': {}});
	assert.ok(!planItems(all.at(-1) ?? assert.fail()).some(({name}) => name === 'd'));
});

test('a cancelled plan ends quietly', async () => {
	const abort = new AbortController();
	const requests = fakeRequests({...lists, ...layers, 'GET /system/df': {}});
	let count = 0;
	for await (const plan of planPrune(requests, stack, 'stack', async () => (facts) => facts, abort.signal)) {
		count += plan.complete ? 100 : 1;
		abort.abort();
	}

	assert.equal(count, 1);
});
