import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {Timeline} from '../../src/stack/startup/start.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {mlflow1, mlflow2, olderMlflowImage, type OlderMlflow} from '../support/older-mlflow.ts';
import {docker, freePort, withProject} from '../support/project.ts';
import {step, told} from '../stack/startup/inputs.ts';
import type {Service} from './failures/row.ts';
import {sql, stack, uri} from './failures/stacks.ts';
import {Witness} from './failures/witness.ts';

const minutes = 60_000;

/** Versions that no other test starts, on a PostgreSQL each. */
const rows: readonly {
	readonly mlflow: OlderMlflow;
	readonly gunicorn: RegExp;
	readonly postgres: Service;
	readonly on: string;
}[] = [
	{mlflow: mlflow2, gunicorn: /^23\./, postgres: {}, on: 'PostgreSQL 18'},
	{
		mlflow: mlflow1,
		gunicorn: /^20\./,
		postgres: {image: 'postgres:17', volumes: ['data:/var/lib/postgresql/data']},
		on: 'PostgreSQL 17',
	},
];

const server = ['--host', '0.0.0.0', '--workers', '2', '--serve-artifacts'];

const trackingSteps = ['load done', 'listen done', 'workers done', 'answer done'];

describe('starts of older versions', {concurrency: 2, skip: skipWithoutEngine}, () => {
	for (const {mlflow, gunicorn, postgres, on} of rows) {
		test(
			`every start of MLflow ${mlflow.version} on ${on} is told step by step, and raises no card`,
			{timeout: 6 * minutes},
			async () => {
				const place = {mlflow: await olderMlflowImage(mlflow), port: await freePort(), otherPort: 0};
				const command = ['mlflow', 'server', '--backend-store-uri', uri, ...server];
				const compose = stack(place, {postgres, mlflow: {command, environment: {}}});
				await withProject(JSON.stringify(compose), async (project) => {
					const scene = {project};
					let witness = await Witness.of(project);
					/** The start that is over when MLflow works again. */
					const start = async (): Promise<Timeline> => {
						await witness.until('the start to be over', 3 * minutes, () => phaseOf(witness) === 'ready');
						await witness.works();
						await witness.shows([]);
						assert.deepEqual([...witness.seen.values()], []);
						return witness.store.getState().timeline;
					};
					try {
						// By somebody else, in another process.
						await project.compose('up', '--detach');
						const first = await start();
						assert.deepEqual(
							told(first).filter((each) => !each.startsWith('mlflow.')),
							['create done', 'postgres.initialise done', 'postgres.accept done'],
						);
						assert.deepEqual(ofMlflow(first), trackingSteps.toSpliced(1, 0, 'migrate done'));
						assert.match(step(first, 'migrate').detail, /^revision \d\d: \w/);
						assert.match(step(first, 'listen').detail, /^http:\/\/0\.0\.0\.0:5000$/);
						assert.equal(step(first, 'workers').detail, '2 booted');
						isInOrder(first);
						assert.match(
							await project.compose(
								'exec',
								'-T',
								'mlflow',
								'python',
								'-c',
								'import gunicorn; print(gunicorn.__version__)',
							),
							gunicorn,
						);

						// A crash of PostgreSQL with what only its log holds. Old MLflow creates its tables anew beside a stranger's.
						await sql(scene, 'CREATE TABLE crash AS SELECT generate_series(1, 200000) AS n', 'postgres');
						const database = `${project.name}-postgres-1`;
						await docker('kill', '--signal', 'KILL', database);
						await witness.until('the end of PostgreSQL', minutes, () =>
							witness.cards().some(({rule}) => rule !== 'exited'),
						);
						witness.seen.clear();
						const crashed = Date.now();
						await docker('start', database);
						await witness.until('the start to be over', minutes, () => {
							const {timeline} = witness.store.getState();
							return timeline.phase === 'ready' && (timeline.start ?? 0) > crashed - 1000;
						});
						const recovered = witness.store.getState().timeline;
						assert.deepEqual(told(recovered), [
							'postgres.initialise skipped',
							'postgres.recover done',
							'postgres.accept done',
						]);
						assert.match(step(recovered, 'recover').detail, /^replays its log after a crash/);
						isInOrder(recovered);
						await witness.works();
						await witness.shows([]);
						assert.equal(await sql(scene, 'SELECT count(*) FROM crash', 'postgres'), '200000');

						// By mlstack.
						await project.compose('down');
						await witness.shows([]);
						witness.seen.clear();
						await witness.up();
						const second = await start();
						assert.deepEqual(ofMlflow(second), trackingSteps.toSpliced(1, 0, 'migrate skipped'));
						isInOrder(second);

						if (mlflow !== mlflow2) {
							return;
						}

						// By somebody else, before mlstack is opened.
						witness.close();
						const restarted = Date.now();
						await docker('restart', `${project.name}-mlflow-1`);
						witness = await Witness.of(project);
						const third = await start();
						assert.deepEqual(ofMlflow(third), trackingSteps.toSpliced(1, 0, 'migrate skipped'));
						assert.ok((third.start ?? 0) > restarted - 1000);
						isInOrder(third);
					} finally {
						witness.close();
					}
				});
			},
		);
	}
});

const phaseOf = ({store}: Witness): Timeline['phase'] => store.getState().timeline.phase;

const ofMlflow = (timeline: Timeline): readonly string[] =>
	told(timeline)
		.filter((each) => each.startsWith('mlflow.'))
		.map((each) => each.replace('mlflow.', ''));

/** The steps lie within the start, and each has its time. */
function isInOrder(timeline: Timeline): void {
	const {start = Infinity, end = 0} = timeline;
	assert.ok(end > start);
	for (const {state, ...step} of [
		...timeline.stack,
		...Object.values(timeline.lanes).flatMap(({steps}) => steps),
	]) {
		// Two clocks tell the time: the engine's, and this machine's.
		assert.ok(
			state === 'skipped' ||
				((step.start ?? 0) >= start - 100 &&
					(step.end ?? Infinity) <= end + 100 &&
					(step.end ?? 0) >= (step.start ?? 0)),
			JSON.stringify(step),
		);
	}
}
