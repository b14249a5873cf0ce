import {access, readFile} from 'node:fs/promises';
import {homedir, userInfo} from 'node:os';
import {delimiter, join} from 'node:path';

/** What the advice for a missing engine depends on. */
export interface Facts {
	readonly platform: NodeJS.Platform;
	/** The docker CLI or the engine is on this machine. */
	readonly installed: boolean;
	/** systemd is the machine's first process. */
	readonly systemd: boolean;
	/** Linux inside Windows. */
	readonly wsl: boolean;
	readonly user: string;
	/** Sockets of other engines that are there, ready for `--host`. */
	readonly otherSockets: readonly string[];
}

/** Where engines listen that the docker CLI only finds through a context: paths below the home folder. */
const knownSockets = [
	'.docker/desktop/docker.sock',
	'.colima/default/docker.sock',
	'.config/colima/default/docker.sock',
	'.orbstack/run/docker.sock',
	'.rd/docker.sock',
	'.lima/docker/sock/docker.sock',
];

/** Looks at this machine. Takes milliseconds, so it is asked only when an engine did not answer. */
export async function gatherFacts(environment: NodeJS.ProcessEnv): Promise<Facts> {
	const home = homedir();
	const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
	const programs = [
		...folders.map((folder) => join(folder, process.platform === 'win32' ? 'docker.exe' : 'docker')),
		'/usr/bin/dockerd',
		'/Applications/Docker.app',
	];
	const runtime = environment['XDG_RUNTIME_DIR'];
	const sockets = knownSockets.map((path) => join(home, path));
	if (runtime) {
		sockets.push(join(runtime, 'podman', 'podman.sock'));
	}

	const [installed, systemd, wsl, otherSockets] = await Promise.all([
		existing(programs),
		existing(['/run/systemd/system']),
		runsInWsl(),
		existing(sockets),
	]);
	return {
		platform: process.platform,
		installed: installed.length > 0,
		systemd: systemd.length > 0,
		wsl,
		user: userName(environment),
		otherSockets,
	};
}

async function existing(paths: readonly string[]): Promise<readonly string[]> {
	const found = await Promise.all(
		paths.map((path) =>
			access(path).then(
				() => true,
				() => false,
			),
		),
	);
	return paths.filter((_, index) => found[index]);
}

async function runsInWsl(): Promise<boolean> {
	try {
		return /microsoft/i.test(await readFile('/proc/version', 'utf8'));
	} catch {
		return false;
	}
}

function userName(environment: NodeJS.ProcessEnv): string {
	try {
		return userInfo().username;
	} catch {
		// A container's user may have no name.
		return environment['USER'] ?? '';
	}
}
