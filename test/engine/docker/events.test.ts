import assert from 'node:assert/strict';
import {test} from 'node:test';
import {actions, isEnding, parseEvent} from '../../../src/engine/docker/events.ts';

const killed = (signal: string) =>
	parseEvent({
		Type: 'container',
		Action: 'kill',
		Actor: {ID: 'abc', Attributes: {signal, name: 'kws-mlflow-1'}},
		timeNano: 1_700_000_000_000_000_000,
	});

const signals: ReadonlyArray<readonly [name: string, signal: string, ends: boolean]> = [
	['SIGTERM', '15', true],
	['SIGINT, which stops PostgreSQL', '2', true],
	['SIGKILL', '9', true],
	['SIGHUP, which makes PostgreSQL read its configuration', '1', false],
	['SIGUSR1', '10', false],
];
for (const [name, signal, ends] of signals) {
	test(`a container that is sent ${name} ${ends ? 'is being stopped' : 'goes on'}`, () => {
		const event = killed(signal);
		assert.ok(event && actions.includes(event.action));
		assert.equal(isEnding(event), ends);
	});
}
