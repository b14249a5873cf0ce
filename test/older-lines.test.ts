import assert from 'node:assert/strict';
import {test} from 'node:test';
import {LogBook} from '../src/logs/book.ts';
import type {Container} from '../src/stack/model.ts';
import {Store} from '../src/store.ts';
import {Streams} from '../src/streams.ts';
import {FakeEngine} from './support/fake-engine.ts';
import {aContainer, aStack, now, someLines} from './support/stack.ts';

const pane = {columns: 80, rows: 10, wrap: false};
const id = 'id-mlflow';

async function until(what: () => boolean, why: string): Promise<void> {
	for (let tries = 0; !what(); tries++) {
		assert.ok(tries < 500, why);
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}

interface Reader {
	readonly store: Store;
	readonly engine: FakeEngine;
	readonly texts: () => readonly string[];
	readonly goTo: (where: 'start' | 'end') => void;
}

/** A store whose logs are read from an engine that holds so many lines; `limit`: lines held in memory. */
async function withReader(
	lines: number,
	limit: number,
	body: (reader: Reader) => Promise<void>,
	containers: readonly Container[] = [aContainer('mlflow')],
): Promise<void> {
	const engine = new FakeEngine(...containers);
	for (const [place, {id}] of containers.entries()) {
		engine.log(id, ...someLines(lines, place === 0 ? 'line' : `line of ${place + 1}:`));
	}

	const book = new LogBook({lines: limit});
	const store = new Store(book, {}, now);
	const health = {url: '', answers: false, works: false, word: '', why: '', at: now};
	const streams = new Streams(store, engine, async () => Promise.resolve(health));
	const unsubscribe = store.subscribe(() => streams.sync());
	try {
		store.dispatch({type: 'stack', stack: aStack()});
		store.dispatch({
			type: 'engine-event',
			event: {type: 'snapshot', at: now, containers},
		});
		await body({
			store,
			engine,
			texts: () => book.window(store.getState().view, pane).rows.map(({text}) => text),
			goTo(where) {
				const {view} = store.getState();
				store.dispatch({
					type: 'view',
					view: {
						...view,
						position: where === 'end' ? {follow: true} : book.scrolled(view, pane, 'start'),
					},
				});
			},
		});
	} finally {
		unsubscribe();
		streams.stop();
	}
}

test('at the start of what is held the lines before are read, and the place is held', async () => {
	await withReader(2500, 50_000, async ({texts, goTo, store, engine}) => {
		await until(() => texts().includes('line 2500'), 'the newest lines');
		const total = () => store.book.window(store.getState().view, pane).total;
		assert.equal(total(), 1000);
		goTo('start');
		assert.equal(texts()[0], 'line 1501');
		await until(() => total() === 2000, 'a page of older lines');
		assert.equal(texts()[0], 'line 1501');
		goTo('start');
		await until(() => total() === 2500, 'the rest');
		goTo('start');
		assert.equal(texts()[0], 'line 1');
		const requests = engine.logRequests.length;
		goTo('start');
		await new Promise((resolve) => setTimeout(resolve, 20));
		assert.equal(engine.logRequests.length, requests, 'nobody asks for what is not there');
	});
});

test('what came while a reader was back is read when he returns, each line once', async () => {
	await withReader(1000, 1000, async ({texts, goTo, store, engine}) => {
		await until(() => texts().includes('line 1000'), 'the newest lines');
		goTo('start');
		assert.equal(texts()[0], 'line 1');
		engine.log(id, ...someLines(400, 'later', now + 5000));
		const window = () => store.book.window(store.getState().view, pane);
		await until(() => window().below === 1390, 'the lines that were left out are counted');
		assert.equal(texts()[0], 'line 1');
		goTo('end');
		await until(() => texts().includes('later 400'), 'what was left out');
		const all = window();
		assert.equal(all.total, 1000);
		assert.equal(all.dropped, 400);
		engine.log(id, ...someLines(1, 'after', now + 9000));
		await until(() => texts().includes('after 1'), 'the log goes on');
		assert.equal(window().dropped, 401);
	});
});

test('of much that came while a reader was back only what can be held is read', async () => {
	await withReader(1000, 1000, async ({texts, goTo, store, engine}) => {
		await until(() => texts().includes('line 1000'), 'the newest lines');
		goTo('start');
		engine.log(id, ...someLines(3000, 'later', now + 5000));
		const window = () => store.book.window(store.getState().view, pane);
		await until(() => window().below === 3990, 'the lines that were left out are counted');
		goTo('end');
		await until(() => texts().includes('later 3000'), 'the end');
		assert.deepEqual(engine.logRequests.at(-1), {container: id, follow: true, tail: 1000});
		assert.deepEqual([window().total, window().dropped], [1000, 3000]);
		engine.log(id, ...someLines(1, 'after', now + 9000));
		await until(() => texts().includes('after 1'), 'the log goes on');
		goTo('start');
		await until(() => texts()[0] === 'later 2002', 'the start of what is held');
		await until(() => window().dropped === 2001, 'older lines, which push the newest out');
	});
});

test('the end of a run that came while a reader was back is a rule when he returns', async () => {
	await withReader(1000, 1000, async ({texts, goTo, store, engine}) => {
		await until(() => texts().includes('line 1000'), 'the newest lines');
		goTo('start');
		engine.log(id, ...someLines(10, 'later', now + 5000));
		const window = () => store.book.window(store.getState().view, pane);
		await until(() => window().below === 1000, 'the lines that were left out are counted');
		const container = aContainer('mlflow', {
			status: 'exited',
			startedAt: now,
			finishedAt: now + 6000,
			exitCode: 3,
		});
		engine.set(container);
		store.dispatch({type: 'engine-event', event: {type: 'container', at: now, container}});
		await until(() => window().below === 1001, 'the rule is among them');
		goTo('end');
		await until(() => texts().includes('kws-mlflow-1 exited (3)'), 'the rule');
		assert.deepEqual(texts().slice(-2), ['later 10', 'kws-mlflow-1 exited (3)']);
	});
});

const replicas = [aContainer('mlflow'), aContainer('mlflow', {id: 'id-mlflow-2', number: 2})];

test('of a service with two containers the older lines of both are read, in time order', async () => {
	await withReader(
		2500,
		50_000,
		async ({texts, goTo, store}) => {
			const total = () => store.book.window(store.getState().view, pane).total;
			await until(() => total() === 2000, 'the newest lines of both');
			store.dispatch({type: 'view', view: {...store.getState().view, allLogs: false, selected: 'mlflow'}});
			assert.equal(total(), 2000);
			for (const expected of [4000, 5000]) {
				goTo('start');
				await until(() => total() === expected, `${expected} lines`);
			}

			goTo('start');
			assert.deepEqual(texts().slice(0, 4), ['line 1', 'line of 2: 1', 'line 2', 'line of 2: 2']);
		},
		replicas,
	);
});

test('of a service with two containers nothing is lost or doubled while a reader is back', async () => {
	await withReader(
		1000,
		1000,
		async ({texts, goTo, store, engine}) => {
			const window = () => store.book.window(store.getState().view, pane);
			await until(() => window().total === 2000, 'the newest lines of both');
			goTo('start');
			for (const {id} of replicas) {
				engine.log(id, ...someLines(400, `later of ${id}`, now + 5000));
			}

			await until(() => window().below === 2790, 'the lines that were left out are counted');
			goTo('end');
			await until(() => texts().includes('later of id-mlflow-2 400'), 'what was left out');
			await until(() => window().dropped === 800, 'no line comes twice');
			assert.equal(window().total, 2000);
		},
		replicas,
	);
});

test('the end of a run is a rule between its last line and the first one of the next', async () => {
	await withReader(2, 100, async ({texts, store, engine}) => {
		await until(() => texts().includes('line 2'), 'the first run');
		const tell = (change: Partial<Container>) => {
			const container = aContainer('mlflow', change);
			engine.set(container);
			store.dispatch({type: 'engine-event', event: {type: 'container', at: now, container}});
		};
		const finishedAt = now + 50;
		tell({status: 'exited', startedAt: now, finishedAt, exitCode: 3});
		tell({startedAt: now + 100});
		engine.log(id, ...someLines(1, 'written before the end', now + 50));
		engine.log(id, ...someLines(1, 'second run', now + 200));
		await until(() => texts().includes('second run 1'), 'the second run');
		assert.deepEqual(texts(), [
			'line 1',
			'line 2',
			'written before the end 1',
			'kws-mlflow-1 exited (3)',
			'second run 1',
		]);
	});
});
