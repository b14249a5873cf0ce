import type {Sample} from './model.ts';

/** How many samples a sparkline has at most; at one a second the last minute. */
export const historyLength = 60;

/** A container's last samples, the newest last. */
export interface History {
	readonly latest: Sample;
	/** Percent of a core. */
	readonly cpu: readonly number[];
	/** Bytes. */
	readonly memory: readonly number[];
	/** Bytes a second since the sample before; 0 for the first, absent where the engine cannot tell. */
	readonly receiving?: number;
	readonly sending?: number;
}

export function addSample(history: History | undefined, sample: Sample): History {
	if (!history) {
		return {latest: sample, cpu: [sample.cpu], memory: [sample.memory], ...traffic(sample, sample, 1)};
	}

	const seconds = Math.max((sample.at - history.latest.at) / 1000, 0.001);
	return {
		latest: sample,
		cpu: [...history.cpu.slice(1 - historyLength), sample.cpu],
		memory: [...history.memory.slice(1 - historyLength), sample.memory],
		...traffic(sample, history.latest, seconds),
	};
}

function traffic(now: Sample, before: Sample, seconds: number): Pick<History, 'receiving' | 'sending'> {
	if (now.received === undefined || now.sent === undefined) {
		return {};
	}

	// A counter that fell belongs to a container that was restarted.
	const rate = (sum: number, last = 0) => (sum >= last ? (sum - last) / seconds : 0);
	return {receiving: rate(now.received, before.received), sending: rate(now.sent, before.sent)};
}

const bars = '▁▂▃▄▅▆▇█';
const asciiBars = '_.-=+*#@';

/**
 * The last `width` values as bars. The scale goes from 0 to the largest value or `ceiling`, whichever is more, so that
 * an idle container does not look busy.
 */
export function sparkline(values: readonly number[], width: number, ceiling: number, ascii = false): string {
	const alphabet = ascii ? asciiBars : bars;
	const shown = values.slice(-width);
	const top = Math.max(ceiling, ...shown);
	const line = shown
		.map(
			(value) => alphabet[Math.min(alphabet.length - 1, Math.floor((value / top) * alphabet.length))] ?? '',
		)
		.join('');
	return line.padStart(width);
}
