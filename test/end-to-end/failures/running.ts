import assert from 'node:assert/strict';
import type {TestContext} from 'node:test';
import {mlflowImage} from '../../support/mlflow-image.ts';
import {docker, freePort, withProject} from '../../support/project.ts';
import {runningRows} from './running-rows.ts';
import {database, stack, tracking, withEnvironment} from './stacks.ts';
import {Witness} from './witness.ts';

/** A stack that works, and what befalls it, one after the other. */
export async function failWhileRunning(context: TestContext): Promise<void> {
	const place = {mlflow: await mlflowImage(), port: await freePort(), otherPort: await freePort()};
	const small = {command: ['postgres', '-c', 'fsync=off', '-c', 'max_connections=8'], shm_size: '8m'};
	const compose = stack(place, {
		postgres: {...database, ...small},
		mlflow: withEnvironment(tracking(place), {MLFLOW_ARTIFACTS_DESTINATION: '/mlartifacts'}),
	});
	await withProject(JSON.stringify(compose), async (project) => {
		const witness = await Witness.of(project);
		const scene = {...place, project, witness, defer: () => {}};
		try {
			await witness.up();
			await witness.works();
			await docker('stop', `${project.name}-mlflow-1`);
			await witness.shows([]);
			await docker('start', `${project.name}-mlflow-1`);
			await witness.works();
			await project.compose('restart');
			await witness.works();
			await witness.shows([]);
			assert.deepEqual([...witness.seen.values()], []);

			let isWell = true;
			for (const row of runningRows) {
				await context.test(row.what, {skip: !isWell}, async () => {
					isWell = false;
					await row.act(scene);
					const cards = await witness.shows(row.cards);
					assert.match(cards[0]?.title ?? '', row.title);
					assert.deepEqual([...witness.seen.keys()], row.cards);
					await row.heal(scene, cards);
					await witness.works();
					await witness.shows([]);
					witness.seen.clear();
					isWell = true;
				});
			}

			await project.compose('down');
			await witness.shows([]);
			assert.deepEqual([...witness.seen.values()], []);
		} finally {
			witness.close();
		}
	});
}
