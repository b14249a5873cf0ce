import assert from 'node:assert/strict';
import type {TestContext} from 'node:test';
import {watchProject} from '../../../src/engine/docker/watch.ts';
import type {Container, ContainerChange, StackEvent} from '../../../src/stack/model.ts';
import type {Harness} from '../../support/docker-harness.ts';
import {Recorder} from '../../support/recorder.ts';

type EventOf<Type extends StackEvent['type']> = Extract<StackEvent, {type: Type}>;

/** For `Recorder.find`. */
export function isA<Type extends StackEvent['type']>(
	type: Type,
): (event: StackEvent) => event is EventOf<Type> {
	return (event): event is EventOf<Type> => event.type === type;
}

/** Watches the project until the test ends. */
export function watch(t: TestContext, {connection, project}: Harness): Recorder<StackEvent> {
	const abort = new AbortController();
	t.after(() => abort.abort());
	return new Recorder(watchProject(connection, project, abort.signal));
}

export async function snapshotOf(events: Recorder<StackEvent>): Promise<readonly Container[]> {
	return (await events.find(isA('snapshot'))).containers;
}

/** The next change that says this much, and where it stands. */
export async function changed(
	events: Recorder<StackEvent>,
	id: string,
	expected: ContainerChange,
	from = 0,
): Promise<{change: ContainerChange; index: number}> {
	const event = await events.find(
		(each) =>
			each.type === 'change' &&
			each.id === id &&
			Object.entries(expected).every(([name, value]) => each.change[name as keyof ContainerChange] === value),
		from,
	);
	assert.ok(event.type === 'change');
	return {change: event.change, index: events.values.indexOf(event)};
}

/** The container as it was inspected after that point, when it is as expected. */
export async function inspected(
	events: Recorder<StackEvent>,
	id: string,
	expected: Partial<Container>,
	from = 0,
): Promise<Container> {
	const event = await events.find(
		(each) =>
			each.type === 'container' &&
			each.container.id === id &&
			Object.entries(expected).every(([name, value]) => each.container[name as keyof Container] === value),
		from,
	);
	assert.ok(event.type === 'container');
	return event.container;
}
