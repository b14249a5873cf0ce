import {fileURLToPath} from 'node:url';
import {docker, runCommand} from './project.ts';

const own = fileURLToPath(new URL('../../src/stack/own/compose.yaml', import.meta.url));

let built: Promise<string> | undefined;

/** The image of mlstack's own stack, which the engine keeps: built by whichever test needs it first. */
export async function mlflowImage(): Promise<string> {
	built ??= build();
	return built;
}

async function build(): Promise<string> {
	const compose = async (...words: readonly string[]): Promise<string> => {
		const {exitCode, stdout, stderr} = await runCommand(
			'docker',
			['compose', '-f', own, ...words],
			undefined,
			{
				MLSTACK_DB_PASSWORD: 'unused',
			},
		);
		if (exitCode !== 0) {
			throw new Error(`docker compose ${words.join(' ')}: ${stderr}`);
		}

		return stdout.trim();
	};
	const images = (await compose('config', '--images', 'mlflow')).split('\n');
	const image = images.find((name) => name.startsWith('mlstack/mlflow:')) ?? '';
	if ((await docker('images', '--quiet', image)) === '') {
		await compose('build', '--quiet', 'mlflow');
	}

	return image;
}
