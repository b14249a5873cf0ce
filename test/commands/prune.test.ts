import assert from 'node:assert/strict';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import type {Engine} from '../../src/engine/engine.ts';
import type {PruneFacts, PruneScope} from '../../src/stack/prune.ts';
import {cacheRecord, facts, image, now, ownContainer, stack, volume} from '../stack/prune-facts.ts';
import {runCli, type CliOptions, type CliResult} from '../support/cli.ts';
import {FakeEngine} from '../support/fake-engine.ts';
import {FakeStorage} from '../support/fake-storage.ts';

const someFacts = facts({
	containers: [ownContainer('postgres', {status: 'running', volumes: ['kws_used']})],
	images: [
		image('kws-mlflow:latest', {layers: [{id: 'l', size: 612_000_000}]}),
		image('', {id: 'sha256:dangling', project: 'kws', layers: [{id: 'm', size: 5_000_000}], createdAt: now}),
		image('redis:8', {layers: [{id: 'r', size: 1}]}),
	],
	volumes: [
		volume('kws_pgdata17', {project: 'kws', size: 47_000_000, holds: 'PostgreSQL 17 data'}),
		volume('kws_mlartifacts', {project: 'kws', size: 1}),
		volume('kws_used', {project: 'kws', size: 1}),
	],
	buildCache: [cacheRecord('pip')],
});

interface World {
	readonly engine: Engine;
	/** Names of what was removed. */
	readonly removed: readonly string[];
	readonly scopes: readonly PruneScope[];
}

/** An engine whose storage holds these objects, and keeps those whose name is in `stubborn`. */
function world(some: PruneFacts = someFacts, stubborn: readonly string[] = []): World {
	const storage = Object.assign(new FakeStorage(some), {stubborn});
	const {removed, scopes} = storage;
	return {engine: Object.assign(new FakeEngine(), {storage, stack}), removed, scopes};
}

async function prune(
	{engine}: World,
	arguments_: readonly string[],
	options: CliOptions = {},
): Promise<CliResult> {
	return runCli(['prune', ...arguments_], {engine, ...options});
}

test('--dry-run prints the whole plan, and removes nothing', async () => {
	const here = world();
	const {code, stdout, stderr} = await prune(here, ['--images', '--dry-run']);
	assert.equal(code, 0);
	assert.match(stdout, /^What could go of the project kws:\n/);
	assert.match(stdout, /\n {2}\[x\] kws-mlflow:latest +612 MB/);
	assert.match(stdout, /\n {2}\[ \] kws_pgdata17 +47 MB {2}4 days old; PostgreSQL 17 data\n/);
	assert.match(stdout, /\n {3}- {2}kws_used .*used by kws-postgres-1, which is running\n/);
	assert.match(stdout, /\n2 chosen, which frees 617 MB\.\n/);
	assert.equal(stderr, '');
	assert.deepEqual(here.removed, []);
});

test('--dry-run --json prints the plan with what is chosen', async () => {
	const {stdout} = await prune(world(), ['--volumes', '--dry-run', '--json']);
	const document = JSON.parse(stdout);
	assert.equal(document.version, 1);
	assert.equal(document.confirmation, 'type');
	assert.deepEqual(document.chosen, [
		'image sha256:dangling',
		'volume kws_pgdata17',
		'volume kws_mlartifacts',
	]);
});

test('--all is about the whole engine, without it about the stack', async () => {
	const here = world();
	const all = await prune(here, ['--all', '--images', '--dry-run']);
	assert.match(all.stdout, /redis:8/);
	const own = await prune(here, ['--images', '--dry-run']);
	assert.doesNotMatch(own.stdout, /redis:8/);
	assert.deepEqual(here.scopes, ['engine', 'stack']);
});

test('--until leaves out what is newer', async () => {
	const {stdout} = await prune(world(), ['--images', '--until', '2026-11-24T11:59:59Z', '--dry-run']);
	assert.match(stdout, /\[x\] kws-mlflow/);
	assert.match(stdout, /\[ \] dangling/);
});

test('without options only what nobody misses goes, after a question', async () => {
	const here = world();
	const {code, questions} = await prune(here, [], {isTTY: true, answer: true});
	assert.equal(code, 0);
	assert.deepEqual(questions, ['Remove 1 object?']);
	assert.deepEqual(here.removed, ['dangling']);
});

test('no is no', async () => {
	const here = world();
	const {code, stderr} = await prune(here, ['--images'], {isTTY: true, answer: false});
	assert.equal(code, 0);
	assert.match(stderr, /Nothing was removed\.\n$/);
	assert.deepEqual(here.removed, []);
});

