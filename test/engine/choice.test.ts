import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {chooseEngine, choiceRules, type ChoiceFacts} from '../../src/engine/choice.ts';
import type {EngineOptions} from '../../src/engine/engine.ts';
import {lastEngine, rememberEngine} from '../../src/engine/last-engine.ts';
import {openEngine} from '../../src/engine/open.ts';
import {openFakeHarness} from '../support/docker-harness.ts';
import {withoutDocker} from '../support/without-docker.ts';

/** A new project where nothing answers. */
const nothing: ChoiceFacts = {
	namesFile: false,
	namesEngine: false,
	answers: false,
	findsFile: false,
	hasNative: true,
};

/** One for each row of the table, in its order, with what would be chosen without that row's reason. */
const examples: ReadonlyArray<Partial<ChoiceFacts>> = [
	{asked: 'docker', last: 'native'},
	{asked: 'native', answers: true, last: 'docker', namesFile: true},
	{namesFile: true, last: 'native'},
	{namesEngine: true, last: 'native'},
	{last: 'native', answers: true},
	{answers: true},
	{last: 'docker'},
	{findsFile: true},
	{hasNative: false},
	{},
];
for (const [index, rule] of choiceRules.entries()) {
	test(`${rule.kind} is chosen because ${rule.why}: ${JSON.stringify(examples[index])}`, () => {
		const {kind, why} = chooseEngine({...nothing, ...examples[index]});
		assert.deepEqual({kind, why}, {kind: rule.kind, why: rule.why});
	});
}

test('the other engine is offered, unless it could not run the stack', () => {
	assert.equal(chooseEngine(nothing).other, 'docker');
	assert.equal(chooseEngine({...nothing, answers: true}).other, 'native');
	assert.equal(chooseEngine({...nothing, namesFile: true}).other, undefined);
	assert.equal(chooseEngine({...nothing, hasNative: false}).other, undefined);
});

/** A machine where nothing listens yet, and how an engine is opened there. */
function aPlace(t: TestContext) {
	const {folder, socket, environment} = withoutDocker(t);
	const request = {files: [], directory: folder, environment};
	const options: EngineOptions = {kind: 'auto', environment, request};
	return {folder, socket, options};
}

async function choiceOf(options: EngineOptions) {
	const engine = await openEngine(options);
	engine.close();
	return engine.choice;
}

test('where no Docker answers, a new project runs natively at once', async (t) => {
	const {options} = aPlace(t);
	assert.deepEqual(await choiceOf(options), {
		kind: 'native',
		why: 'no Docker answered',
		isFallback: true,
		other: 'docker',
	});
});

test('where something listens at the socket, Docker is asked', async (t) => {
	const {options, socket} = aPlace(t);
	const server = createServer((client) => client.destroy());
	await new Promise<void>((resolve) => {
		server.listen(socket, resolve);
	});
	t.after(() => server.close());
	assert.equal((await choiceOf(options))?.kind, 'docker');
});

test('a project that last ran on Docker waits for it, and says how to do without', async (t) => {
	const {options} = aPlace(t);
	await rememberEngine('mlstack', 'docker', options.environment);
	const engine = await openEngine(options);
	t.after(() => {
		engine.close();
	});
	assert.equal(engine.choice?.kind, 'docker');
	await assert.rejects(engine.describe(), (error: unknown) => {
		assert.ok(error instanceof Error && 'next' in error && 'reason' in error);
		assert.equal(error.reason, 'noEngine');
		assert.match(String(error.next), /mlstack --engine native up/);
		return true;
	});
});

test('a compose file of the folder waits for Docker, if it holds PostgreSQL or MLflow', async (t) => {
	const {options, folder} = aPlace(t);
	const file = join(folder, 'compose.yaml');
	writeFileSync(file, 'services: {web: {image: nginx}}\n');
	assert.equal((await choiceOf(options))?.kind, 'native');
	writeFileSync(file, 'services: {db: {image: postgres}}\n');
	assert.equal((await choiceOf(options))?.kind, 'docker');
	await rememberEngine(file, 'native', options.environment);
	assert.equal((await choiceOf(options))?.kind, 'native');
});

test('`up` is remembered before it is done, for its project alone; what cannot be written is not missed', async (t) => {
	const {options, folder} = aPlace(t);
	const {environment} = options;
	const request = {files: [], directory: '/', environment: {}, project: 'kws'};
	const engine = await openEngine({...options, kind: 'docker', request});
	const stack = {project: 'kws', origin: 'project', files: [], directory: '', services: []} as const;
	const {signal} = new AbortController();
	await assert.rejects(async () => {
		for await (const progress of engine.operate('up', stack, {services: []}, signal)) {
			assert.ok(progress);
		}
	});
	engine.close();
	assert.equal(await lastEngine('kws', environment), 'docker');
	assert.equal(await lastEngine('mlstack', environment), undefined);
	writeFileSync(join(folder, 'file'), '');
	await rememberEngine('kws', 'native', {HOME: join(folder, 'file')});
});

for (const {what, services, before, after} of [
	{what: 'containers of a project without a record: Docker', services: ['postgres'], after: 'docker'},
	{what: 'no containers: nothing', services: [], after: undefined},
	{
		what: 'containers of a project that went on natively: that',
		services: ['postgres'],
		before: 'native',
		after: 'native',
	},
] as const) {
	test(`watching on Docker remembers of ${what}`, async (t) => {
		const {options} = aPlace(t);
		const {environment} = options;
		const docker = await openFakeHarness();
		t.after(async () => docker.close());
		for (const service of services) {
			await docker.create(service);
		}

		const {project} = docker;
		if (before) {
			await rememberEngine(project, before, environment);
		}

		const request = {files: [], directory: '/', environment, project};
		const engine = await openEngine({...options, request, kind: 'docker', host: docker.server.url});
		const left = new AbortController();
		for await (const event of engine.watch(project, left.signal)) {
			assert.deepEqual(event.type === 'snapshot' && event.containers.map(({service}) => service), services);
			break;
		}

		left.abort();
		engine.close();
		assert.equal(await lastEngine(project, environment), after);
		assert.equal(
			(await choiceOf({...options, request}))?.kind,
			after ?? 'native',
			'where no Docker answers, the project waits for it only if it was there',
		);
	});
}

for (const text of ['', '{', '[]', '{"engine": "podman"}']) {
	test(`a state file that holds ${text || 'nothing'} remembers nothing`, async (t) => {
		const {options} = aPlace(t);
		await rememberEngine('kws', 'docker', options.environment);
		const folder = join(options.environment['HOME'] ?? '', '.local', 'state', 'mlstack', 'engines');
		const name = createHash('sha256').update('kws').digest('hex').slice(0, 16);
		writeFileSync(join(folder, `${name}.json`), text);
		assert.equal(await lastEngine('kws', options.environment), undefined);
	});
}
