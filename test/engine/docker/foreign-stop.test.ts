import assert from 'node:assert/strict';
import {test} from 'node:test';
import {openEngine} from '../../../src/engine/open.ts';
import {cards} from '../../../src/stack/diagnosis/cards.ts';
import {update} from '../../../src/stack/diagnosis/diagnosis.ts';
import {initialDiagnosis} from '../../../src/stack/diagnosis/state.ts';
import type {StackEvent} from '../../../src/stack/model.ts';
import {skipWithoutEngine} from '../../support/engine-available.ts';
import {docker, withProject} from '../../support/project.ts';

/** Two services that take no notice of SIGTERM, so that the engine kills them: exit code 137. */
const deaf = `
x-deaf: &deaf
  image: busybox
  stop_grace_period: 1s
  command: ["sleep", "600"]
services:
  postgres: {<<: *deaf, labels: {mlstack.role: database}}
  mlflow: {<<: *deaf, labels: {mlstack.role: tracking}}
`;

test(
	'a stack that somebody stops with docker or compose raises no card',
	{skip: skipWithoutEngine},
	async () => {
		await withProject(deaf, async (project) => {
			await project.compose('up', '--detach');
			const engine = await openEngine({kind: 'docker', environment: process.env});
			const stop = new AbortController();
			const events: StackEvent[] = [];
			const watching = (async () => {
				for await (const event of engine.watch(project.name, stop.signal)) {
					events.push(event);
				}
			})();
			try {
				while (!events.some(({type}) => type === 'container')) {
					await new Promise((resolve) => setTimeout(resolve, 50));
				}

				await docker('stop', `${project.name}-mlflow-1`);
				await project.compose('stop');
				const ended = () =>
					events.filter((event) => event.type === 'container' && event.container.exitCode === 137).length;
				while (ended() < 2) {
					await new Promise((resolve) => setTimeout(resolve, 50));
				}

				const seen = events.reduce(
					(diagnosis, event) => update(diagnosis, {type: 'event', event}),
					initialDiagnosis,
				);
				assert.deepEqual(cards(update(seen, {type: 'time', at: Date.now() + 60_000})), []);
				const unasked = events.filter(({type}) => type !== 'kill');
				const without = unasked.reduce(
					(diagnosis, event) => update(diagnosis, {type: 'event', event}),
					initialDiagnosis,
				);
				assert.equal(cards(update(without, {type: 'time', at: Date.now() + 60_000})).length, 2);
			} finally {
				stop.abort();
				await watching;
				engine.close();
			}
		});
	},
);
