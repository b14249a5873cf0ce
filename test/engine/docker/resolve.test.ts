import assert from 'node:assert/strict';
import {mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {findComposeFiles, variableIn} from '../../../src/engine/docker/compose-files.ts';
import {ownStackDefinition, ownStackFolder} from '../../../src/engine/docker/own-stack.ts';
import {guessStack, resolveStack, stackConfig} from '../../../src/engine/docker/resolve.ts';
import {Failure} from '../../../src/failure.ts';
import type {StackRequest} from '../../../src/stack/model.ts';
import {skipWithoutEngine} from '../../support/engine-available.ts';
import {type FakeDocker, fakeDocker, temporaryFolder} from './fake-docker.ts';

const postgres = {image: 'postgres:18', environment: {POSTGRES_PASSWORD: 'hunter2'}};

/** A docker whose compose answers with these services, whatever the file; its project is the -p, or `kws`. */
function answering(
	t: TestContext,
	services: object = {db: postgres},
	environment: Record<string, string> = {},
): FakeDocker {
	const json = JSON.stringify({name: 'NAME', services});
	return fakeDocker(
		t,
		`name=kws
		for word in "$@"; do [ "$before" = -p ] && name=$word; before=$word; done
		[ -n "$COMPOSE_PROJECT_NAME" ] && [ "$name" = kws ] && name=$COMPOSE_PROJECT_NAME
		echo '${json}' | sed "s/NAME/$name/"`,
		{environment},
	);
}

function write(folder: string, ...names: readonly string[]): void {
	mkdirSync(folder, {recursive: true});
	for (const name of names) {
		writeFileSync(join(folder, name), 'services: {}\n');
	}
}

const requestOf = (
	docker: FakeDocker,
	directory: string,
	changes: Partial<StackRequest> = {},
): StackRequest => ({
	files: [],
	directory,
	environment: docker.environment,
	...changes,
});

test('the files that compose would find: first names first, the override with them, parents too', async (t) => {
	const folder = temporaryFolder(t);
	const below = join(folder, 'a', 'b');
	mkdirSync(below, {recursive: true});
	const find = async (changes: Partial<StackRequest> = {}) =>
		findComposeFiles({files: [], directory: below, environment: {}, ...changes});
	write(folder, 'docker-compose.yml');
	assert.deepEqual(await find(), {paths: [join(folder, 'docker-compose.yml')], by: 'found'});
	write(folder, 'compose.yml', 'docker-compose.override.yaml');
	assert.deepEqual((await find())?.paths, [
		join(folder, 'compose.yml'),
		join(folder, 'docker-compose.override.yaml'),
	]);
	write(join(folder, 'a'), 'compose.yaml');
	assert.deepEqual((await find())?.paths, [join(folder, 'a', 'compose.yaml')]);
	mkdirSync(join(below, 'compose.yaml'));
	assert.deepEqual((await find())?.paths, [join(folder, 'a', 'compose.yaml')], 'a folder is no file');
});

test('-f comes before COMPOSE_FILE, and that before the .env and what lies in the folder', async (t) => {
	const directory = temporaryFolder(t);
	write(directory, 'compose.yaml');
	const find = async (files: readonly string[], environment: Record<string, string>) =>
		(await findComposeFiles({files, directory, environment}))?.paths;
	const at = (name: string) => join(directory, name);
	assert.deepEqual(await find(['x.yml', '/abs/y.yml'], {COMPOSE_FILE: 'z.yml'}), [at('x.yml'), '/abs/y.yml']);
	assert.deepEqual(await find([], {COMPOSE_FILE: 'x.yml:y.yml'}), [at('x.yml'), at('y.yml')]);
	assert.deepEqual(await find([], {COMPOSE_FILE: 'x.yml,y.yml', COMPOSE_PATH_SEPARATOR: ','}), [
		at('x.yml'),
		at('y.yml'),
	]);
	writeFileSync(at('.env'), 'export COMPOSE_FILE="from-env.yml;more.yml"\nCOMPOSE_PATH_SEPARATOR=;\n');
	assert.deepEqual(await find([], {}), [at('from-env.yml'), at('more.yml')]);
	assert.deepEqual(await find([], {COMPOSE_FILE: 'x.yml'}), [at('x.yml')]);
});

test('a variable of a .env', () => {
	const text = '# A=no\nA=1\n export B = "two words" \nC=\nAB=no\n';
	assert.deepEqual(
		['A', 'B', 'C', 'D'].map((name) => variableIn(text, name)),
		['1', 'two words', undefined, undefined],
	);
});

test('the folder’s file, from a folder below it', async (t) => {
	const docker = answering(t);
	const folder = temporaryFolder(t);
	write(folder, 'compose.yaml', 'compose.override.yaml');
	mkdirSync(join(folder, 'src'));
	const stack = await resolveStack(requestOf(docker, join(folder, 'src')), docker);
	const files = [join(folder, 'compose.yaml'), join(folder, 'compose.override.yaml')];
	assert.deepEqual(stack, {
		project: 'kws',
		origin: 'files',
		files,
		directory: folder,
		services: [
			{
				name: 'db',
				role: 'database',
				image: 'postgres:18',
				build: false,
				ports: [],
				dependsOn: [],
				hasHealthcheck: false,
			},
		],
	});
	assert.deepEqual(docker.calls(), [`compose -f ${files.join(' -f ')} config --format json`]);
});

test('what compose makes of a stack’s files is handed on whole, passwords too', async (t) => {
	const docker = answering(t);
	const folder = temporaryFolder(t);
	write(folder, 'compose.yaml');
	const stack = await resolveStack(requestOf(docker, folder), docker);
	assert.deepEqual(await stackConfig(stack, docker), {name: 'kws', services: {db: postgres}});
	assert.equal(
		docker.calls().at(-1),
		`compose -f ${join(folder, 'compose.yaml')} -p kws config --format json`,
	);
	await assert.rejects(stackConfig({...stack, files: []}, docker), {code: 'no-compose-file'});
	rmSync(join(folder, 'compose.yaml'));
	await assert.rejects(stackConfig(stack, docker), {code: 'compose-file-missing'});
});

test('a folder’s file without PostgreSQL and MLflow is none: mlstack’s own stack is meant', async (t) => {
	const docker = answering(t, {web: {image: 'nginx'}});
	const folder = temporaryFolder(t);
	write(folder, 'compose.yaml');
	assert.deepEqual(
		await resolveStack(requestOf(docker, folder), docker),
		ownStackDefinition(docker.environment),
	);
});

test('a file named by -f or COMPOSE_FILE is meant whatever its services', async (t) => {
	const docker = answering(t, {web: {image: 'nginx'}});
	const folder = temporaryFolder(t);
	write(folder, 'web.yaml');
	const named = await resolveStack(requestOf(docker, folder, {files: ['web.yaml'], project: 'shop'}), docker);
	assert.deepEqual([named.origin, named.project, named.services[0]?.role], ['files', 'shop', 'other']);
	const environment = {...docker.environment, COMPOSE_FILE: 'web.yaml'};
	assert.equal((await resolveStack(requestOf(docker, folder, {environment}), docker)).origin, 'files');
});

test('without a file mlstack’s own stack is meant; nothing is run before it is written', async (t) => {
	const docker = answering(t);
	const request = requestOf(docker, temporaryFolder(t));
	const own = ownStackDefinition(docker.environment);
	assert.deepEqual(await resolveStack(request, docker), own);
	assert.deepEqual(await guessStack(request), own);
	assert.deepEqual(docker.calls(), []);
	assert.deepEqual(
		own.services.map(({role}) => role),
		['database', 'tracking'],
	);
});

test('once its own stack is written, compose is asked about it, by its own name', async (t) => {
	const docker = answering(t, {db: postgres}, {COMPOSE_PROJECT_NAME: 'mlstack'});
	const folder = ownStackFolder(docker.environment);
	write(folder, 'compose.yaml', '.env');
	const request = requestOf(docker, temporaryFolder(t));
	const stack = await resolveStack(request, docker);
	assert.deepEqual(docker.calls(), [`compose -f ${join(folder, 'compose.yaml')} config --format json`]);
	assert.deepEqual([stack.project, stack.origin, stack.directory], ['kws', 'own', folder]);
	assert.deepEqual(await guessStack(request), stack);
});

test('a project’s name without a file is a project that runs', async (t) => {
	const docker = answering(t);
	const directory = temporaryFolder(t);
	const expected = {project: 'shop', origin: 'project', files: [], directory: '', services: []};
	const request = requestOf(docker, directory, {project: 'shop'});
	assert.deepEqual(await resolveStack(request, docker), expected);
	assert.deepEqual(await guessStack(request), expected);
	const environment = {...docker.environment, COMPOSE_PROJECT_NAME: 'shop'};
	assert.deepEqual(await resolveStack(requestOf(docker, directory, {environment}), docker), expected);
});

test('-p makes no second copy of the folder’s stack, but may name it, or mlstack’s own', async (t) => {
	const docker = answering(t);
	const directory = temporaryFolder(t);
	write(directory, 'compose.yaml');
	const origin = async (project: string) =>
		(await resolveStack(requestOf(docker, directory, {project}), docker)).origin;
	assert.equal(await origin('kws'), 'files');
	assert.equal(await origin('shop'), 'project');
	assert.equal(await origin('mlstack'), 'own');
});

test('COMPOSE_PROJECT_NAME renames the folder’s stack, as for compose', async (t) => {
	const docker = answering(t, {db: postgres}, {COMPOSE_PROJECT_NAME: 'renamed'});
	const directory = temporaryFolder(t);
	write(directory, 'compose.yaml');
	const stack = await resolveStack(requestOf(docker, directory, {project: 'renamed'}), docker);
	assert.deepEqual([stack.origin, stack.project], ['files', 'renamed']);
});

test('a file that is missing: names that come near', async (t) => {
	const docker = answering(t);
	const directory = temporaryFolder(t);
	write(directory, 'docker-compose.prod.yml', 'docker-compose.yml', 'values.yaml', 'notes.txt');
	await assert.rejects(
		resolveStack(requestOf(docker, directory, {files: ['docker-compose.prd.yml']}), docker),
		(error) => {
			assert.ok(error instanceof Failure);
			assert.equal(error.code, 'compose-file-missing');
			assert.deepEqual(error.next, [
				`mlstack -f ${join(directory, 'docker-compose.prod.yml')}`,
				`mlstack -f ${join(directory, 'docker-compose.yml')}`,
				`mlstack -f ${join(directory, 'values.yaml')}`,
			]);
			return true;
		},
	);
	await assert.rejects(resolveStack(requestOf(docker, directory, {files: ['.']}), docker), /is a folder/);
	assert.deepEqual(docker.calls(), []);
});

test('what compose says against a file is a Failure, without its warnings', async (t) => {
	const docker = fakeDocker(
		t,
		`echo 'time="2026-11-24T05:34:43Z" level=warning msg="the attribute version is obsolete"' >&2
		echo 'yaml: line 4: did not find expected key' >&2
		exit 15`,
	);
	const directory = temporaryFolder(t);
	write(directory, 'compose.yaml');
	await assert.rejects(resolveStack(requestOf(docker, directory), docker), {
		code: 'compose-file-invalid',
		message: 'Compose does not accept compose.yaml, line 4',
		why: 'yaml: line 4: did not find expected key',
	});
});

test('an answer that is no JSON is a Failure', async (t) => {
	const docker = fakeDocker(t, 'echo hello');
	const directory = temporaryFolder(t);
	write(directory, 'compose.yaml');
	await assert.rejects(resolveStack(requestOf(docker, directory), docker), {code: 'compose-config'});
});

test('an abort ends the question', async (t) => {
	const docker = fakeDocker(t, 'exec sleep 20');
	const directory = temporaryFolder(t);
	write(directory, 'compose.yaml');
	await assert.rejects(resolveStack(requestOf(docker, directory), docker, AbortSignal.timeout(100)), {
		name: 'TimeoutError',
	});
});

test('the guess is what was resolved last, until a file of it changes', async (t) => {
	const docker = answering(t);
	const directory = temporaryFolder(t);
	const file = join(directory, 'compose.yaml');
	write(directory, 'compose.yaml');
	const request = requestOf(docker, directory);
	assert.equal(await guessStack(request), undefined);
	const stack = await resolveStack(request, docker);
	assert.deepEqual(await guessStack(request), stack);
	assert.equal(
		await guessStack({...request, project: 'other'}),
		undefined,
		'another name was never asked for',
	);
	const changes: ReadonlyArray<readonly [what: string, change: () => void, undo: () => void]> = [
		['size', () => writeFileSync(file, 'services: {a: {}}\n'), () => undefined],
		['time', () => utimesSync(file, 1, 1), () => undefined],
		['.env', () => writeFileSync(join(directory, '.env'), 'A=1\n'), () => rmSync(join(directory, '.env'))],
		[
			'override',
			() => write(directory, 'compose.override.yml'),
			() => rmSync(join(directory, 'compose.override.yml')),
		],
	];
	for (const [what, change, undo] of changes) {
		change();
		assert.equal(await guessStack(request), undefined, what);
		undo();
		assert.deepEqual(await resolveStack(request, docker), stack, what);
	}
});

test('the cache holds no secret, is its user’s only, and may be broken or impossible to write', async (t) => {
	const docker = answering(t);
	const directory = temporaryFolder(t);
	write(directory, 'compose.yaml');
	const request = requestOf(docker, directory);
	await resolveStack(request, docker);
	const cache = join(docker.folder, '.cache', 'mlstack', 'stacks');
	const [name = ''] = readdirSync(cache);
	const path = join(cache, name);
	assert.doesNotMatch(readFileSync(path, 'utf8'), /hunter2|PASSWORD/);
	assert.equal(statSync(path).mode & 0o777, 0o600);
	for (const broken of ['', '{', 'null', '{"format":1}', '[]']) {
		writeFileSync(path, broken);
		assert.equal(await guessStack(request), undefined);
	}

	const nowhere = {...request, environment: {...docker.environment, XDG_CACHE_HOME: '/dev/null/x'}};
	assert.equal((await resolveStack(nowhere, docker)).project, 'kws');
	assert.equal(await guessStack(nowhere), undefined);
});

test(
	'compose itself is asked: the file of the blog posts, a variable, a profile',
	{skip: skipWithoutEngine},
	async (t) => {
		const folder = temporaryFolder(t);
		const environment = {PATH: process.env['PATH'], HOME: folder, MLSTACK_HOME: folder};
		const docker = {command: 'docker', arguments: [], environment};
		writeFileSync(
			join(folder, 'docker-compose.yml'),
			`version: "3"
services:
  postgres:
    image: postgres
    environment:
      POSTGRES_PASSWORD: 0000
  mlflow:
    image: python:3.9
    command: >
      bash -c "
        pip install mlflow psycopg2-binary &&
        mlflow server
        --backend-store-uri postgresql://root:0000@postgres:5432/KWS
      "
    ports:
      - "\${PORT:-15083}:5000"
    depends_on:
      - postgres
  tool:
    image: busybox
    profiles: [tools]
`,
		);
		const request = {files: [], directory: folder, environment};
		const stack = await resolveStack(request, docker);
		assert.deepEqual(
			stack.services.map(({name, role}) => [name, role]),
			[
				['postgres', 'database'],
				['mlflow', 'tracking'],
			],
		);
		writeFileSync(join(folder, '.env'), 'PORT=15084\nCOMPOSE_PROFILES=tools\n');
		const changed = await resolveStack(request, docker);
		assert.equal(changed.services.length, 3);
		assert.equal(changed.services[1]?.ports[0]?.published, 15_084);
		writeFileSync(join(folder, 'docker-compose.yml'), 'services: {a: {image: "${IMAGE:?say which}"}}\n');
		await assert.rejects(resolveStack(request, docker), {code: 'compose-variable-missing'});
	},
);

test('what compose warns of is kept with the stack, each warning once and without secrets', async (t) => {
	const said = [
		'time="2026-11-24T08:00:00Z" level=warning msg="/home/ana/compose.yaml: the attribute `version` is obsolete"',
		String.raw`time="2026-11-24T08:00:00Z" level=warning msg="The \"POSTGRES_USER\" variable is not set. Defaulting to a blank string."`,
		String.raw`time="2026-11-24T08:00:00Z" level=warning msg="The \"POSTGRES_USER\" variable is not set. Defaulting to a blank string."`,
		'time="2026-11-24T08:00:00Z" level=debug msg="nothing of note"',
	];
	const lines = said.map((line) => `echo '${line}' >&2`);
	const docker = fakeDocker(
		t,
		[...lines, `echo '{"name":"kws","services":{"db":{"image":"postgres:18"}}}'`].join('\n'),
	);
	const folder = temporaryFolder(t);
	write(folder, 'compose.yaml');
	const {warnings} = await resolveStack(requestOf(docker, folder), docker);
	assert.deepEqual(warnings, [
		'/home/ana/compose.yaml: the attribute `version` is obsolete',
		'The "POSTGRES_USER" variable is not set. Defaulting to a blank string.',
	]);
});
