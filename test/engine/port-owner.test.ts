import assert from 'node:assert/strict';
import {once} from 'node:events';
import {createServer} from 'node:net';
import {basename} from 'node:path';
import {test} from 'node:test';
import {listeningSockets, lsofOwner, processOnPort} from '../../src/engine/port-process.ts';
import {openEngine} from '../../src/engine/open.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {freePort, withProject} from '../support/project.ts';

const never = new AbortController().signal;

/** Lines of a real /proc/net/tcp: PostgreSQL listens on 5432, MLflow's client is connected to 5000, sshd listens on 22. */
const table = `
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000   999        0 81234 1 0000000000000000 100 0 0 10 0
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 20011 1 0000000000000000 100 0 0 10 0
   2: 0100007F:1388 0100007F:B1A2 01 00000000:00000000 00:00000000 00000000  1000        0 90001 1 0000000000000000 20 4 30 10 -1
`;

test('of a table of sockets only those count that listen on the port', () => {
	assert.deepEqual(listeningSockets(table, 5432), [{inode: '81234', user: '999'}]);
	assert.deepEqual(listeningSockets(table, 22), [{inode: '20011', user: '0'}]);
	assert.deepEqual(listeningSockets(table, 5000), []);
	assert.deepEqual(listeningSockets('', 22), []);
});

test('lsof names the process, and the one behind AirPlay by what it is for', () => {
	assert.equal(lsofOwner('p4711\ncgunicorn\nf5\n'), 'gunicorn (process 4711)');
	assert.equal(lsofOwner('p612\ncControlCe\nf9\n'), 'the AirPlay Receiver of macOS');
	assert.equal(lsofOwner(''), undefined);
});

test('a process of this machine is found by the port that it listens on', async () => {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	assert.ok(typeof address === 'object' && address !== null);
	try {
		const owner = await processOnPort(address.port, never);
		assert.match(
			owner ?? '',
			new RegExp(`^(?:${basename(process.execPath)}|\\S+).*\\(process ${process.pid}\\)$`),
		);
	} finally {
		server.close();
	}

	await once(server, 'close');
	assert.equal(await processOnPort(address.port, never), undefined);
});

test(
	'a container of the engine is found by the port that it publishes',
	{skip: skipWithoutEngine},
	async () => {
		const port = await freePort();
		const yaml = `
services:
  web:
    image: busybox
    init: true
    stop_grace_period: 1s
    command: ["sleep", "600"]
    ports: ["127.0.0.1:${port}:80"]
`;
		await withProject(yaml, async (project) => {
			await project.compose('up', '--detach');
			const engine = await openEngine({kind: 'docker', environment: process.env});
			try {
				assert.equal(
					await engine.portOwner(port, never),
					`the container ${project.name}-web-1 of the project ${project.name}`,
				);
			} finally {
				engine.close();
			}
		});
	},
);
