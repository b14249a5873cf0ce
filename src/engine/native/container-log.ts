import {dirname} from 'node:path';
import type {LogLine, LogRequest} from '../../stack/model.ts';
import {makeBell, watchFolder} from './events.ts';
import {readLog} from './log-reader.ts';
import type {ProjectPaths} from './paths.ts';
import {readState, type Entry} from './state-file.ts';

/** A container that was started and not taken down since. */
export interface KnownContainer {
	readonly paths: ProjectPaths;
	readonly entry: Entry;
}

/** A container's log, followed until it stops if that is asked for; see Engine. */
export async function* containerLog(
	{paths, entry}: KnownContainer,
	request: LogRequest,
	signal: AbortSignal,
): AsyncGenerator<readonly LogLine[]> {
	const left = new AbortController();
	const either = AbortSignal.any([signal, left.signal]);
	const bell = makeBell();
	let runs = true;
	let startedAt = entry.container.status === 'running' ? entry.container.startedAt : undefined;
	let stateChanged = true;
	const stateBell = {
		...bell,
		ring() {
			stateChanged = true;
			bell.ring();
		},
	};
	try {
		if (request.follow) {
			watchFolder(paths.logs, bell, either);
			watchFolder(dirname(paths.state), stateBell, either);
			signal.addEventListener('abort', bell.ring, {once: true});
		}

		const follow = {
			changed: bell.next,
			ended(): boolean {
				if (stateChanged) {
					stateChanged = false;
					const now = readState(paths.state).entries.find(
						({container}) => container.id === entry.container.id,
					);
					startedAt ??= now?.container.startedAt;
					// It may have stopped and started again between two looks: then its log ends as well.
					runs = now?.container.status === 'running' && now.container.startedAt === startedAt;
				}

				return !runs;
			},
		};
		yield* readLog(paths.logs, entry.spec.name, request, request.follow ? follow : undefined, either);
	} finally {
		signal.removeEventListener('abort', bell.ring);
		left.abort();
	}
}
