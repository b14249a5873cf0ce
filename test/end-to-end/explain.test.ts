import assert from 'node:assert/strict';
import {readdir, readFile} from 'node:fs/promises';
import {test} from 'node:test';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {openProgram, withProject} from '../support/project.ts';

/** Says that it lacks a driver, then writes so much that the line is no longer in memory. */
const failing = `version: "3"
services:
  mlflow:
    image: busybox
    init: true
    stop_grace_period: 1s
    command:
      - sh
      - -c
      - |
        echo "ERROR mlflow.cli: No module named 'psycopg'"
        sleep 4
        seq 3000
        sleep 1000
    labels: {mlstack.role: tracking}
`;

test(
	'a card is explained, its log line found when it has left the memory, and the file mended by D',
	{skip: skipWithoutEngine},
	async () => {
		await withProject(failing, async (project) => {
			const terminal = openProgram(['tui', '-f', project.file, '-p', project.name, '--buffer', '500'], {
				columns: 120,
				rows: 36,
				cwd: project.folder,
			});
			try {
				await terminal.shows(/no container, so no log/);
				terminal.press('e');
				await terminal.shows(/e \(explain\) does nothing now: no card is on the screen/);
				terminal.press('u');
				await terminal.shows(/✗ mlflow stopped: the driver that its database URI asks for/);
				await terminal.shows('e explain · l log line');
				await terminal.shows(/│ 3000 /);
				terminal.press('e');
				await terminal.shows(/╭─ What is wrong ─+╮/);
				await terminal.shows(/What to do[^]+Name the driver in the URI/);
				terminal.press('l');
				await terminal.shows(/▸ ERROR mlflow\.cli: No module named 'psycopg'/);
				await terminal.shows('[held]');

				terminal.press('D');
				await terminal.shows(/· advice +compose\.yaml:1:1 +version-obsolete/);
				terminal.press('f');
				await terminal.shows(/Write compose\.yaml\?/);
				await terminal.shows('-version: "3"');
				await new Promise((resolve) => {
					setTimeout(resolve, 400);
				});
				terminal.press('y');
				await terminal.shows(/the compose file is corrected; u applies it/);
				assert.doesNotMatch(await readFile(project.file, 'utf8'), /version/);
				const names = await readdir(project.folder);
				assert.ok(names.some((name) => name.startsWith('compose.yaml.bak-')));
			} finally {
				await terminal.close();
			}
		});
	},
);
