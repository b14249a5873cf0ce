import assert from 'node:assert/strict';
import {test} from 'node:test';
import * as fc from 'fast-check';
import type {StackInput} from '../../../src/stack/startup/input.ts';
import {stepsOf} from '../../../src/stack/startup/start.ts';
import {placeOf} from '../../../src/stack/startup/steps.ts';
import {update} from '../../../src/stack/startup/timeline.ts';
import {appears, changes, known, lines, probed, reports, said} from './inputs.ts';

const word = fc.constantFrom('postgres', 'mlflow', 'minio');
const time = fc.integer({min: 0, max: 100_000});
const anyInput: fc.Arbitrary<StackInput> = fc.oneof(
	fc.record({
		type: fc.constant('begin' as const),
		at: time,
		operation: fc.constantFrom('up', 'down', 'restart', 'stop', 'start'),
		services: fc.subarray(['postgres', 'mlflow']),
	}),
	fc.record({
		type: fc.constant('end' as const),
		at: time,
		operation: fc.constant('up' as const),
		failure: fc.constantFrom('it failed', ''),
	}),
	fc.record({type: fc.constant('end' as const), at: time, operation: fc.constant('up' as const)}),
	fc
		.tuple(time, word, fc.constantFrom('created', 'running', 'exited', 'restarting'))
		.map(([at, service, status]) => appears(at, service, {status, startedAt: at, exitCode: 1})),
	fc
		.tuple(time, word, fc.constantFrom('healthy', 'unhealthy', 'starting'))
		.map(([at, service, health]) => changes(at, service, {health})),
	fc.tuple(time, word).map(([at, service]): StackInput => ({
		type: 'event',
		event: {type: 'removed', at, id: `${service}-id`},
	})),
	fc
		.tuple(time, fc.constantFrom('works', 'database down', 'no answer'))
		.map(([at, word]) => probed(at, word)),
	fc
		.tuple(
			time,
			fc.constantFrom('pull', 'layer', 'build', 'network', 'container'),
			fc.constantFrom('Downloading', 'Creating', 'Starting', 'Built'),
			fc.constantFrom('working', 'done', 'failed'),
		)
		.map(([at, kind, status, state]) => reports(at, kind, 'x', status, {state, current: at, total: 9})),
	fc
		.constantFrom(
			...['mlflow-3.17.2-waits-for-database', 'postgres-18-first-start', 'mlflow-3.1.4-first-start'].flatMap(
				lines,
			),
		)
		.chain((input) =>
			time.map((at) => (input.type === 'line' ? said(at, input.line.service, input.line.text) : input)),
		),
);

test('whatever comes, in any order, a service does one thing at a time and no step ends before it began', () => {
	fc.assert(
		fc.property(fc.array(anyInput, {maxLength: 60}), (inputs) => {
			let timeline = known;
			for (const input of inputs) {
				timeline = update(timeline, input);
				for (const {steps} of Object.values(timeline.lanes)) {
					assert.ok(steps.filter(({state}) => state === 'working').length <= 1);
				}

				for (const {id, state, start, end} of stepsOf(timeline)) {
					assert.equal(start !== undefined, ['working', 'done', 'failed'].includes(state), `${id} ${state}`);
					assert.equal(end !== undefined, ['done', 'failed'].includes(state), `${id} ${state}`);
					assert.ok((end ?? Infinity) >= (start ?? 0));
				}

				for (const steps of [timeline.stack, ...Object.values(timeline.lanes).map((lane) => lane.steps)]) {
					const places = steps.map(({id}) => placeOf(id));
					assert.deepEqual(
						places,
						[...new Set(places)].sort((a, b) => a - b),
					);
				}

				assert.equal(timeline.end !== undefined, ['ready', 'failed'].includes(timeline.phase));
			}
		}),
	);
});
