import type {Container} from '../../stack/model.ts';
import {isAlive} from './process-table.ts';
import type {Entry, ProjectState} from './state-file.ts';

/**
 * What is true of a project when no supervisor says it: the state file says what was, the table of processes what is.
 */
export function trueContainers(state: ProjectState): readonly Container[] {
	return state.entries.map(trueContainer);
}

/** Some process of the project runs without a supervisor. */
export function hasOrphans(state: ProjectState): boolean {
	return state.entries.some(({process}) => process !== undefined && isAlive(process));
}

function trueContainer({container, process}: Entry): Container {
	const runs = process !== undefined && isAlive(process);
	if (runs || (container.status !== 'running' && container.status !== 'restarting')) {
		return container;
	}

	// Ended unseen: after a reboot, or after a kill of everything. 255 is what Docker says of such a container.
	return {
		...container,
		status: 'exited',
		health: 'none',
		exitCode: process === undefined ? (container.exitCode ?? 255) : 255,
	};
}
