import {formatCount} from '../format.ts';
import type {Progress} from '../model.ts';
import {formatDiskSize} from './units.ts';

/** What became of a choice so far. */
export interface PruneOutcome {
	/** Keys of what is gone. */
	readonly removed: readonly string[];
	readonly kept: ReadonlyArray<{readonly key: string; readonly name: string; readonly why: string}>;
	/** Bytes that were freed. */
	readonly bytes: number;
}

export const nothingRemoved: PruneOutcome = {removed: [], kept: [], bytes: 0};

/** The outcome after what `Storage.prune` told. */
export function withOutcome(outcome: PruneOutcome, progress: Progress): PruneOutcome {
	if (progress.type === 'output' || progress.state === 'working') {
		return outcome;
	}

	const {id, name, status, current = 0} = progress;
	return progress.state === 'done'
		? {...outcome, removed: [...outcome.removed, id], bytes: outcome.bytes + current}
		: {...outcome, kept: [...outcome.kept, {key: id, name, why: status}]};
}

/** `Removed 3 objects, which freed 1.2 GB. 1 object stayed.` */
export function outcomeText(removed: number, kept: number, bytes: number): string {
	const stays = kept === 0 ? '' : ` ${formatCount(kept, 'object')} stayed.`;
	return `Removed ${formatCount(removed, 'object')}, which freed ${formatDiskSize(bytes)}.${stays}`;
}
