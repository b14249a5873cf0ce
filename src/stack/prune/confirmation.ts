import {formatCount} from '../format.ts';
import type {PruneChoice, PruneItem, PrunePlan} from '../prune.ts';
import {chosenItems} from './choose.ts';

/** What has to be answered before a choice is carried out. */
export type PruneConfirmation =
	/** Nothing is chosen. */
	| {readonly kind: 'none'}
	/** Yes or no: all of it can be made again. */
	| {readonly kind: 'confirm'}
	/** Data would be lost: `word` is typed in full, and a backup is offered first. */
	| {readonly kind: 'type'; readonly word: string; readonly lost: readonly PruneItem[]};

/**
 * Any volume wants the name of the project typed whose data it holds. Volumes of several projects, or of none, have no
 * such name: there one types how many go.
 */
export function confirmation(plan: PrunePlan, chosen: PruneChoice): PruneConfirmation {
	const items = chosenItems(plan, chosen);
	const lost = items.filter(({kind}) => kind === 'volume');
	const [first] = lost;
	if (first === undefined) {
		return {kind: items.length === 0 ? 'none' : 'confirm'};
	}

	const isOneProject = lost.every(({project}) => project === first.project);
	const word =
		isOneProject && first.project !== undefined
			? first.project
			: `delete ${formatCount(lost.length, 'volume')}`;
	return {kind: 'type', word, lost};
}

/** A backup holds the data of the plan's own project; for other volumes it would help nobody. */
export function offersBackup(lost: readonly PruneItem[], {project}: Pick<PrunePlan, 'project'>): boolean {
	return lost.some((item) => item.project === project);
}

/** What is asked before volumes go. */
export function typingText(word: string, lost: readonly PruneItem[]): string {
	return `Type \`${word}\` to remove ${formatCount(lost.length, 'volume')}:`;
}
