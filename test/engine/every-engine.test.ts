import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {test} from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';
import {FollowedLog} from '../../src/engine/follow.ts';
import type {Engine, ExecuteOptions} from '../../src/engine/engine.ts';
import {Failure} from '../../src/failure.ts';
import type {Container, LogLine, LogRequest, OperationKind, Sample} from '../../src/stack/model.ts';
import {initialState, update} from '../../src/stack/state.ts';
import {engineStages} from '../support/engine-stages.ts';
import {collected, eventually} from './native/support.ts';
import {finished, hashOf, inChunks} from '../support/execution.ts';

const {signal: never} = new AbortController();
const services = ['postgres'];
const ready = 'database system is ready to accept connections';

for (const {kind, skip, on} of engineStages) {
	test(`${kind} does what every engine promises`, {skip, timeout: 300_000}, async (t) => {
		await on(t, async ({engine, request, stack}) => {
			const watching = watched(engine, stack.project);
			const operate = async (operation: OperationKind) =>
				collected(engine.operate(operation, stack, {services}, never));
			const becomes = async (status: Container['status']) =>
				eventually(() => watching.containers().find((one) => one.status === status), `it is ${status}`);
			/** A server that accepts connections: after its first start it initialises, which answers on its socket only. */
			const accepting = async (): Promise<Container> => {
				const isReady = ['pg_isready', '-q', '-h', '127.0.0.1', '-U', 'mlflow'];
				for (let tries = 0; tries < 200; tries++) {
					const container = await becomes('running');
					// The watch may be a moment behind: what it says to run may have been stopped.
					const asked = await run(engine, container.id, isReady).catch(() => undefined);
					if (asked?.exitCode === 0) {
						return container;
					}

					await sleep(100);
				}

				return assert.fail('PostgreSQL does not accept connections');
			};
			const sql = async (statement: string): Promise<string> => {
				const command = ['psql', '-AtXq', '-U', 'mlflow', '-d', 'mlflow', '-c', statement];
				const {output, exitCode, errors} = await run(engine, (await accepting()).id, command);
				assert.equal(exitCode, 0, errors);
				return output.toString().trim();
			};

			await t.test('it says who it is, and rejects with the signal’s reason', async () => {
				const info = await engine.describe();
				assert.equal(info.kind, kind);
				assert.equal(info.host, 'localhost');
				assert.ok(info.cpus > 0 && info.memory > 0);
				const reason = new Error('left');
				await assert.rejects(engine.describe(AbortSignal.abort(reason)), reason);
			});

			await t.test('a stack is resolved, and then guessed', async () => {
				assert.equal(stack.services.find(({name}) => name === 'postgres')?.role, 'database');
				assert.equal((await engine.guess(request))?.project, stack.project);
			});

			await t.test('the watch begins with a snapshot, and tells of `up` as it happens', async () => {
				await eventually(watching.known, 'there is a snapshot');
				assert.deepEqual(watching.containers(), []);
				const progress = await operate('up');
				const done = progress.filter((one) => one.type === 'step' && one.state === 'done');
				assert.ok(done.some((one) => one.type === 'step' && one.kind === 'container'));
				const {service, role, number, image, ports, startedAt = 0} = await accepting();
				assert.deepEqual([service, role, number], ['postgres', 'database', 1]);
				assert.match(image, /^postgres:18/);
				assert.equal(ports.find(({target}) => target === 5432)?.address, '127.0.0.1');
				assert.ok(Math.abs(Date.now() - startedAt) < 120_000);
			});

			await t.test('`up` again changes nothing', async () => {
				const {id} = await accepting();
				await operate('up');
				assert.equal((await accepting()).id, id);
			});

			await t.test('a log has stamped lines; tail and since give some of them', async () => {
				const {id: container} = await accepting();
				const read = async (more: Partial<LogRequest>) =>
					(await collected(engine.logs({container, follow: false, ...more}, never))).flat();
				// A line that is written between two readings would make them differ.
				let lines = await read({});
				for (let again = await read({}); again.length > lines.length; again = await read({})) {
					lines = again;
				}

				assert.ok(lines.some(({text}) => text.includes(ready)));
				// Docker stamps either stream for itself, so that a line may stand behind one that is newer by a moment.
				for (const each of ['stdout', 'stderr']) {
					const stamps = lines.filter(({stream}) => stream === each).map(({stamp}) => stamp);
					assert.deepEqual(stamps, stamps.toSorted());
				}

				for (const {stamp, time} of lines) {
					assert.match(stamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
					assert.ok(Math.abs(time / 1000 - Date.parse(stamp)) < 1);
				}

				assert.deepEqual(textsOf(await read({tail: 2})), textsOf(lines.slice(-2)));
				const middle = lines[Math.floor(lines.length / 2)];
				const from = await read({since: middle?.stamp ?? ''});
				const first = lines.findIndex(({stamp}) => stamp >= (middle?.stamp ?? ''));
				assert.deepEqual(textsOf(from), textsOf(lines.slice(first)));
				await assert.rejects(
					collected(engine.logs({container: `${container}x`, follow: false}, never)),
					Failure,
				);
			});

			await t.test('a service is measured about once a second', async () => {
				const {id} = await accepting();
				const left = new AbortController();
				const samples: Sample[] = [];
				for await (const sample of engine.stats(id, left.signal)) {
					if (samples.push(sample) === 2) {
						left.abort();
					}
				}

				const [first, second] = samples;
				assert.ok(first && second && second.at > first.at);
				assert.ok(second.memory > 1_000_000 && second.memory < second.memoryLimit);
				assert.ok(second.cpu >= 0);
			});

			await t.test('a command has its output, errors, exit code, environment and input', async () => {
				const {id} = await accepting();
				const script = 'echo "out $NAME"; echo err >&2; exit 3';
				const said = await run(engine, id, ['sh', '-c', script], {environment: {NAME: 'ä b'}});
				assert.deepEqual([said.output.toString(), said.errors, said.exitCode], ['out ä b\n', 'err\n', 3]);
				const bytes = randomBytes(3_000_000);
				const back = await run(engine, id, ['cat'], {input: inChunks(bytes, 70_001)});
				assert.equal(hashOf(back.output), hashOf(bytes));
				assert.equal(await sql('create table kept (i int); insert into kept values (42)'), '');
			});

			await t.test('a followed log is read on over a restart: no gap, no line twice', async () => {
				const {id, startedAt = 0} = await accepting();
				const left = new AbortController();
				const log = new FollowedLog(engine, id, {});
				const lines: LogLine[] = [];
				const follow = async () => {
					for await (const batch of log.read(left.signal)) {
						lines.push(...batch);
					}
				};
				const first = follow();
				await eventually(() => lines.some(({text}) => text.includes(ready)), 'the log is read');
				await operate('restart');
				await first;
				await eventually(
					() => watching.containers().some((one) => (one.startedAt ?? 0) > startedAt),
					'it is started anew',
				);
				const second = follow();
				await accepting();
				await eventually(
					() => lines.filter(({text}) => text.includes(ready)).length > 1,
					'the second start is read',
				);
				left.abort();
				await second;
				const all = (await collected(engine.logs({container: id, follow: false}, never))).flat();
				assert.deepEqual(textsOf(lines), textsOf(all.slice(0, lines.length)));
			});

			await t.test('stop and start keep the container, and end what follows it', async () => {
				const {id} = await accepting();
				const samples = collected(engine.stats(id, never));
				const lines = collected(engine.logs({container: id, follow: true, tail: 0}, never));
				await operate('stop');
				const stopped = await becomes('exited');
				assert.deepEqual([stopped.id, stopped.exitCode], [id, 0]);
				await samples;
				assert.match(textsOf((await lines).flat()).join('\n'), /database system is shut down/);
				await operate('start');
				assert.equal((await accepting()).id, id);
			});

			await t.test('an operation that is cancelled ends quietly, and can be done again', async () => {
				const abort = new AbortController();
				for await (const progress of engine.operate('restart', stack, {services}, abort.signal)) {
					assert.ok(progress.at > 0);
					abort.abort();
				}

				await operate('up');
				assert.equal(await sql('select i from kept'), '42');
			});

			await t.test(
				'a command runs once as the service would: its lines, its failure, its cancellation',
				async () => {
					const once = (script: string, signal = never) =>
						engine.runOnce(stack, 'postgres', ['sh', '-c', script], signal);
					assert.deepEqual(await collected(once('echo one; echo two')), ['one', 'two']);
					await assert.rejects(
						collected(once('echo what is wrong >&2; exit 3')),
						(error) =>
							error instanceof Failure && error.code === 'command-failed' && /what is wrong/.test(error.why),
					);
					const abort = new AbortController();
					const lines: string[] = [];
					for await (const line of once('echo begun; sleep 60; echo over', abort.signal)) {
						lines.push(line);
						abort.abort();
					}

					assert.deepEqual(lines, ['begun']);
				},
			);

			await t.test('`down` removes the container and keeps the data', async () => {
				await collected(engine.operate('down', stack, {services: []}, never));
				await eventually(() => watching.containers().length === 0, 'it is gone');
				await operate('up');
				assert.equal(await sql('select i from kept'), '42');
			});

			await t.test('closing ends the watch', async () => {
				engine.close();
				await watching.ended;
			});
		});
	});
}

/** The containers as the watch tells of them. */
function watched(engine: Engine, project: string) {
	let state = initialState;
	const ended = (async () => {
		for await (const event of engine.watch(project, never)) {
			state = update(state, event);
		}
	})();
	return {
		known: () => state.known,
		containers: (): readonly Container[] => [...state.containers.values()],
		ended,
	};
}

async function run(
	engine: Engine,
	container: string,
	command: readonly string[],
	options: ExecuteOptions = {},
): Promise<{output: Buffer; exitCode: number; errors: string}> {
	return finished(await engine.execute(container, command, options, never));
}

function textsOf(lines: readonly LogLine[]): readonly string[] {
	return lines.map(({stream, text}) => `${stream}: ${text}`);
}
