import {type Ended, type Project, runCommand} from './project.ts';

/**
 * docker-compose 1.29.2 as people still have it, on a Python for which its packages exist. The versions are those that
 * it needs: its HTTP goes by a way that newer ones of `requests` and `urllib3` closed.
 */
const dockerfile = `FROM python:3.9
RUN pip install --quiet --no-cache-dir docker-compose==1.29.2 'docker<6' 'requests<2.32' 'urllib3<2'
`;

let built: Promise<string> | undefined;

/** Its image, which the engine keeps: built by whichever test needs it first. */
export async function composeV1Image(): Promise<string> {
	built ??= build();
	return built;
}

/** A command of it for a project, on the same engine; a non-zero exit is no error here. */
export async function composeV1(project: Project, ...words: readonly string[]): Promise<Ended> {
	const {name, folder, file} = project;
	const socket = '/var/run/docker.sock';
	const mounts = ['--volume', `${socket}:${socket}`, '--volume', `${folder}:${folder}`, '--workdir', folder];
	const command = ['docker-compose', '-p', name, '-f', file, ...words];
	return runCommand('docker', ['run', '--rm', '--init', ...mounts, await composeV1Image(), ...command]);
}

async function build(): Promise<string> {
	const image = 'mlstack-test/docker-compose:1.29.2';
	const {exitCode, stderr} = await runCommand('sh', [
		'-c',
		`printf %s "$1" | docker build --quiet --tag ${image} -`,
		'sh',
		dockerfile,
	]);
	if (exitCode !== 0) {
		throw new Error(`docker build: ${stderr}`);
	}

	return image;
}
