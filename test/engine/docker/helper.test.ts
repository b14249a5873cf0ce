import assert from 'node:assert/strict';
import {test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {Connection} from '../../../src/engine/docker/connection.ts';
import {resolveEndpoint} from '../../../src/engine/docker/endpoint.ts';
import {openHelper} from '../../../src/engine/docker/helper.ts';
import {skipWithoutEngine} from '../../support/engine-available.ts';
import {docker} from '../../support/project.ts';

test(
	'a helper whose opening is cancelled, at whatever moment, leaves no container',
	{skip: skipWithoutEngine},
	async () => {
		const endpoint = await resolveEndpoint({environment: process.env});
		const connection = new Connection(endpoint, process.env);
		const volume = `mlstack-test-${process.pid}-helper`;
		await docker('volume', 'create', volume);
		try {
			const mount = {kind: 'volume', source: volume, readOnly: true} as const;
			for (const after of [0, 3, 6, 10, 15, 25, 40, 60, 100]) {
				const abort = new AbortController();
				const opening = openHelper(connection, 'busybox', [mount], abort.signal);
				await delay(after);
				abort.abort();
				await opening.then(
					async (helper) => helper.close(),
					() => undefined,
				);
			}

			assert.equal(await docker('ps', '-aq', '--filter', `volume=${volume}`), '');
		} finally {
			connection.close();
			await docker('volume', 'rm', '-f', volume);
		}
	},
);

test('a helper that was closed keeps no volume in use', {skip: skipWithoutEngine}, async () => {
	const endpoint = await resolveEndpoint({environment: process.env});
	const connection = new Connection(endpoint, process.env);
	const volume = `mlstack-test-${process.pid}-closed`;
	try {
		// It removes itself, and is removed: which of them is first is chance.
		for (let round = 0; round < 20; round++) {
			await docker('volume', 'create', volume);
			const mount = {kind: 'volume', source: volume, readOnly: true} as const;
			const helper = await openHelper(connection, 'busybox', [mount], new AbortController().signal);
			await helper.close();
			await connection.json('DELETE', `/volumes/${volume}`);
		}
	} finally {
		connection.close();
		await docker('volume', 'rm', '-f', volume);
	}
});
