import assert from 'node:assert/strict';
import {test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {Controller} from '../../src/controller.ts';
import {LogBook} from '../../src/logs/book.ts';
import type {PruneResult} from '../../src/screen/prune-dialog.ts';
import {Store} from '../../src/store.ts';
import {FakeEngine} from '../support/fake-engine.ts';
import {FakeStorage} from '../support/fake-storage.ts';
import {aContainer} from '../support/stack.ts';
import {cacheRecord, facts, image, ownContainer, volume} from '../stack/prune-facts.ts';

const someFacts = facts({
	containers: [ownContainer('postgres', {status: 'running', volumes: ['kws_used']})],
	images: [
		image('kws-mlflow:latest', {project: 'kws', layers: [{id: 'l', size: 612_000_000}]}),
		image('', {id: 'sha256:dangling', project: 'kws', layers: [{id: 'm', size: 5_000_000}]}),
	],
	volumes: [
		volume('kws_old', {project: 'kws', size: 47_000_000, holds: 'PostgreSQL 17 data'}),
		volume('kws_used', {project: 'kws', size: 1}),
	],
	buildCache: [cacheRecord('pip', {size: 100})],
});

interface World {
	readonly storage: FakeStorage;
	readonly store: Store;
	readonly controller: Controller;
	/** Presses keys as a person does, and waits until what they begin has had its time. */
	readonly press: (...keys: readonly string[]) => Promise<void>;
	readonly kind: () => string | undefined;
	readonly result: () => PruneResult;
	readonly notice: () => string;
}

async function withScreen(
	body: (world: World) => Promise<void>,
	{storage = new FakeStorage(someFacts), interruption}: {storage?: FakeStorage; interruption?: string} = {},
): Promise<void> {
	const engine = Object.assign(new FakeEngine(aContainer('postgres')), {storage});
	const store = new Store(new LogBook());
	const controller = new Controller({
		store,
		engine: Promise.resolve(engine),
		openOther: async () => engine,
		// A file where a folder is wanted: no backup can be made here.
		request: {files: [], directory: '/', environment: {XDG_DATA_HOME: fileURLToPath(import.meta.url)}},
		browse: async () => true,
		probe: async (url) => ({at: 0, url, answers: true, works: true, word: 'works', why: ''}),
		redraw: () => {},
		page: async () => {},
		copy: async (text) => text,
		folder: '/',
		interruption: async () => interruption,
		history: {load: async () => ({}), save: async () => {}},
	});
	await controller.start();
	await delay(20);
	const dialog = () => store.getState().view.dialog;
	try {
		await body({
			storage,
			store,
			controller,
			press: async (...keys) => {
				for (const key of keys) {
					await delay(15);
					controller.press(key);
				}

				await delay(20);
			},
			kind: () => dialog()?.kind,
			result: () => {
				const open = dialog();
				assert.ok(open?.kind === 'prune-done');
				return open.result;
			},
			notice: () => store.getState().notice?.text ?? '',
		});
	} finally {
		controller.close();
	}
}

/** Until a question may be answered. */
const readable = async () => delay(320);

test('p opens the dialog at once, before the engine has answered, and what is slow comes later', async () => {
	const storage = Object.assign(new FakeStorage(someFacts), {slowness: 60});
	await withScreen(
		async ({store, controller}) => {
			const plan = () => {
				const {dialog} = store.getState().view;
				assert.ok(dialog?.kind === 'prune');
				return dialog.selection.plan;
			};
			controller.press('p');
			assert.equal(plan(), undefined);
			await delay(20);
			assert.equal(plan()?.complete, false);
			controller.press('down');
			await delay(100);
			assert.equal(plan()?.complete, true);
		},
		{storage},
	);
});

test('y removes exactly what was chosen, and what stayed is told with its reason', async () => {
	const storage = Object.assign(new FakeStorage(someFacts), {stubborn: ['kws-mlflow:latest']});
	await withScreen(
		async ({press, kind, result}) => {
			await press('p', 'a', 'enter');
			assert.equal(kind(), 'prune-confirm');
			await readable();
			await press('y');
			assert.deepEqual(storage.removed, ['dangling', 'RUN pip']);
			assert.deepEqual(result().outcome, {
				removed: ['image sha256:dangling', 'buildCache pip'],
				kept: [{key: 'image sha256:kws-mlflow:latest', name: 'kws-mlflow:latest', why: 'it is in use'}],
				bytes: 5_000_100,
			});
			assert.equal(result().cancelled, false);
			await readable();
			await press('enter');
			assert.equal(kind(), undefined);
		},
		{storage},
	);
});

test('without the backup that was agreed to nothing is removed', async () => {
	await withScreen(async ({storage, press, kind, result}) => {
		await press('p', 'end', 'up', 'space', 'enter');
		assert.equal(kind(), 'prune-type');
		await readable();
		await press('k', 'w', 's', 'enter');
		await delay(200);
		assert.deepEqual(storage.removed, []);
		assert.equal(result().backup, undefined);
		assert.match(result().failure.join('\n'), /^There is no backup, so nothing was removed\.\n.*ENOTDIR/s);
	});
});

test('with the backup declined the name removes the volume', async () => {
	await withScreen(async ({storage, press}) => {
		await press('p', 'n', 'end', 'up', 'space', 'enter');
		await readable();
		await press('tab', 'k', 'w', 's', 'enter');
		assert.deepEqual(storage.removed, ['kws_old']);
	});
});

test('x stops after what is at work, and says how much was not touched', async () => {
	const storage = Object.assign(new FakeStorage(someFacts), {slowness: 80});
	await withScreen(
		async ({press, kind, result}) => {
			await press('p');
			await delay(100);
			await press('a', 'enter');
			await readable();
			await press('y');
			assert.equal(kind(), 'work');
			await delay(100);
			await press('x');
			await delay(50);
			assert.equal(storage.removed.length, 1);
			assert.equal(result().cancelled, true);
			assert.equal(result().count - result().outcome.removed.length, 2);
		},
		{storage},
	);
});

test('a plan that nobody looks at is no longer made: after closing, and after a change of the scope', async () => {
	const storage = Object.assign(new FakeStorage(someFacts), {slowness: 60_000});
	await withScreen(
		async ({press, controller}) => {
			await press('p');
			assert.equal(storage.planning, 1);
			await press('s', 's', 's');
			assert.equal(storage.planning, 1);
			assert.deepEqual(storage.scopes, ['stack', 'engine', 'stack', 'engine']);
			await press('q');
			assert.equal(storage.planning, 0);
			await press('p');
			controller.close();
			await delay(20);
			assert.equal(storage.planning, 0);
		},
		{storage},
	);
});

test('an engine that fails says why in the dialog', async () => {
	const storage = Object.assign(new FakeStorage(someFacts), {failure: new Error('the daemon is busy')});
	await withScreen(
		async ({press, store}) => {
			await press('p');
			const {dialog} = store.getState().view;
			assert.ok(dialog?.kind === 'prune');
			assert.equal(dialog.selection.failure, 'the daemon is busy');
		},
		{storage},
	);
});

test('b says what stops a backup, and leaves its dialog', async () => {
	await withScreen(async ({press, kind, notice}) => {
		await press('b');
		await delay(200);
		assert.equal(kind(), undefined);
		assert.match(notice(), /ENOTDIR|cannot be written/);
	});
});

test('what was interrupted before is told when the stack is known', async () => {
	await withScreen(
		async ({notice}) => {
			assert.equal(notice(), 'A restore of kws was interrupted.');
		},
		{interruption: 'A restore of kws was interrupted.'},
	);
});
