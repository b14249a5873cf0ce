import {Failure} from '../../failure.ts';
import type {Engine} from '../engine.ts';
import type {Storage} from '../storage.ts';

/** Throws a Failure for an engine that has no storage to look after. */
export function storageOf(engine: Engine): Storage {
	if (engine.storage === undefined) {
		throw new Failure('this engine cannot do that yet', {
			code: 'not-supported',
			why: 'backups and prune need Docker so far',
			next: ['mlstack --engine docker'],
		});
	}

	return engine.storage;
}
