import assert from 'node:assert/strict';
import {test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {dashboardLayout} from '../src/screen/dashboard.ts';
import {activeLog} from '../src/screen/log-readings.ts';
import type {OperationKind} from '../src/stack/model.ts';
import type {Store} from '../src/store.ts';
import {endless, settled, withController} from './support/controller.ts';
import {aContainer, aStack, someLines, ports} from './support/stack.ts';
import {freePort} from './support/project.ts';

test('down asks; y takes down what was named, and never the volumes', async () => {
	await withController({}, async ({engine, store, press, notice}) => {
		let volumes: boolean | undefined;
		engine.onOperate = (_kind, request) => {
			volumes = request.volumes;
			return [];
		};
		await press('d');
		const {dialog} = store.getState().view;
		assert.ok(dialog?.kind === 'confirm');
		assert.match(dialog.lines.join(' '), /kws-postgres-1, kws-mlflow-1 Volumes are kept/);
		await press('n');
		assert.deepEqual(engine.operations, []);
		await press('d');
		await delay(350);
		await press('y');
		assert.deepEqual(engine.operations, ['down']);
		assert.notEqual(volumes, true);
		assert.match(notice(), /kws taken down/);
	});
});

test('a y that was typed ahead of the question does not answer it', async () => {
	await withController({}, async ({engine, store, press}) => {
		await press('d', 'y', 'y');
		assert.deepEqual(engine.operations, []);
		assert.equal(store.getState().view.dialog?.kind, 'confirm');
	});
});

test('a y that is held down does not answer the question; one that is pressed afterwards does', async () => {
	await withController({}, async ({engine, store, press}) => {
		await press('d', 'y');
		await delay(400);
		await press('y');
		assert.deepEqual(engine.operations, []);
		assert.equal(store.getState().view.dialog?.kind, 'confirm');
		await delay(900);
		await press('y');
		assert.deepEqual(engine.operations, ['down']);
	});
});

test('a second operation is refused with the reason while one is at work', async () => {
	await withController({}, async ({engine, press, notice}) => {
		engine.onOperate = endless;
		await press('u');
		await press('u');
		assert.deepEqual(engine.operations, ['up']);
		assert.match(notice(), /`up` is still at work; x cancels it/);
	});
});

test('q during an operation asks first; n goes on, y leaves', async () => {
	await withController({}, async ({engine, store, press, controller}) => {
		engine.onOperate = endless;
		let ended = false;
		void controller.ended.then(() => {
			ended = true;
		});
		await press('u');
		await press('q');
		assert.equal(store.getState().view.dialog?.kind, 'confirm');
		assert.equal(ended, false);
		await press('n');
		assert.equal(ended, false);
		await press('q');
		await delay(350);
		await press('y');
		assert.equal(ended, true);
	});
});

test('q at rest leaves at once, and touches nothing', async () => {
	await withController({}, async ({engine, press, controller}) => {
		await press('q');
		await controller.ended;
		assert.deepEqual(engine.operations, []);
	});
});

const byService: ReadonlyArray<readonly [key: string, status: 'running' | 'exited', operation: string]> = [
	['r', 'running', 'restart postgres'],
	['s', 'running', 'stop postgres'],
	['s', 'exited', 'start postgres'],
];
for (const [key, status, operation] of byService) {
	test(`${key} on a service that is ${status}: ${operation}`, async () => {
		await withController({containers: [aContainer('postgres', {status})]}, async ({engine, press}) => {
			await press(key);
			assert.deepEqual(engine.operations, [operation]);
		});
	});
}

test('v verifies in a dialog: what stands in the way is told under its step, and esc closes it', async () => {
	const [port] = ports.mlflow;
	const silent = aContainer('mlflow', {ports: [{...port, published: await freePort()}]});
	await withController({containers: [aContainer('postgres'), silent]}, async ({store, press}) => {
		await press('v');
		for (let tries = 0; tries < 100 && !isVerified(store); tries++) {
			await settled();
		}

		const {dialog} = store.getState().view;
		assert.ok(dialog?.kind === 'verify' && dialog.verification.isOver);
		assert.equal(dialog.verification.steps[0]?.failure?.code, 'mlflow-not-ready');
		await press('u', 'escape');
		assert.equal(store.getState().view.dialog, undefined);
	});
});

test('v says why it does nothing while no MLflow server runs', async () => {
	const containers = [aContainer('postgres'), aContainer('mlflow', {status: 'exited'})];
	await withController({containers}, async ({store, press, notice}) => {
		await press('v');
		assert.match(notice(), /v \(verify\) does nothing now: no MLflow server runs; u starts the stack/);
		assert.equal(store.getState().view.dialog, undefined);
	});
});

function isVerified(store: Store): boolean {
	const {dialog} = store.getState().view;
	return dialog?.kind === 'verify' && dialog.verification.isOver;
}

test('o opens the address where MLflow answers, and says it too', async () => {
	await withController({}, async ({opened, press, notice}) => {
		await press('o');
		assert.deepEqual(opened, ['http://localhost:5000']);
		assert.match(notice(), /opened http:\/\/localhost:5000/);
	});
});

test('o says when nothing listens there yet, and opens nothing', async () => {
	await withController({answers: false}, async ({opened, press, notice}) => {
		await press('o');
		assert.deepEqual(opened, []);
		assert.match(notice(), /http:\/\/localhost:5000: nothing to open yet, no answer/);
	});
});

test('an operation that fails says what happened and what to do; the next key takes it away', async () => {
	await withController({}, async ({engine, store, press, notice}) => {
		engine.onOperate = (kind: OperationKind) => {
			throw new Error(`${kind} broke`);
		};
		await press('u');
		assert.match(notice(), /up broke/);
		assert.equal(store.getState().notice?.level, 'error');
		await press('tab');
		assert.equal(notice(), '');
	});
});

test('what the engine pushes is in the store; closing ends every stream', async () => {
	await withController({}, async ({engine, store, controller}) => {
		engine.tell({
			type: 'change',
			at: Date.now(),
			id: 'id-postgres',
			change: {status: 'exited', exitCode: 137, finishedAt: Date.now()},
		});
		await settled();
		assert.equal(store.getState().containers.containers.get('id-postgres')?.exitCode, 137);
		controller.close();
		await settled();
		assert.equal(engine.watching, 0);
		assert.equal(engine.isClosed, true);
	});
});

test('what a flood ends with is drawn when it pauses, not when the next frame of a flood is due', async () => {
	await withController({}, async ({engine, store}) => {
		let drawn = 0;
		engine.log('id-postgres', ...someLines(1500));
		await settled();
		store.subscribe(() => drawn++);
		engine.log('id-postgres', ...someLines(1));
		await settled();
		assert.equal(drawn, 0);
		await delay(150);
		assert.ok(drawn > 0);
	});
});

test('the views take over what a flood brings before the next frame', async (t) => {
	await withController({}, async ({engine, store}) => {
		engine.log('id-postgres', ...someLines(1500));
		await settled();
		const update = t.mock.method(store.book, 'update');
		engine.log('id-postgres', ...someLines(1100));
		const {logVersion} = store.getState();
		await settled();
		assert.equal(store.getState().logVersion, logVersion);
		assert.equal(update.mock.callCount(), 1);
	});
});

test('what a key draws, the log need not draw again', async () => {
	await withController({}, async ({engine, store, press}) => {
		await delay(150);
		engine.log('id-postgres', ...someLines(1));
		await settled();
		const {logVersion} = store.getState();
		assert.ok(logVersion > 0);
		engine.log('id-postgres', ...someLines(1));
		await settled();
		await press('w');
		await delay(150);
		assert.equal(store.getState().logVersion, logVersion);
		engine.log('id-postgres', ...someLines(1));
		await settled();
		assert.ok(store.getState().logVersion > logVersion);
	});
});

test('the mouse: a click selects a service or marks a line, the wheel scrolls what it is over', async () => {
	await withController({}, async ({engine, store, press, controller}) => {
		engine.log('id-mlflow', ...someLines(300));
		await settled();
		store.dispatch({type: 'view', view: {...store.getState().view, columns: 100, rows: 30}});
		const point = (kind: 'press' | 'wheel-up' | 'wheel-down', column: number, row: number) => {
			controller.point({kind, column, row});
			return store.getState().view;
		};
		const lines =
			3 + dashboardLayout(store.getState()).services + dashboardLayout(store.getState()).activity + 1;

		assert.equal(point('press', 10, 3).selected, 'mlflow');
		assert.equal(point('wheel-up', 10, 3).selected, 'postgres');
		const marked = point('press', 10, lines);
		assert.equal(marked.pane, 'logs');
		assert.ok(marked.mark);
		assert.ok(store.book.entries(marked).some((entry) => entry.isSame(marked.mark)));
		assert.equal(marked.position.follow, false);
		assert.equal(point('wheel-down', 10, lines).position.follow, true);
		const scrolledUp = point('wheel-up', 10, lines).position;
		assert.ok(!scrolledUp.follow && scrolledUp.entry?.plain !== marked.mark?.plain);
		const bar = point('press', 99, lines).position;
		assert.equal(!bar.follow && bar.entry?.plain, 'line 1');
		const {log} = dashboardLayout(store.getState());
		assert.equal(point('press', 99, lines + log - 1).position.follow, true);
		const half = point('press', 99, lines + Math.floor(log / 2)).position;
		assert.ok(!half.follow && Math.abs(Number(half.entry?.plain.slice(5)) - 150) < 20);

		const before = store.getState().view;
		await press('d');
		const asked = store.getState().view;
		assert.equal(point('press', 10, 3), asked, 'a question is answered by keys only');
		assert.equal(before.selected, asked.selected);
	});
});

test('m asks for the mouse, and says how to get it back', async () => {
	await withController({}, async ({store, press, notice}) => {
		await press('m');
		assert.equal(store.getState().view.mouse, true);
		assert.match(notice(), /m gives it back to the terminal/);
		await press('m');
		assert.equal(store.getState().view.mouse, false);
	});
});

test('what is copied is a line, or the range; of what is too long it is said how much', async () => {
	await withController({}, async ({engine, press, notice}) => {
		engine.log('id-mlflow', ...someLines(100));
		await settled();
		await press('V', 'up', 'c');
		assert.equal(notice(), 'sent 2 lines to the clipboard');
	});
});

test('a log beside goes with its service', async () => {
	await withController({}, async ({engine, store, press}) => {
		store.dispatch({type: 'view', view: {...store.getState().view, columns: 160}});
		await press('|');
		assert.equal(store.getState().view.beside?.selected, 'mlflow');
		engine.stack = aStack({services: aStack().services.slice(0, 1)});
		store.dispatch({type: 'stack', stack: engine.stack});
		engine.remove('id-mlflow');
		await settled();
		assert.equal(store.getState().view.beside, undefined);
		assert.equal(store.getState().view.selected, 'postgres');
	});
});

test('what compose warns of is shown once', async () => {
	await withController({}, async ({engine, notice, press, controller, store}) => {
		engine.stack = aStack({warnings: ['the attribute `version` is obsolete']});
		await controller.start();
		assert.equal(notice(), 'compose warns: the attribute `version` is obsolete');
		await press('tab');
		await controller.start();
		assert.equal(notice(), '');
		assert.equal(store.getState().notice, undefined);
	});
});

test('after `up` of its own stack it asks again what the files say: ports may have moved', async () => {
	await withController({containers: []}, async ({engine, store, press}) => {
		const own = aStack({origin: 'own'});
		engine.stack = own;
		await press('u');
		const moved = [{address: '127.0.0.1', published: 5001, target: 5000, protocol: 'tcp'}];
		engine.stack = {...own, services: own.services.map((service) => ({...service, ports: moved}))};
		store.dispatch({type: 'stack', stack: own});
		await press('u');
		assert.equal(store.getState().stack?.services[1]?.ports[0]?.published, 5001);
	});
});

test('side by side the wheel scrolls the log it is over, and a click moves the keys there', async () => {
	await withController({}, async ({engine, store, press, controller}) => {
		engine.log('id-mlflow', ...someLines(300));
		engine.log('id-postgres', ...someLines(300));
		await settled();
		store.dispatch({type: 'view', view: {...store.getState().view, columns: 160, rows: 30}});
		await press('|', 'tab');
		controller.point({kind: 'wheel-up', column: 120, row: 15});
		const {view} = store.getState();
		assert.deepEqual([view.selected, view.position.follow], ['postgres', true]);
		assert.deepEqual([view.beside?.selected, view.beside?.position.follow], ['mlflow', false]);
		controller.point({kind: 'press', column: 120, row: 15});
		const clicked = store.getState().view;
		assert.deepEqual([clicked.selected, clicked.mark?.service, activeLog(clicked)], ['mlflow', 'mlflow', 1]);
		assert.equal(clicked.beside?.position.follow, true);
	});
});
