import assert from 'node:assert/strict';
import {test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {Failure} from '../src/failure.ts';
import type {EngineChoice} from '../src/stack/model.ts';
import {dockerChoice, endless, withController} from './support/controller.ts';

test('E says why this engine runs the stack; y goes to the other, and what is shown is what runs there', async () => {
	await withController({}, async ({engine, other, store, press}) => {
		store.book.append('mlflow', [{time: 1, stamp: '', stream: 'stdout', text: 'of docker'}]);
		other.choice = {kind: 'native', why: 'it was asked for', other: 'docker'};
		other.info = {...other.info, kind: 'native', version: '', context: ''};
		await press('E');
		const {dialog} = store.getState().view;
		assert.ok(dialog?.kind === 'confirm');
		assert.match(dialog.title, /from docker to native/);
		assert.match(dialog.lines.join(' '), /docker runs this stack: it answers/);
		other.isClosed = false;
		await delay(350);
		await press('y');
		const state = store.getState();
		assert.equal(engine.isClosed, true);
		assert.equal(engine.watching, 0);
		assert.equal(other.watching, 1);
		assert.deepEqual([...state.containers.containers.keys()], ['other-postgres']);
		assert.equal(state.engine?.kind, 'native');
		assert.equal(state.choice?.other, 'docker');
		assert.equal([...store.book.all()].length, 0);
	});
});

test('who the other engine is gets known, though the one that was left never said who it is', async () => {
	await withController({isMute: true}, async ({other, store, press}) => {
		other.info = {...other.info, version: 'of the other'};
		await press('E');
		await delay(350);
		await press('y');
		assert.equal(store.getState().engine?.version, 'of the other');
	});
});

test('E says it when the other engine does not answer, and asks nothing', async () => {
	await withController({}, async ({engine, other, store, press, notice}) => {
		other.failure = new Error('it is broken');
		await press('E');
		assert.match(notice(), /docker runs this stack: it answers; native does not answer/);
		assert.equal(store.getState().view.dialog, undefined);
		assert.equal(other.isClosed, true);
		assert.equal(engine.isClosed, false);
	});
});

test('E does nothing while an operation is at work', async () => {
	await withController({}, async ({engine, store, press, notice}) => {
		engine.onOperate = endless;
		await press('u', 'E');
		assert.match(notice(), /`up` is still at work/);
		assert.equal(store.getState().view.dialog, undefined);
	});
});

test('n on the card without an engine runs the stack natively; a named file is refused', async () => {
	const failure = new Failure('Docker is not installed', {code: 'engine-not-installed', reason: 'noEngine'});
	await withController({}, async ({engine, other, store, press}) => {
		store.dispatch({type: 'engine-opened', choice: dockerChoice});
		store.dispatch({type: 'no-engine', failure});
		await press('n');
		assert.equal(engine.isClosed, true);
		assert.equal(other.watching, 1);
		assert.equal(store.getState().noEngine, undefined);
	});
	await withController(
		{choice: {kind: 'docker', why: 'a compose file was named'}},
		async ({engine, store, press, notice}) => {
			store.dispatch({type: 'engine-opened', choice: engine.choice});
			store.dispatch({type: 'no-engine', failure});
			await press('n');
			assert.match(notice(), /only Docker can run what was asked for/);
			assert.equal(engine.isClosed, false);
		},
	);
});

test('an engine that nobody chose is told of once', async () => {
	const choice: EngineChoice = {kind: 'native', why: 'no Docker answered', isFallback: true, other: 'docker'};
	await withController({choice}, async ({notice, press}) => {
		assert.match(notice(), /no Docker answered: the stack runs as plain processes/);
		await press('tab');
		assert.equal(notice(), '');
	});
});
