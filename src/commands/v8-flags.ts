import {setFlagsFromString} from 'node:v8';
import type {Store} from '../store.ts';

/**
 * V8 compiles with Maglev on these processors from version 13 on (Node 24). Without it what Turbofan does not compile is
 * ten times slower.
 */
const hasMaglev =
	Number.parseInt(process.versions.v8) >= 13 && (process.arch === 'x64' || process.arch === 'arm64');

/**
 * Makes V8 bear a flood of log lines: of what it does then, most is garbage, and the processors are busy with writing and
 * reading the log. Called after the first frame, as a program that starts is better off without.
 */
export function tuneForFloods(): void {
	// The space for new objects would grow to 48 MB, for nothing: few of them live. What it has grown to by the first frame
	// is enough, and takes a third off the memory of a flood.
	setFlagsFromString('--semi-space-growth-factor=1');
	// The space for old ones may grow to three times what lives in it, and no further: with 1.6 times it was collected five
	// times in a flood, up to 40 ms each while the processors are busy, and keys waited for that.
	setFlagsFromString('--heap-growing-percent=200');
	// Few objects live when new ones are collected: other threads would be waited for longer than they help.
	setFlagsFromString('--no-parallel-scavenge');
	if (hasMaglev) {
		// When a flood begins, Turbofan's threads take as much of the processors as the lines and keys do: without, the last of
		// 200,000 lines is there a tenth sooner and keys wait a third less. What Maglev compiles goes on counting its runs: else
		// Turbofan would never look at it, also once it is let in.
		setFlagsFromString('--force-emit-interrupt-budget-checks');
		setFlagsFromString('--no-turbofan');
		// What runs once a frame would be compiled after a minute of a flood, all of it at once: 6 MB that the compiler's threads
		// keep, for no processor time that could be measured. With 2,000 runs instead of 400, what runs once for some lines would
		// be compiled so late that keys wait.
		setFlagsFromString('--invocation-count-for-maglev=1000');
	}
}

/** Lines after which it is worth its while to compile with Turbofan what reads them. */
const manyLines = 250_000;

/** Makes V8 compile with Turbofan after all when very many lines have come: a flood that lasts costs a fifth less. */
export function tuneForManyLines(store: Store): void {
	const stop = store.subscribe(() => {
		if (store.book.came > manyLines) {
			stop();
			if (hasMaglev) {
				setFlagsFromString('--turbofan');
			}
		}
	});
}
