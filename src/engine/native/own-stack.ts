import {Failure} from '../../failure.ts';
import type {Stack, StackRequest} from '../../stack/model.ts';
import {projectPaths, type NativePaths} from './paths.ts';
import {definitions} from './services.ts';
import {readSettings} from './settings.ts';

/** The project's name when nobody gives one. */
const usualProject = 'mlstack';

/**
 * mlstack's own stack, which is the only one that the native engine runs: a compose file of the folder is left alone.
 * Throws a Failure when one was named.
 */
export function ownStack(native: NativePaths, request: StackRequest): Stack {
	const [file] = request.files;
	const named = file ?? request.environment['COMPOSE_FILE'];
	if (named) {
		throw new Failure(`${named} needs Docker`, {
			code: 'native-compose-file',
			why: "Without Docker, mlstack runs its own stack of PostgreSQL and MLflow as plain processes; it cannot run a compose file's containers.",
			next: ['mlstack up (without -f and COMPOSE_FILE)', 'or install Docker'],
		});
	}

	const paths = projectPaths(
		native,
		request.project ||
			request.environment['COMPOSE_PROJECT_NAME'] ||
			request.environment['MLSTACK_PROJECT'] ||
			usualProject,
	);
	return {
		project: paths.project,
		origin: 'own',
		files: [],
		directory: paths.folder,
		services: definitions(readSettings(paths.settings)?.ports),
	};
}
