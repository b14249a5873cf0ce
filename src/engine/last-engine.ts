import {mkdir, readFile} from 'node:fs/promises';
import {dirname} from 'node:path';
import type {EngineKind, StackEvent} from '../stack/model.ts';
import type {EngineOptions} from './engine.ts';
import {replaceFile} from './files.ts';
import {stringIn} from './json.ts';
import {stateFile} from './user-folders.ts';

/**
 * The engine of a project's last `up`, or on which it was found, from the user's state folder. A file that cannot be read
 * remembers nothing.
 */
export async function lastEngine(
	project: string,
	environment: EngineOptions['environment'],
): Promise<EngineKind | undefined> {
	try {
		const kept: unknown = JSON.parse(await readFile(stateFile('engines', project, environment), 'utf8'));
		const kind = stringIn(kept, 'engine');
		return kind === 'docker' || kind === 'native' ? kind : undefined;
	} catch {
		return undefined;
	}
}

/** Never throws: where nothing can be written, the engine is chosen anew each time. */
export async function rememberEngine(
	project: string,
	engine: EngineKind,
	environment: EngineOptions['environment'],
): Promise<void> {
	const path = stateFile('engines', project, environment);
	try {
		await mkdir(dirname(path), {recursive: true, mode: 0o700});
		await replaceFile(path, JSON.stringify({project, engine}), {mode: 0o600});
	} catch {
		// As for whoever runs a project for the first time.
	}
}

/**
 * Passes a project's events on. Once a snapshot holds containers, their engine is remembered, unless one is already: the
 * project may have been brought up by compose, or by a version that remembered nothing. The events do not wait for that.
 */
export async function* rememberingFound(
	events: AsyncIterable<StackEvent>,
	project: string,
	engine: EngineKind,
	environment: EngineOptions['environment'],
): AsyncGenerator<StackEvent, void, undefined> {
	let remembered: Promise<void> | undefined;
	try {
		for await (const event of events) {
			if (event.type === 'snapshot' && event.containers.length > 0) {
				remembered ??= rememberFirst(project, engine, environment);
			}

			yield event;
		}
	} finally {
		await remembered;
	}
}

async function rememberFirst(
	project: string,
	engine: EngineKind,
	environment: EngineOptions['environment'],
): Promise<void> {
	if ((await lastEngine(project, environment)) === undefined) {
		await rememberEngine(project, engine, environment);
	}
}
