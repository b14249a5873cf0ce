import {setTimeout as delay} from 'node:timers/promises';
import {Controller} from '../../src/controller.ts';
import {LogBook} from '../../src/logs/book.ts';
import type {Progress} from '../../src/stack/model.ts';
import {Store} from '../../src/store.ts';
import {FakeEngine} from './fake-engine.ts';
import {aContainer} from './stack.ts';

/** A controller of a fake engine, and what it does. */
export interface World {
	readonly engine: FakeEngine;
	/** What the user can switch to. */
	readonly other: FakeEngine;
	readonly store: Store;
	readonly opened: string[];
	readonly press: (...keys: readonly string[]) => Promise<void>;
	/** What the user is told. */
	readonly notice: () => string;
	readonly controller: Controller;
}

/** The choice of an engine that nobody had to choose. */
export const {choice: dockerChoice} = new FakeEngine();

/** A controller that has started. */
export async function withController(
	{
		answers = true,
		isMute = false,
		choice = dockerChoice,
		containers = [aContainer('postgres'), aContainer('mlflow')],
	},
	body: (world: World) => Promise<void>,
): Promise<void> {
	const engine = new FakeEngine(...containers);
	engine.choice = choice;
	engine.isMute = isMute;
	const other = new FakeEngine(aContainer('postgres', {id: 'other-postgres'}));
	const store = new Store(new LogBook());
	const opened: string[] = [];
	const controller = new Controller({
		store,
		engine: Promise.resolve(engine),
		openOther: async () => other,
		request: {files: [], directory: '/', environment: {}},
		browse: async (url) => opened.push(url) > 0,
		probe: async (url) => ({
			at: Date.now(),
			url,
			answers,
			works: answers,
			word: answers ? 'works' : 'no answer',
			why: answers ? '' : 'Nothing listens there.',
		}),
		redraw: () => {},
		copy: async (text) => text,
		page: async () => {},
		folder: '/',
		interruption: async () => undefined,
		history: {load: async () => ({}), save: async () => {}},
	});
	await controller.start();
	await settled();
	try {
		await body({
			engine,
			other,
			store,
			opened,
			controller,
			press: async (...keys) => {
				for (const key of keys) {
					controller.press(key);
				}

				await settled();
			},
			notice: () => store.getState().notice?.text ?? '',
		});
	} finally {
		controller.close();
	}
}

/** What a key sets off is over. */
export const settled = async () => delay(20);

/** An operation that goes on until it is cancelled. */
export async function* endless(): AsyncGenerator<Progress, void, undefined> {
	yield {type: 'output', at: Date.now(), level: 'info', text: 'at work'};
	await delay(60_000, undefined, {ref: false});
}
