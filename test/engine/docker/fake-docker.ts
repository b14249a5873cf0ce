import {chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import type {DockerCommand} from '../../../src/engine/docker/docker-command.ts';

export interface FakeDocker extends DockerCommand {
	/** A folder of its own; it is HOME and MLSTACK_HOME too. */
	readonly folder: string;
	/** The calls so far, a line of arguments each. */
	calls(): string[];
}

/**
 * A docker command that is a shell script: `body` sees the arguments in `$*`. `programs` stand beside it on the PATH.
 * Gone after the test.
 */
export function fakeDocker(
	t: TestContext,
	body: string,
	options: {environment?: Record<string, string>; programs?: Record<string, string>} = {},
): FakeDocker {
	const folder = temporaryFolder(t);
	const bin = join(folder, 'bin');
	mkdirSync(bin);
	const log = join(folder, 'calls');
	const programs = {docker: `printf '%s\\n' "$*" >> '${log}'\n${body}`, ...options.programs};
	for (const [name, text] of Object.entries(programs)) {
		writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
		chmodSync(join(bin, name), 0o755);
	}

	return {
		command: 'docker',
		arguments: [],
		environment: {PATH: `${bin}:/usr/bin:/bin`, HOME: folder, MLSTACK_HOME: folder, ...options.environment},
		folder,
		calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []),
	};
}

/** A folder that is gone after the test. */
export function temporaryFolder(t: TestContext): string {
	const folder = mkdtempSync(join(tmpdir(), 'mlstack-test-compose-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	return folder;
}
