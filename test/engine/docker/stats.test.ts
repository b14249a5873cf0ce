import assert from 'node:assert/strict';
import {test, type TestContext} from 'node:test';
import {parseReading, readStats} from '../../../src/engine/docker/stats.ts';
import {Failure} from '../../../src/failure.ts';
import {engines, type Harness, openFakeHarness} from '../../support/docker-harness.ts';
import {Recorder} from '../../support/recorder.ts';

const noAbort = new AbortController().signal;

for (const {name, skip, open} of engines) {
	const harness = async (t: TestContext): Promise<Harness> => {
		const opened = await open();
		t.after(async () => opened.close());
		return opened;
	};

	test(`${name}: a running container is sampled until it stops`, {skip}, async (t) => {
		const engine = await harness(t);
		const id = await engine.create('mlflow');
		await engine.start(id);
		const samples = new Recorder(readStats(engine.connection, id, noAbort));
		const sample = await samples.find(() => true);
		assert.ok(Math.abs(sample.at - Date.now()) < 60_000);
		assert.ok(sample.cpu >= 0 && sample.cpu < 10_000);
		assert.ok(sample.memory > 0 && sample.memory < sample.memoryLimit);
		assert.ok((sample.received ?? -1) >= 0 && (sample.sent ?? -1) >= 0);
		await engine.kill(id);
		await samples.ended;
	});

	test(`${name}: an abort ends the samples quietly`, {skip}, async (t) => {
		const engine = await harness(t);
		const id = await engine.create('mlflow');
		await engine.start(id);
		const abort = new AbortController();
		const samples = new Recorder(readStats(engine.connection, id, abort.signal));
		abort.abort();
		await samples.ended;
	});

	test(`${name}: a container that is not there is a failure`, {skip}, async (t) => {
		const engine = await harness(t);
		const samples = new Recorder(readStats(engine.connection, 'mlstack-test-nowhere', noAbort));
		await assert.rejects(samples.ended, (error) => error instanceof Failure && error.code === 'not-found');
	});
}

test('readings cut anywhere are whole, and the first is left out', async (t) => {
	const engine = await openFakeHarness();
	t.after(async () => engine.close());
	const container = engine.server.create({name: 'x'});
	container.start();
	engine.server.faults.push({path: /\/stats$/, pieces: 7});
	const samples = new Recorder(readStats(engine.connection, container.id, noAbort));
	const {at, ...first} = await samples.find(() => true);
	assert.equal(typeof at, 'number');
	assert.deepEqual(first, {
		cpu: 50,
		memory: 50 * 1024 * 1024,
		memoryLimit: 8_000_000_000,
		received: 1001,
		sent: 12,
	});
	container.end(0);
	await samples.ended;
});

test('readings that break off are a failure', async (t) => {
	const engine = await openFakeHarness();
	t.after(async () => engine.close());
	const container = engine.server.create({name: 'x'});
	container.start();
	engine.server.faults.push({path: /\/stats$/, cutAfter: 900});
	const samples = new Recorder(readStats(engine.connection, container.id, noAbort));
	await assert.rejects(samples.ended, (error) => error instanceof Failure && error.reason === 'noEngine');
});

/** As the engine of cgroup v1 sends it (Docker Engine 28.5), shortened. */
const reading = {
	read: '2026-11-24T05:38:57.947659611Z',
	cpu_stats: {
		cpu_usage: {total_usage: 26_219_065, percpu_usage: [16_093_869, 10_125_196]},
		system_cpu_usage: 2_215_140_000_000,
		online_cpus: 2,
	},
	precpu_stats: {
		cpu_usage: {total_usage: 6_119_065},
		system_cpu_usage: 2_213_130_000_000,
		online_cpus: 2,
	},
	memory_stats: {
		usage: 438_272,
		limit: 25_276_510_208,
		stats: {total_inactive_file: 38_272, inactive_file: 1},
	},
	networks: {eth0: {rx_bytes: 502, tx_bytes: 84}},
};

test('a reading counts as docker stats does', () => {
	assert.deepEqual(parseReading(reading), {
		at: Date.parse('2026-11-24T05:38:57.947Z'),
		cpu: 2,
		memory: 400_000,
		memoryLimit: 25_276_510_208,
		received: 502,
		sent: 84,
	});
});

const variants: readonly [what: string, changes: object, expected: object][] = [
	[
		'cgroup v2 names the cache inactive_file',
		{memory_stats: {usage: 1000, limit: 5000, stats: {inactive_file: 300}}},
		{memory: 700, memoryLimit: 5000},
	],
	[
		'a cache larger than the usage is not taken off',
		{memory_stats: {usage: 1000, limit: 5000, stats: {inactive_file: 3000}}},
		{memory: 1000},
	],
	[
		'without online_cpus the processors are counted',
		{cpu_stats: {...reading.cpu_stats, online_cpus: undefined}},
		{cpu: 2},
	],
	['a container without a network has sent nothing', {networks: undefined}, {received: 0, sent: 0}],
	[
		'a counter that went back is no use at all',
		{cpu_stats: {...reading.cpu_stats, cpu_usage: {total_usage: 1}}},
		{cpu: 0},
	],
];

for (const [what, changes, expected] of variants) {
	test(`stats: ${what}`, () => {
		const sample = parseReading({...reading, ...changes});
		assert.ok(sample !== undefined);
		assert.deepEqual({...sample, ...expected}, sample);
	});
}

test('the first reading, which has none before it, is no sample', () => {
	assert.equal(parseReading({...reading, precpu_stats: {cpu_usage: {total_usage: 0}}}), undefined);
	assert.equal(parseReading({}), undefined);
	assert.equal(parseReading('text'), undefined);
});
