import assert from 'node:assert/strict';
import {createServer} from 'node:net';
import {hostname, tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {openDockerEngine} from '../../src/engine/docker/docker-engine.ts';
import {diskFacts} from '../../src/engine/environment/disk.ts';
import {portState} from '../../src/engine/environment/listening.ts';
import {createNativeEngine} from '../../src/engine/native/native-engine.ts';
import {examine} from '../../src/stack/environment/environment.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {docker, freePort, withProject} from '../support/project.ts';
import {aService, aStack} from '../support/stack.ts';
import {fakeDocker} from './docker/fake-docker.ts';

const published = (port: number) => [{address: '127.0.0.1', published: port, target: 80, protocol: 'tcp'}];

async function withListener(body: (port: number) => Promise<void>): Promise<void> {
	const server = createServer();
	await new Promise<void>((resolve) => {
		server.listen({host: '127.0.0.1', port: 0}, resolve);
	});
	const address = server.address();
	try {
		await body(typeof address === 'object' && address ? address.port : 0);
	} finally {
		await new Promise((resolve) => {
			server.close(resolve);
		});
	}
}

test('a port on which something listens is taken, and free when it has gone', async () => {
	let was = 0;
	await withListener(async (port) => {
		was = port;
		assert.equal(await portState(port), 'taken');
	});
	assert.equal(await portState(was), 'free');
});

test('a folder that is still to be made has the room of the one that it will be in', async () => {
	const there = await diskFacts('project', tmpdir());
	const later = await diskFacts('project', join(tmpdir(), 'mlstack-test-not-there', 'below'));
	assert.ok((there.free ?? 0) > 0);
	assert.ok(Math.abs((later.free ?? 0) - (there.free ?? 0)) < 1e9);
	assert.equal(later.path, join(tmpdir(), 'mlstack-test-not-there', 'below'));
});

test('without an engine that is what is told, and the rest is left out', async (t) => {
	// Whether this machine has a docker command of its own is another thing.
	const {environment} = fakeDocker(t, 'echo v2.40.3');
	const engine = await openDockerEngine({
		kind: 'docker',
		host: `unix://${join(tmpdir(), 'mlstack-test-no.sock')}`,
		environment,
	});
	try {
		const facts = await engine.environment(aStack());
		assert.equal(facts.away?.reason, 'noEngine');
		assert.equal(facts.engine, undefined);
		assert.deepEqual(
			examine(facts).map(({check}) => check),
			['engine-away'],
		);
	} finally {
		engine.close();
	}
});

test('the native engine tells of this machine, and whose its ports are', async (t) => {
	const engine = createNativeEngine({environment: {HOME: join(tmpdir(), 'mlstack-test-no-home')}});
	t.after(() => engine.close());
	await withListener(async (port) => {
		const stack = aStack({origin: 'own', services: [aService('mlflow', {ports: published(port)})]});
		const facts = await engine.environment(stack);
		const [taken] = facts.ports;
		assert.deepEqual([taken?.service, taken?.port, taken?.state], ['mlflow', port, 'taken']);
		assert.match(taken?.owner ?? '', new RegExp(`\\(process ${process.pid}\\)$`));
		assert.ok((facts.disks[0]?.free ?? 0) > 0);
		assert.ok(examine(facts).some(({check, severity}) => check === 'port-moves' && severity === 'advice'));
	});
});

test(
	'a real engine: whose ports are, what is free, which image, whose clock',
	{skip: skipWithoutEngine},
	async () => {
		const text = (port: number) => `
services:
  mlflow:
    image: busybox
    init: true
    stop_grace_period: 0s
    command: [sleep, infinity]
    ports: ["127.0.0.1:${port}:80"]
`;
		const port = await freePort();
		await withProject(text(port), async (project) => {
			await project.compose('up', '-d');
			const engine = await openDockerEngine({kind: 'docker', environment: process.env});
			try {
				const mine = await engine.resolve({
					files: [project.file],
					project: project.name,
					directory: project.folder,
					environment: process.env,
				});
				const facts = await engine.environment(mine);
				assert.deepEqual(facts.ports, [{service: 'mlflow', port, state: 'ours'}]);
				assert.equal(facts.images[0]?.service, 'mlflow');
				assert.ok(facts.tools?.compose);
				assert.ok(Math.abs(facts.clock?.ahead ?? Number.NaN) < 60_000);
				const isHere = (await docker('info', '--format', '{{.Name}}')) === hostname();
				assert.equal(facts.disks.find(({place}) => place === 'engine')?.free !== undefined, isHere);

				const {ports} = await engine.environment({...mine, project: 'mlstack-test-another'});
				assert.deepEqual(ports, [
					{
						service: 'mlflow',
						port,
						state: 'taken',
						owner: `the container ${project.name}-mlflow-1 of the project ${project.name}`,
					},
				]);
			} finally {
				engine.close();
			}
		});
	},
);