test('a script has to say --yes', async () => {
	const here = world();
	const {code, stderr} = await prune(here, ['--images']);
	assert.equal(code, 2);
	assert.match(stderr, /nobody can be asked here, so nothing was removed/);
	assert.match(stderr, /add --yes/);
	assert.deepEqual(here.removed, []);
	assert.equal((await prune(here, ['--images', '--build-cache', '--yes'])).code, 0);
	assert.deepEqual(here.removed, ['dangling', 'kws-mlflow:latest', 'RUN pip']);
});

for (const options of [
	['--volumes'],
	['--volumes', '--yes'],
	['--volumes=kws_pgdata17'],
	['--volumes', '--json'],
]) {
	test(`a script does not remove volumes with ${options.join(' ')} alone`, async () => {
		const here = world();
		const {code, stdout, stderr} = await prune(here, options);
		assert.equal(code, 2);
		assert.match(stdout + stderr, /--yes --volumes=kws_pgdata17/);
		assert.deepEqual(here.removed, []);
	});
}

test('a script removes the volumes that it spells out, and no other', async () => {
	const here = world();
	const {code, stdout} = await prune(here, ['--yes', '--volumes=kws_pgdata17', '--json']);
	assert.equal(code, 0);
	assert.deepEqual(here.removed, ['dangling', 'kws_pgdata17']);
	assert.deepEqual(JSON.parse(stdout), {
		version: 1,
		removed: ['image sha256:dangling', 'volume kws_pgdata17'],
		kept: [],
		bytes: 52_000_000,
	});
});

test('a volume can be called as the compose file calls it', async () => {
	const here = world();
	await prune(here, ['--yes', '--volumes=pgdata17,mlartifacts']);
	assert.deepEqual(here.removed, ['dangling', 'kws_pgdata17', 'kws_mlartifacts']);
});

test('a volume that is not there, or in use, stops everything', async () => {
	const here = world();
	const unknown = await prune(here, ['--yes', '--volumes=kws_pgdata17,nothing']);
	assert.equal(unknown.code, 2);
	assert.match(unknown.stderr, /there is no volume nothing in the plan/);
	const used = await prune(here, ['--yes', '--volumes=kws_used']);
	assert.equal(used.code, 1);
	assert.match(used.stderr, /used by kws-postgres-1/);
	assert.deepEqual(here.removed, []);
});

test('a person is told what would be lost, is offered a backup, and types the project’s name', async () => {
	const here = world();
	const {code, stderr, questions} = await prune(here, ['--volumes'], {isTTY: true, lines: ['n', 'kws']});
	assert.equal(code, 0);
	assert.match(
		stderr,
		/This is lost, and nothing makes it again:\n {2}kws_pgdata17; 47 MB; 4 days old; PostgreSQL 17 data\n/,
	);
	assert.deepEqual(questions, ['Back the stack up first? [Y/n]', 'Type `kws` to remove 2 volumes:']);
	assert.deepEqual(here.removed, ['dangling', 'kws_pgdata17', 'kws_mlartifacts']);
});

for (const typed of ['', 'y', 'yes', 'KWS', 'kw', 'yyyyyyyyyyy']) {
	test(`\`${typed}\` is not the project’s name, so no volume goes`, async () => {
		const here = world();
		const {code, stderr} = await prune(here, ['--volumes', '--yes'], {
			isTTY: true,
			answer: true,
			lines: ['n', typed],
		});
		assert.equal(code, 0);
		assert.match(stderr, /Nothing was removed\.\n$/);
		assert.deepEqual(here.removed, []);
	});
}

test('a backup that fails removes nothing', async () => {
	const here = world();
	const {code, questions} = await prune(here, ['--volumes'], {
		isTTY: true,
		lines: ['', 'kws'],
		// A file where a folder is wanted.
		environment: {XDG_DATA_HOME: fileURLToPath(import.meta.url)},
	});
	assert.equal(code, 1);
	assert.deepEqual(questions, ['Back the stack up first? [Y/n]']);
	assert.deepEqual(here.removed, []);
});

test('what stays is told with its reason, and makes the command fail', async () => {
	const here = world(someFacts, ['dangling']);
	const {code, stderr} = await prune(here, ['--images', '--yes']);
	assert.equal(code, 1);
	assert.match(stderr, /✓ kws-mlflow:latest removed\n/);
	assert.match(stderr, /- dangling stays: it is in use\n/);
	const json = await prune(world(someFacts, ['dangling']), ['--yes', '--json']);
	assert.deepEqual(JSON.parse(json.stdout).kept, [{key: 'image sha256:dangling', why: 'it is in use'}]);
});

test('an engine without a storage says so', async () => {
	const {code, stderr} = await runCli(['prune'], {engine: new FakeEngine()});
	assert.equal(code, 1);
	assert.match(stderr, /this engine cannot do that yet/);
});
