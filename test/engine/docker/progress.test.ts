import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import * as fc from 'fast-check';
import {ProgressReader} from '../../../src/engine/docker/progress.ts';
import type {Progress} from '../../../src/stack/model.ts';

const services = [
	{name: 'db', image: 'busybox', build: false},
	{name: 'web', build: true},
];

/** Everything that a reader says of a recorded run of Compose 2.40, the end included. */
function readRun(file: string): {progress: readonly Progress[]; message: string} {
	const reader = new ProgressReader(services);
	const lines = readFileSync(new URL(`../../fixtures/compose/${file}`, import.meta.url), 'utf8').split('\n');
	const progress = lines.flatMap((line, index) => reader.read(line, index));
	const {message} = reader;
	return {
		progress: [
			...progress,
			...reader.end(!lines.some((line) => line.includes('"error":true')), lines.length),
		],
		message,
	};
}

function read(...lines: readonly unknown[]): Progress[] {
	const reader = new ProgressReader(services);
	return lines.flatMap((line) => reader.read(typeof line === 'string' ? line : JSON.stringify(line), 7));
}

/** `state status` of a step, each change once. */
function course(progress: readonly Progress[], id: string): string[] {
	const words: string[] = [];
	for (const item of progress) {
		if (item.type === 'step' && item.id === id) {
			const word = `${item.state} ${item.status}`;
			if (words.at(-1) !== word) {
				words.push(word);
			}
		}
	}

	return words;
}

const outputs = (progress: readonly Progress[]) =>
	progress.flatMap((item) => (item.type === 'output' ? [`${item.level}: ${item.text}`] : []));

test('a first up: pull, layers with their bytes, build, network, volume, containers, health', () => {
	const {progress, message} = readRun('up-pull-build.jsonl');
	assert.equal(message, '');
	assert.deepEqual(course(progress, 'image busybox'), ['working Pulling', 'done Pulled']);
	const layers = progress.filter((item) => item.type === 'step' && item.kind === 'layer');
	assert.deepEqual(
		new Set(layers.map((item) => item.type === 'step' && item.parent)),
		new Set(['image busybox']),
	);
	assert.ok(
		layers.some((item) => item.type === 'step' && item.status === 'Downloading' && item.total === 1_083_825),
	);
	assert.deepEqual(course(progress, 'build'), ['working Building', 'done Built']);
	const build = progress.findLast((item) => item.type === 'step' && item.id === 'build');
	assert.ok(build?.type === 'step');
	assert.deepEqual([build.kind, build.name, build.current, build.total], ['build', 'web', 2, 2]);
	assert.deepEqual(course(progress, 'network kws_default'), ['working Creating', 'done Created']);
	assert.deepEqual(course(progress, 'volume kws_data'), ['working Creating', 'done Created']);
	assert.deepEqual(course(progress, 'container kws-db-1'), [
		'working Creating',
		'done Created',
		'working Starting',
		'done Started',
		'working Waiting',
		'done Healthy',
	]);
});

test('a build’s own lines come whole, in order, masked, with their step', () => {
	const {progress} = readRun('up-pull-build.jsonl');
	assert.deepEqual(outputs(progress), [
		'info: Collecting mlflow',
		'info: postgresql://root:***@db/kws',
		'info: half a line',
	]);
	const line = progress.find((item) => item.type === 'output');
	const step = progress.find(
		(item) => item.type === 'step' && item.id === (line?.type === 'output' ? line.step : ''),
	);
	assert.ok(step?.type === 'step');
	assert.match(step.name, /^\[2\/2\] RUN echo Collecting mlflow/);
	assert.doesNotMatch(step.name, /hunter2/);
	assert.deepEqual([step.kind, step.parent], ['other', 'build']);
});

test('a build that fails: its step, the whole build and the message', () => {
	const {progress, message} = readRun('up-build-fails.jsonl');
	assert.match(message, /did not complete successfully: exit code: 1/);
	assert.deepEqual(course(progress, 'build'), ['working Building', 'failed Failed']);
	const failed = progress.find((item) => item.type === 'step' && item.state === 'failed');
	assert.match(failed?.type === 'step' ? failed.status : '', /exit code: 1/);
	assert.ok(outputs(progress).includes('info: ERROR: No matching distribution found for mlflow==9'));
});

test('a container that the message names has failed, though compose does not say so', () => {
	const {progress, message} = readRun('up-port-taken.jsonl');
	assert.match(message, /address already in use/);
	assert.deepEqual(course(progress, 'container kws-postgres-1').at(-1), 'failed Starting');
	assert.deepEqual(course(progress, 'network kws_default').at(-1), 'done Created');
});

test('down: containers stopped and removed, network and volumes removed', () => {
	const {progress} = readRun('down-volumes.jsonl');
	assert.deepEqual(course(progress, 'container kws-web-1'), [
		'working Stopping',
		'done Stopped',
		'working Removing',
		'done Removed',
	]);
	assert.deepEqual(course(progress, 'volume kws_data'), ['working Removing', 'done Removed']);
});

test('the plain lines of an older compose tell the same', () => {
	const plain = readRun('up-pull-build.plain.txt').progress;
	const json = readRun('up-pull-build.jsonl').progress;
	for (const id of [
		'image busybox',
		'build',
		'container kws-db-1',
		'network kws_default',
		'volume kws_data',
	]) {
		assert.deepEqual(course(plain, id), course(json, id));
	}

	assert.deepEqual(outputs(plain), [
		'info: Collecting mlflow',
		'info: postgresql://root:***@db/kws',
		'info: half again a line',
	]);
});

