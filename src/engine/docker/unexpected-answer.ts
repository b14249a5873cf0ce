import {Failure} from '../../failure.ts';

/** For an answer to `path` that the Engine API does not describe. */
export function unexpectedAnswer(path: string, cause?: unknown): Failure {
	return new Failure('what answers is no Docker Engine', {
		code: 'not-docker',
		why: `the answer to ${path} is not what the Engine API describes`,
		next: ['docker version'],
		reason: 'noEngine',
		cause,
	});
}
