import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {delimiter, join} from 'node:path';
import type {TestContext} from 'node:test';

/** A machine on which Docker is not installed. */
export interface WithoutDocker {
	/** Empty, and removed after the test. */
	readonly folder: string;
	/** Where Docker would listen. */
	readonly socket: string;
	/** A home of its own, and a PATH without docker. */
	readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * A home whose current docker context names a socket that is not there, as an engine leaves it that was removed: so the
 * machine's own socket is not found either.
 */
export function withoutDocker(t: TestContext): WithoutDocker {
	const home = mkdtempSync(join(tmpdir(), 'mlstack-no-docker-'));
	t.after(() => {
		rmSync(home, {recursive: true, force: true});
	});
	const socket = join(home, 'docker.sock');
	const id = createHash('sha256').update('gone').digest('hex');
	const context = join(home, '.docker', 'contexts', 'meta', id);
	mkdirSync(context, {recursive: true});
	writeFileSync(join(home, '.docker', 'config.json'), '{"currentContext": "gone"}');
	writeFileSync(
		join(context, 'meta.json'),
		JSON.stringify({Name: 'gone', Endpoints: {docker: {Host: `unix://${socket}`}}}),
	);
	const folder = join(home, 'work');
	mkdirSync(folder);
	return {
		folder,
		socket,
		environment: {
			HOME: home,
			DOCKER_CONFIG: join(home, '.docker'),
			DOCKER_HOST: undefined,
			DOCKER_CONTEXT: undefined,
			XDG_STATE_HOME: undefined,
			PATH: pathWithoutDocker(home),
		},
	};
}

/** The PATH of this process; a folder that holds docker is replaced by one of links to everything else in it. */
function pathWithoutDocker(home: string): string {
	return (process.env['PATH'] ?? '')
		.split(delimiter)
		.map((folder, index) => {
			if (!existsSync(join(folder, 'docker'))) {
				return folder;
			}

			const links = join(home, `bin-${index}`);
			mkdirSync(links);
			for (const name of readdirSync(folder).filter((each) => !each.startsWith('docker'))) {
				symlinkSync(join(folder, name), join(links, name));
			}

			return links;
		})
		.join(delimiter);
}
