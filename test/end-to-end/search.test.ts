import assert from 'node:assert/strict';
import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {openProgram, withProject, type Project} from '../support/project.ts';

const skip = skipWithoutEngine;

/** Writes 300 lines, every hundredth of which is an error, and one a second from then on. */
const chatty = `
services:
  mlflow:
    image: busybox
    init: true
    stop_grace_period: 1s
    command:
      - sh
      - -c
      - |
        n=0
        while [ $$n -lt 300 ]; do
          n=$$((n+1))
          echo "tick $$n"
          [ $$((n % 100)) != 0 ] || echo "ERROR:    broke at $$n"
        done
        while :; do echo "GET quiet"; sleep 1; done
    labels: {mlstack.role: tracking}
`;

test('a log is searched and filtered by keys, which mean nothing else meanwhile', {skip}, async () => {
	await withProject(chatty, async (project) => {
		await project.compose('up', '-d');
		const terminal = openProgram(['tui', '-f', project.file, '-p', project.name]);
		try {
			await terminal.shows(/mlflow +(running|starting)/);
			await terminal.shows(/GET quiet/);
			terminal.press('/BROKE');
			await terminal.shows(/\/BROKE +0 found/);
			terminal.press('\u0015');
			terminal.press('broke att');
			terminal.press('\u007F');

			await terminal.shows(/\/broke at +3 of 3/);
			await terminal.shows(/▸ ERROR: +broke at 300/);
			terminal.press('\r');
			await terminal.shows(/\/broke at +3 of 3/);
			terminal.press('N');
			await terminal.shows(/▸ ERROR: +broke at 200/);
			await terminal.shows('[held]');
			terminal.press('n');
			await terminal.shows(/▸ ERROR: +broke at 300/);
			terminal.press('n');
			await terminal.shows(/▸ ERROR: +broke at 100/);
			assert.match(terminal.screen(), /1 of 3/);

			// These would start, take down and leave, and the paste would too.
			terminal.press('&udq');
			await terminal.shows(/&udq/);
			terminal.press('\u001B[200~d\u001B[201~');
			terminal.press('\u0015');
			terminal.press('!tick');
			await terminal.shows(/&!tick/);
			await terminal.showsNot(/│ tick \d/);
			await terminal.shows(/broke at 100/);
			terminal.press('\u001B');
			await terminal.shows(/│ tick \d/);
			assert.match(terminal.screen(), /1 of 1 running/);

			terminal.press('L');
			await terminal.shows('[warnings]');
			await terminal.showsNot(/│ tick \d/);
			terminal.press('vv]');
			await terminal.shows(/▸ ERROR: +broke at 200/);
			terminal.press('q');
			assert.equal((await terminal.exited).exitCode, 0);
		} finally {
			await terminal.close();
		}
	});
});

test(
	'who goes to the start of the log gets older lines from the engine, and all to the first',
	{skip},
	async () => {
		await withProject(chatty.replaceAll('300', '2500'), async (project) => {
			await project.compose('up', '-d');
			await waitForLine(project, 'GET quiet');
			const terminal = openProgram(['tui', '-f', project.file, '-p', project.name]);
			try {
				await terminal.shows(/GET quiet/);
				terminal.press('\tg');
				await terminal.until(
					(screen) => /│ tick 1[45]\d\d/.test(screen),
					'the first line that was read',
					10_000,
				);
				for (let pages = 0; pages < 3; pages++) {
					terminal.press('g');
					await new Promise((resolve) => setTimeout(resolve, 500));
				}

				await terminal.shows(/│ tick 1 /);
				terminal.press('G');
				await terminal.shows('[follow]');
				await terminal.shows(/GET quiet/);
			} finally {
				await terminal.close();
			}
		});
	},
);

test(
	'the line that was found is copied by the terminal, and what is shown is saved to a file',
	{skip},
	async () => {
		await withProject(chatty, async (project) => {
			await project.compose('up', '-d');
			const terminal = openProgram(['tui', '-f', project.file, '-p', project.name], {
				cwd: project.folder,
				environment: {TMUX: undefined},
			});
			try {
				await terminal.shows(/GET quiet/);
				terminal.press('/at 200\r');
				await terminal.shows(/▸ ERROR: +broke at 200/);
				terminal.press('c');
				await terminal.shows(/sent a line to the clipboard: ERROR: +broke at 200/);
				const copied = Buffer.from('ERROR:    broke at 200').toString('base64');
				assert.ok(terminal.written.includes(`\u001B]52;c;${copied}\u0007`));
				terminal.press('&broke\r');
				await terminal.showsNot(/│ tick \d/);
				terminal.press('S');
				await terminal.shows(/saved the log as mlstack-test-\S+\.log/);
				const name = (await readdir(project.folder)).find((file) => file.endsWith('.log')) ?? '';
				const saved = await readFile(join(project.folder, name), 'utf8');
				assert.deepEqual(
					saved.replaceAll(/^\S+Z /gm, ''),
					[100, 200, 300].map((n) => `mlflow | ERROR:    broke at ${n}\n`).join(''),
				);
			} finally {
				await terminal.close();
			}
		});
	},
);

async function waitForLine(project: Project, line: string): Promise<void> {
	for (let tries = 0; !(await project.compose('logs', '--tail', '5')).includes(line); tries++) {
		assert.ok(tries < 100, `no line ${line}`);
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}