test('Compose 5 says its verdict and names the image', () => {
	const progress = read(
		{id: 'Image postgres:18', status: 'Working', text: 'Pulling'},
		{
			id: '8a91f3a03aa6',
			parent_id: 'Image postgres:18',
			status: 'Working',
			text: 'Downloading',
			current: 5,
			total: 9,
		},
		{id: 'Image postgres:18', status: 'Done', text: 'Pulled'},
		{id: 'Image kws-web', status: 'Working', text: 'Building'},
		{id: 'Image kws-web', status: 'Done', text: 'Built'},
		{id: 'Container kws-db-1', status: 'Error', text: 'Error', details: 'exited (1)'},
	);
	assert.deepEqual(course(progress, 'image postgres:18'), ['working Pulling', 'done Pulled']);
	assert.deepEqual(
		progress.filter((item) => item.type === 'step' && item.kind === 'layer'),
		[
			{
				type: 'step',
				at: 7,
				id: 'image postgres:18 8a91f3a03aa6',
				parent: 'image postgres:18',
				kind: 'layer',
				name: '8a91f3a03aa6',
				state: 'working',
				status: 'Downloading',
				current: 5,
				total: 9,
			},
		],
	);
	assert.deepEqual(course(progress, 'build'), ['working Building', 'done Built']);
	assert.deepEqual(course(progress, 'container kws-db-1'), ['failed exited (1)']);
});

test('an image that cannot be pulled fails with the registry’s words', () => {
	const progress = read({id: 'db', text: 'Pulling'}, {id: 'db', text: 'Error', status: 'manifest unknown'});
	assert.deepEqual(course(progress, 'image busybox'), ['working Pulling', 'failed manifest unknown']);
});

test('an image that is built is no failure when no registry has it', () => {
	const progress = read({id: 'web', text: 'Pulling'}, {id: 'web', text: 'Warning', status: 'no such host'});
	assert.deepEqual(course(progress, 'image web'), ['working Pulling', 'done no such host']);
});

test('a container whose creation fails, with the engine’s words', () => {
	const progress = read({
		id: 'Container kws-a-1',
		status: 'Error response from daemon: Minimum memory limit allowed is 6MB',
	});
	assert.deepEqual(course(progress, 'container kws-a-1'), [
		'failed Error response from daemon: Minimum memory limit allowed is 6MB',
	]);
});

test('warnings of compose and of the Dockerfile’s linter are output', () => {
	const progress = read(
		{
			level: 'warning',
			msg: 'Found orphan containers ([kws-a-1]) for this project.',
			time: '2026-11-24T05:48:41Z',
		},
		'time="2026-11-24T05:34:43Z" level=warning msg="/kws/compose.yaml: the attribute `version` is obsolete"',
		{warnings: [{vertex: 'sha256:1', level: 1, short: Buffer.from('FromAsCasing: x').toString('base64')}]},
	);
	assert.deepEqual(outputs(progress), [
		'warning: Found orphan containers ([kws-a-1]) for this project.',
		'warning: /kws/compose.yaml: the attribute `version` is obsolete',
		'warning: FromAsCasing: x',
	]);
});

test('a line of a build: control sequences go, of what was overwritten the last state stays, UTF-8 may be cut', () => {
	const bytes = Buffer.from('  0%\r 50%\r\u001B[31m100% é\u001B[0m\r\n');
	const log = (data: Buffer) => ({logs: [{vertex: 'sha256:1', stream: 1, data: data.toString('base64')}]});
	const cut = bytes.indexOf('é') + 1;
	assert.deepEqual(outputs(read(log(bytes.subarray(0, cut)), log(bytes.subarray(cut)))), ['info: 100% é']);
});

test('the layers of a base image are layers of the build', () => {
	const [layer] = read({
		statuses: [{id: `sha256:${'ab'.repeat(32)}`, vertex: 'sha256:1', current: 3, total: 9, started: 'x'}],
	});
	assert.ok(layer?.type === 'step');
	assert.deepEqual(
		[layer.kind, layer.parent, layer.name, layer.current, layer.total],
		['layer', 'build', 'abababababab', 3, 9],
	);
});

test('after a success nothing works any more', () => {
	const reader = new ProgressReader(services);
	reader.read(JSON.stringify({id: 'Container kws-db-1', status: 'Waiting'}), 1);
	assert.deepEqual(course(reader.end(true, 2), 'container kws-db-1'), ['done Waiting']);
	assert.deepEqual(reader.end(true, 3), []);
});

test('lines that are no progress are the message when there is no other', () => {
	const reader = new ProgressReader();
	reader.read('', 1);
	reader.read("unknown shorthand flag: 'p' in -p", 1);
	assert.equal(reader.message, "unknown shorthand flag: 'p' in -p");
	reader.read('{"error":true,"message":"no such service: x"}', 1);
	assert.equal(reader.message, 'no such service: x');
});

test('whatever compose prints, the reader takes it', () => {
	const key = fc.constantFrom(
		'id',
		'status',
		'text',
		'parent_id',
		'error',
		'message',
		'vertexes',
		'statuses',
		'logs',
		'warnings',
	);
	const line = fc.oneof(
		fc.string(),
		fc.dictionary(key, fc.jsonValue()).map((value) => JSON.stringify(value)),
		fc.string().map((text) => `#1 ${text}`),
		fc.string().map((text) => ` Container ${text}`),
		fc.json().map((text) => `{${text}`),
	);
	fc.assert(
		fc.property(fc.array(line), fc.boolean(), (lines, succeeded) => {
			const reader = new ProgressReader(services);
			for (const item of [...lines.flatMap((text) => reader.read(text, 1)), ...reader.end(succeeded, 2)]) {
				assert.ok(item.type === 'output' || ['working', 'done', 'failed'].includes(item.state));
			}
		}),
	);
});
