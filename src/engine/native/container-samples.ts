import type {Sample} from '../../stack/model.ts';
import {isAlive} from './process-table.ts';
import type {Entry} from './state-file.ts';
import {cpuPercent, usageOfTree} from './usage.ts';

const sampleInterval = 1000;

/** Network traffic is counted by network namespace, not by process: it is not known here. */
export async function* containerSamples(
	{process: root}: Entry,
	memoryLimit: number,
	signal: AbortSignal,
): AsyncGenerator<Sample> {
	if (!root || !isAlive(root)) {
		return;
	}

	let before = await usageOfTree(root.pid);
	let beforeAt = performance.now();
	while (before && !signal.aborted) {
		await pause(sampleInterval, signal);
		if (signal.aborted || !isAlive(root)) {
			return;
		}

		const after = await usageOfTree(root.pid);
		if (!after) {
			return;
		}

		const afterAt = performance.now();
		yield {
			at: Date.now(),
			cpu: cpuPercent(before, after, (afterAt - beforeAt) / 1000),
			memory: after.memory,
			memoryLimit,
		};
		before = after;
		beforeAt = afterAt;
	}
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
	const {promise, resolve} = Promise.withResolvers<void>();
	const timer = setTimeout(resolve, milliseconds);
	signal.addEventListener('abort', () => resolve(), {once: true});
	await promise;
	clearTimeout(timer);
}
