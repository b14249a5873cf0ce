import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {test, type TestContext} from 'node:test';
import {execute} from '../../../src/engine/docker/execute.ts';
import type {ExecuteOptions} from '../../../src/engine/engine.ts';
import {Failure} from '../../../src/failure.ts';
import {engines, type Harness, openFakeHarness} from '../../support/docker-harness.ts';
import {finished, hashOf, inChunks} from '../../support/execution.ts';

const noAbort = new AbortController().signal;

async function run(
	{connection}: Harness,
	container: string,
	command: readonly string[],
	options: ExecuteOptions = {},
): Promise<{output: Buffer; exitCode: number; errors: string}> {
	return finished(await execute(connection, container, command, options, noAbort));
}

for (const {name, skip, open} of engines) {
	const running = async (t: TestContext): Promise<{engine: Harness; container: string}> => {
		const engine = await open();
		t.after(async () => engine.close());
		const container = await engine.create('mlflow');
		await engine.start(container);
		return {engine, container};
	};

	test(`${name}: a command's output, errors and exit code are told apart`, {skip}, async (t) => {
		const {engine, container} = await running(t);
		const {output, exitCode, errors} = await run(
			engine,
			container,
			['sh', '-c', 'echo "out $NAME"; echo err >&2; exit 3'],
			{environment: {NAME: 'ä b'}},
		);
		assert.equal(output.toString(), 'out ä b\n');
		assert.equal(errors, 'err\n');
		assert.equal(exitCode, 3);
	});

	test(`${name}: input is written and closed; megabytes come back as they went`, {skip}, async (t) => {
		const {engine, container} = await running(t);
		const bytes = randomBytes(3_000_000);
		const {output, exitCode} = await run(engine, container, ['cat'], {input: inChunks(bytes, 70_001)});
		assert.equal(hashOf(output), hashOf(bytes));
		assert.equal(exitCode, 0);
	});

	test(`${name}: a command may end without having read its input`, {skip}, async (t) => {
		const {engine, container} = await running(t);
		const {output, exitCode} = await run(engine, container, ['head', '-c', '5'], {
			input: inChunks(randomBytes(3_000_000).fill('x'), 70_001),
		});
		assert.equal(output.toString(), 'xxxxx');
		assert.equal(exitCode, 0);
	});

	test(`${name}: only the end of much standard error is kept`, {skip}, async (t) => {
		const {engine, container} = await running(t);
		const {errors} = await run(engine, container, [
			'sh',
			'-c',
			'head -c 200000 /dev/zero | tr "\\0" x >&2; echo end >&2',
		]);
		assert.equal(errors.length, 64 * 1024);
		assert.ok(errors.endsWith('x\nend\n') || errors.endsWith('xend\n'));
	});

	test(`${name}: what goes wrong with the input fails the output and the end`, {skip}, async (t) => {
		const {engine, container} = await running(t);
		async function* broken(): AsyncGenerator<Uint8Array> {
			yield Buffer.from('a');
			throw new Error('the file cannot be read');
		}

		const {output, done} = await execute(engine.connection, container, ['cat'], {input: broken()}, noAbort);
		const isIt = (error: unknown): boolean =>
			error instanceof Failure && error.message === 'the file cannot be read';
		await assert.rejects(drain(output), isIt);
		await assert.rejects(done, isIt);
	});

	test(`${name}: a container that does not run is a failure`, {skip}, async (t) => {
		const {engine, container} = await running(t);
		await engine.kill(container);
		await assert.rejects(
			execute(engine.connection, container, ['true'], {}, noAbort),
			(error) => error instanceof Failure && error.code === 'conflict',
		);
	});

	test(
		`${name}: an abort ends the output quietly and rejects the end with its reason`,
		{
			skip,
		},
		async (t) => {
			const {engine, container} = await running(t);
			const abort = new AbortController();
			const {output, done} = await execute(
				engine.connection,
				container,
				['sh', '-c', 'echo started; sleep 1000'],
				{},
				abort.signal,
			);
			for await (const chunk of output) {
				assert.equal(Buffer.from(chunk).toString(), 'started\n');
				abort.abort(new Error('enough'));
			}

			await assert.rejects(done, /enough/);
		},
	);

	test(`${name}: whoever leaves the output early is told by the end`, {skip}, async (t) => {
		const {engine, container} = await running(t);
		const {output, done} = await execute(
			engine.connection,
			container,
			['sh', '-c', 'echo a; sleep 1; echo b'],
			{},
			noAbort,
		);
		for await (const chunk of output) {
			assert.ok(chunk.length > 0);
			break;
		}

		await assert.rejects(done, (error) => error instanceof Failure && error.code === 'output-unread');
	});
}

async function drain(output: AsyncIterable<Uint8Array>): Promise<void> {
	for await (const chunk of output) {
		assert.ok(chunk.length > 0);
	}
}

test('an exit code that comes after the output is waited for', async (t) => {
	const engine = await openFakeHarness();
	t.after(async () => engine.close());
	const container = await engine.create('mlflow');
	await engine.start(container);
	engine.server.execs.late = 3;
	assert.equal((await run(engine, container, ['sh', '-c', 'exit 7'])).exitCode, 7);
});

test('a connection that breaks does not look like the end of the output', async (t) => {
	const engine = await openFakeHarness();
	t.after(async () => engine.close());
	const container = await engine.create('mlflow');
	await engine.start(container);
	for (const cutAfter of [3, 8, 9, 5000]) {
		engine.server.faults.push({path: /^\/exec\/\w+\/start$/, cutAfter});
		await assert.rejects(
			run(engine, container, ['sh', '-c', 'head -c 20000 /dev/zero']),
			(error) => error instanceof Failure && error.code === 'output-broken-off',
			`cut after ${cutAfter} bytes`,
		);
	}
});
