import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {after, test} from 'node:test';
import {Connection} from '../../src/engine/docker/connection.ts';
import {resolveEndpoint} from '../../src/engine/docker/endpoint.ts';
import {planPrune} from '../../src/engine/docker/prune-plan.ts';
import {prune} from '../../src/engine/docker/prune.ts';
import {tarHeader} from '../../src/engine/backup/tar.ts';
import type {Stack} from '../../src/stack/model.ts';
import {planItems, type PruneChoice, type PrunePlan} from '../../src/stack/prune.ts';
import {selectWhere} from '../../src/stack/prune/choose.ts';
import {pruneTotal} from '../../src/stack/prune/total.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';

const skip = {skip: skipWithoutEngine};
const a = 'mlstack-test-prune-a';
const b = 'mlstack-test-prune-b';
const signal = new AbortController().signal;
let connection: Connection | undefined;

async function connect(): Promise<Connection> {
	connection ??= new Connection(await resolveEndpoint({environment: process.env}));
	return connection;
}

after(() => {
	connection?.close();
	if (skipWithoutEngine === false) {
		cleanUp();
	}
});

function docker(...words: readonly string[]): string {
	return execFileSync('docker', words, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']}).trim();
}

function cleanUp(): void {
	for (const project of [a, b]) {
		const label = `label=com.docker.compose.project=${project}`;
		for (const [list, remove] of [
			[
				['ps', '-aq'],
				['rm', '-f'],
			],
			[
				['volume', 'ls', '-q'],
				['volume', 'rm'],
			],
			[
				['network', 'ls', '-q'],
				['network', 'rm'],
			],
		] as const) {
			const ids = docker(...list, '--filter', label)
				.split('\n')
				.filter(Boolean);
			if (ids.length > 0) {
				docker(...remove, ...ids);
			}
		}

		const images = docker('images', '-q', '--filter', `reference=${project}`).split('\n').filter(Boolean);
		if (images.length > 0) {
			docker('rmi', '-f', ...new Set(images));
		}
	}
}

function label(project: string): readonly string[] {
	return ['--label', `com.docker.compose.project=${project}`, '--label', 'com.docker.compose.service=app'];
}

/** A stopped container with a network and a volume that holds some bytes. */
function makeProject(project: string): void {
	docker('volume', 'create', ...label(project), `${project}_data`);
	docker('network', 'create', ...label(project), `${project}_default`);
	const place = ['--network', `${project}_default`, '-v', `${project}_data:/data`];
	const script = `echo ${project} > /data/file; date >> /data/file`;
	docker('run', '--name', `${project}-app-1`, ...label(project), ...place, 'busybox', 'sh', '-c', script);
}

/** Every file of the project's volume, with its checksum and times. */
function fingerprint(project: string): string {
	const script =
		'cd /data && find . | sort | while read -r f; do stat -c "%n %s %Y %a" "$f"; done; sha256sum file';
	return docker('run', '--rm', '-v', `${project}_data:/data:ro`, 'busybox', 'sh', '-c', script);
}

function stackOf(project: string): Stack {
	return {project, origin: 'project', files: [], directory: '', services: []};
}

async function completePlan(project: string, scope: 'stack' | 'engine' = 'stack'): Promise<PrunePlan> {
	let plan: PrunePlan | undefined;
	for await (plan of planPrune(
		await connect(),
		stackOf(project),
		scope,
		async () => (facts) => facts,
		signal,
	)) {
		assert.equal(plan.version, 1);
	}

	assert.ok(plan?.complete);
	assert.deepEqual(plan.notes, []);
	return plan;
}

/** Only what a test made is ever chosen: other projects are on this engine too. */
function chooseOwn(plan: PrunePlan): PruneChoice {
	return selectWhere(plan, new Set(), ({name, kind}) => name.startsWith(a) && kind !== 'buildCache');
}

async function carryOut(plan: PrunePlan, chosen: PruneChoice): Promise<readonly string[]> {
	const outcomes: string[] = [];
	for await (const progress of prune(await connect(), plan, chosen, signal)) {
		if (progress.type === 'step' && progress.state !== 'working') {
			outcomes.push(`${progress.name}: ${progress.status}`);
		}
	}

	return outcomes.sort();
}

function names(...list: readonly string[]): readonly string[] {
	return docker(...list, '--filter', `name=${a}`, '--format', '{{.Name}}')
		.split('\n')
		.filter(Boolean);
}

test('a prune of one project leaves the other one byte for byte', skip, async () => {
	cleanUp();
	makeProject(a);
	makeProject(b);
	const before = fingerprint(b);
	const plan = await completePlan(a);
	assert.ok(planItems(plan).every(({name, kind}) => kind === 'buildCache' || !name.startsWith(b)));
	assert.deepEqual(await carryOut(plan, chooseOwn(plan)), [
		`${a}-app-1: Removed`,
		`${a}_data: Removed`,
		`${a}_default: Removed`,
	]);
	assert.deepEqual([...names('volume', 'ls'), ...names('network', 'ls')], []);
	assert.equal(fingerprint(b), before);
	assert.match(docker('ps', '-a', '--filter', `name=${b}-app-1`), new RegExp(`${b}-app-1`));
});

test('what changes between the plan and its execution stays and is reported', skip, async () => {
	cleanUp();
	makeProject(a);
	docker('volume', 'create', ...label(a), `${a}_taken`);
	docker('volume', 'create', ...label(a), `${a}_anew`);
	docker('volume', 'create', ...label(a), `${a}_free`);
	const plan = await completePlan(a);
	const chosen = chooseOwn(plan);
	assert.equal(chosen.size, 6);
	docker('start', `${a}-app-1`);
	docker('wait', `${a}-app-1`);
	docker('create', '--name', `${a}-new`, ...label(a), '-v', `${a}_taken:/x`, 'busybox');
	docker('volume', 'rm', `${a}_anew`);
	// The engine's stamp has whole seconds.
	await new Promise((resolve) => {
		setTimeout(resolve, 1100);
	});
	docker('volume', 'create', ...label(a), `${a}_anew`);
	docker('run', '-d', '--name', `${a}-user`, ...label(a), '-v', `${a}_data:/data`, 'busybox', 'sleep', '60');
	assert.deepEqual(await carryOut(plan, chosen), [
		`${a}-app-1: Removed`,
		`${a}_anew: it is another volume: one of this name was made since`,
		`${a}_data: ${a}-user uses it`,
		`${a}_default: Removed`,
		`${a}_free: Removed`,
		`${a}_taken: ${a}-new uses it`,
	]);
	assert.deepEqual(names('volume', 'ls').toSorted(), [`${a}_anew`, `${a}_data`, `${a}_taken`]);
});

test('a container that runs again since the plan is not removed', skip, async () => {
	cleanUp();
	docker('create', '--name', `${a}-app-1`, ...label(a), 'busybox', 'sleep', '60');
	const plan = await completePlan(a);
	docker('start', `${a}-app-1`);
	assert.deepEqual(await carryOut(plan, chooseOwn(plan)), [`${a}-app-1: it is running now`]);
});

/** An image with one layer of random bytes, so that no other image shares it. */
function importImage(name: string, bytes: number): void {
	const file = randomBytes(bytes);
	const archive = Buffer.concat([
		tarHeader({name: 'file', size: bytes, modifiedAt: 0}),
		file,
		Buffer.alloc(1024 + ((512 - (bytes % 512)) % 512)),
	]);
	execFileSync('docker', ['import', '-', name], {input: archive, stdio: ['pipe', 'pipe', 'pipe']});
}

async function layersSize(): Promise<number> {
	const usage = await (await connect()).json('GET', '/system/df', {query: {type: 'image'}, signal});
	assert.ok(typeof usage === 'object' && usage !== null && 'LayersSize' in usage);
	return Number(usage.LayersSize);
}

test('the sum of a plan is what the engine says was freed', skip, async (t) => {
	// Whatever else builds or pulls on this engine at that moment moves the engine's sum too.
	for (let attempt = 1; ; attempt++) {
		cleanUp();
		importImage(`${a}:one`, 3_000_000);
		importImage(`${a}:two`, 2_000_001);
		docker('tag', `${a}:two`, `${a}:zwei`);
		const plan = await completePlan(a, 'engine');
		const chosen = chooseOwn(plan);
		const {bytes, exact, count} = pruneTotal(plan, chosen);
		assert.deepEqual([exact, count], [true, 2]);
		const before = await layersSize();
		await carryOut(plan, chosen);
		const freed = before - (await layersSize());
		assert.equal(docker('images', '-q', a), '');
		if (Math.abs(freed - bytes) <= bytes / 100) {
			return;
		}

		assert.ok(attempt < 5, `the plan says ${bytes} bytes, the engine ${freed}`);
		t.diagnostic(`something else changed ${freed - bytes} bytes of images`);
	}
});

test('an image that was tagged since the plan keeps all its names', skip, async () => {
	cleanUp();
	importImage(`${a}:one`, 1000);
	const plan = await completePlan(a, 'engine');
	docker('tag', `${a}:one`, `${a}:mine`);
	const [outcome] = await carryOut(plan, chooseOwn(plan));
	assert.match(outcome ?? '', /its names are other ones now/);
	assert.equal(docker('images', '--format', '{{.Tag}}', a).split('\n').length, 2);
});
