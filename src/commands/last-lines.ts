import type {Engine} from '../engine/engine.ts';
import {cleanLine} from '../logs/clean.ts';
import {plainText} from '../narrow-text.ts';
import {mask} from '../stack/mask.ts';

/** Enough for a traceback's end. */
const count = 12;

/** The last lines of a container's log, clean and masked; none when they cannot be read. */
export async function lastLines(
	engine: Pick<Engine, 'logs'>,
	container: string,
	signal: AbortSignal,
): Promise<readonly string[]> {
	const texts: string[] = [];
	try {
		for await (const batch of engine.logs({container, tail: count, follow: false}, signal)) {
			texts.push(...batch.map(({text}) => mask(plainText(cleanLine(text)))));
		}
	} catch {
		// They go with a failure that says more: one about them would hide it.
		signal.throwIfAborted();
	}

	return texts;
}
