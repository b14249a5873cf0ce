import type {Engine, ExecuteOptions, Execution} from '../../src/engine/engine.ts';
import {Failure} from '../../src/failure.ts';

/** What becomes of a command: it runs, it runs as another one and is the last, or the engine is gone before it. */
export type Fate = 'runs' | 'gone' | readonly string[];

/** An engine that dies at a command of the test's choice: from then on nothing answers any more. */
export function mortalEngine(engine: Engine, fateOf: (command: string, call: number) => Fate): Engine {
	let dead = false;
	let calls = 0;
	const gone = (): Failure => new Failure('the engine is gone', {code: 'engine-lost', reason: 'noEngine'});
	const alive = (): void => {
		if (dead) {
			throw gone();
		}
	};
	const {storage} = engine;
	return {
		...engine,
		execute: async (
			container: string,
			command: readonly string[],
			options: ExecuteOptions,
			signal: AbortSignal,
		): Promise<Execution> => {
			alive();
			const fate = fateOf(command.join('\u0000'), ++calls);
			if (fate === 'runs') {
				return engine.execute(container, command, options, signal);
			}

			dead = true;
			if (fate !== 'gone') {
				const last = await engine.execute(container, fate, {}, signal);
				for await (const chunk of last.output) {
					void chunk;
				}

				await last.done;
			}

			throw gone();
		},
		operate: (...call) => {
			alive();
			return engine.operate(...call);
		},
		watch: (...call) => {
			alive();
			return engine.watch(...call);
		},
		...(storage && {
			storage: {
				...storage,
				stores: async (...call) => {
					alive();
					return storage.stores(...call);
				},
				openStores: async (...call) => {
					alive();
					return storage.openStores(...call);
				},
			},
		}),
	};
}
