import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {freePort, openProgram, runProgram, withProject} from '../support/project.ts';

const fixture = fileURLToPath(new URL('../fixtures/blog.docker-compose.yml', import.meta.url));

/** The file as it stands, but for the ports of this machine, and an image that the test's registry has. */
async function blogFile(): Promise<string> {
	const text = await readFile(fixture, 'utf8');
	return text
		.replace('5432:5432', `${await freePort()}:5432`)
		.replace('5000:5000', `${await freePort()}:5000`)
		.replace('python:3.9', 'python:3.13-slim');
}

test(
	"the blog post's file as it stands: both services and their true state",
	{skip: skipWithoutEngine, timeout: 300_000},
	async () => {
		await withProject(await blogFile(), async (project) => {
			const terminal = openProgram(['tui', '-f', project.file, '-p', project.name]);
			try {
				await terminal.shows(/postgres +absent/);
				terminal.press('u');
				await terminal.shows(/postgres +exited \(1\)/, 120_000);
				await terminal.shows(/mlflow +(running|starting)/, 60_000);
				await terminal.shows(/postgres stopped: PostgreSQL 18 found a volume/, 30_000);
				await terminal.shows(/VOLUME:\/var\/lib\/postgresql/);
				const {exitCode, stdout} = await runProgram([
					'status',
					'--json',
					'-f',
					project.file,
					'-p',
					project.name,
				]);
				assert.equal(exitCode, 4);
				assert.match(stdout, /exited/);
			} finally {
				await terminal.close();
			}
		});
	},
);
