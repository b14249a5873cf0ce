import {Failure} from '../../failure.ts';
import type {ComposeContext} from './compose-context.ts';
import {composeFailure} from './compose-failures.ts';
import {type DockerCommand, runDocker} from './docker-command.ts';

/** `composeFailure`, and where the plugin is missing a look at what there is instead: `docker-compose`, old or new. */
export async function explainFailure(
	docker: DockerCommand,
	message: string,
	context: ComposeContext,
	output: readonly string[] = [],
): Promise<Failure> {
	const failure = composeFailure(message, context, output);
	if (failure.code !== 'compose-missing') {
		return failure;
	}

	const version = await standaloneVersion(docker);
	if (version === undefined) {
		return failure;
	}

	if (version.startsWith('1.')) {
		return new Failure(
			`only docker-compose ${version} is installed, which ended in 2023; mlstack needs Compose 2`,
			{
				code: 'compose-v1',
				why: 'Compose 2 is a plugin of the docker command, called as `docker compose`.',
				next: [...failure.next, 'Both can stay side by side.'],
			},
		);
	}

	return new Failure(`docker-compose ${version} is installed, but not as a plugin of the docker command`, {
		code: 'compose-missing',
		why: failure.why,
		next: [
			'mkdir -p ~/.docker/cli-plugins && ln -sfn "$(command -v docker-compose)" ~/.docker/cli-plugins/docker-compose',
		],
	});
}

/** The version of a `docker-compose` on the PATH. */
async function standaloneVersion(docker: DockerCommand): Promise<string | undefined> {
	try {
		const {output} = await runDocker({...docker, command: 'docker-compose', arguments: []}, [
			'version',
			'--short',
		]);
		return /^v?(\d+\.\d+\S*)/.exec(output)?.[1];
	} catch {
		return undefined;
	}
}
