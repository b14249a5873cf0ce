import assert from 'node:assert/strict';
import {test} from 'node:test';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {docker, lightStack, openProgram, withProject, type Project} from '../support/project.ts';
import type {Terminal} from '../support/terminal.ts';

const skip = skipWithoutEngine;

/** The TUI on a project, closed whatever happens. */
async function withTui(
	project: Project,
	body: (terminal: Terminal) => Promise<void>,
	arguments_: readonly string[] = ['-f', project.file, '-p', project.name],
): Promise<void> {
	const terminal = openProgram(['tui', ...arguments_]);
	try {
		await body(terminal);
	} finally {
		await terminal.close();
	}
}

test('from nothing to running and back by keys: up, logs, restart, stop, start, down', {skip}, async () => {
	await withProject(lightStack, async (project) => {
		await withTui(project, async (terminal) => {
			await terminal.shows(/postgres +absent/);
			terminal.press('u');
			await terminal.shows(/postgres +running/, 60_000);
			await terminal.shows(/mlflow +(running|starting)/);
			await terminal.shows('2 of 2 running');
			await terminal.shows(/postgres +│ database tick \d/);
			await terminal.shows(/mlflow +│ tracking tick \d/);
			await terminal.showsNot(/starting for/, 60_000);

			terminal.press('s');
			await terminal.shows(/postgres +(stopped|exited)/, 30_000);
			await terminal.shows(/postgres stopped/);
			terminal.press('s');
			await terminal.shows(/postgres +running/, 30_000);
			await terminal.shows(/postgres started/, 30_000);

			terminal.press('d');
			await terminal.shows(/Take .* down\?/);
			terminal.press('n');
			await terminal.showsNot(/Take .* down\?/);
			assert.equal(
				(await docker('ps', '-q', '--filter', `label=com.docker.compose.project=${project.name}`)).split('\n')
					.length,
				2,
			);

			terminal.press('d');
			await terminal.shows(/Take .* down\?/);
			await new Promise((resolve) => setTimeout(resolve, 400));
			terminal.press('y');
			await terminal.shows(/postgres +absent/, 30_000);
			await terminal.shows(/taken down/, 30_000);
			assert.match(await docker('volume', 'ls', '-q'), new RegExp(`${project.name}_data`));
			terminal.press('q');
			assert.equal((await terminal.exited).exitCode, 0);
			await terminal.settled();
			assert.equal(terminal.buffer, 'normal');
		});
	});
});

test('keys typed ahead of a question, and then held, do not answer it', {skip}, async () => {
	await withProject(lightStack, async (project) => {
		await project.compose('up', '-d');
		await withTui(project, async (terminal) => {
			await terminal.shows(/postgres +running/);
			terminal.press('dyyyy');
			await terminal.shows(/Take .* down\?/);
			// Held down, as a keyboard repeats it.
			for (let count = 0; count < 40; count++) {
				terminal.press('y');
				await new Promise((resolve) => setTimeout(resolve, 33));
			}

			await new Promise((resolve) => setTimeout(resolve, 600));
			assert.match(terminal.screen(), /Take .* down\?/);
			assert.equal(
				(await docker('ps', '-q', '--filter', `label=com.docker.compose.project=${project.name}`)).split('\n')
					.length,
				2,
			);
			terminal.press('n');
			await terminal.showsNot(/Take .* down\?/);
			assert.match(terminal.screen(), /2 of 2 running/);
		});
	});
});

test('a paste presses no key', {skip}, async () => {
	await withProject(lightStack, async (project) => {
		await project.compose('up', '-d');
		await withTui(project, async (terminal) => {
			await terminal.shows(/postgres +running/);
			terminal.press('\u001B[200~dys\nqx\u001B[201~');
			await new Promise((resolve) => setTimeout(resolve, 500));
			assert.match(terminal.screen(), /2 of 2 running/);
			assert.doesNotMatch(terminal.screen(), /down\?/);
		});
	});
});

test(
	'what others do to the project is on the screen at once: kill, pause, unpause, start, remove',
	{skip},
	async () => {
		await withProject(lightStack, async (project) => {
			await project.compose('up', '-d');
			const container = `${project.name}-postgres-1`;
			await withTui(project, async (terminal) => {
				await terminal.shows(/postgres +running/);
				await docker('kill', container);
				await terminal.shows(/postgres +exited \(137\)/);
				await docker('start', container);
				await terminal.shows(/postgres +running/);
				await docker('pause', container);
				await terminal.shows(/postgres +paused/);
				await docker('unpause', container);
				await terminal.shows(/postgres +running/);
				await docker('rm', '-f', container);
				await terminal.shows(/postgres +absent/);
			});
		});
	},
);

test('a log goes on over restarts, without a gap and without a line twice', {skip}, async () => {
	await withProject(lightStack, async (project) => {
		await project.compose('up', '-d');
		await withTui(project, async (terminal) => {
			await terminal.shows(/database tick 3/);
			await project.compose('restart', '-t', '1', 'postgres');
			await terminal.until(
				(screen) => (screen.match(/database tick 2\b/g) ?? []).length === 2,
				'two runs',
				20_000,
			);
			const ticks = terminal.rows().flatMap((row) => /database tick (\d+)/.exec(row)?.[1] ?? []);
			const second = ticks.lastIndexOf('1');
			assert.deepEqual(
				ticks.slice(0, second),
				ticks.slice(0, second).map((_, index) => String(index + 1)),
			);
			assert.deepEqual(
				ticks.slice(second),
				ticks.slice(second).map((_, index) => String(index + 1)),
			);
		});
	});
});

test('-p NAME alone watches a project without its file; up is refused with the reason', {skip}, async () => {
	await withProject(lightStack, async (project) => {
		await project.compose('up', '-d');
		await withTui(
			project,
			async (terminal) => {
				await terminal.shows(/postgres +running/);
				await terminal.shows('no compose file');
				terminal.press('u');
				await terminal.shows(/no compose file is known for this project/);
			},
			['-p', project.name],
		);
	});
});

test('no password is on the screen, in the status or in its JSON', {skip}, async () => {
	await withProject(lightStack, async (project) => {
		await project.compose('up', '-d');
		await withTui(project, async (terminal) => {
			await terminal.shows(/postgres +running/);
			assert.doesNotMatch(terminal.written, /geheim/);
		});
	});
});

test('a smaller and a larger window: the screen is whole again each time', {skip}, async () => {
	await withProject(lightStack, async (project) => {
		await project.compose('up', '-d');
		await withTui(project, async (terminal) => {
			await terminal.shows(/postgres +running/);
			for (const [columns, rows] of [
				[80, 24],
				[40, 12],
				[160, 50],
				[61, 17],
				[120, 36],
			] as const) {
				terminal.resize(columns, rows);
				await terminal.until(
					(screen) =>
						/postgres +running/.test(screen) &&
						(screen.match(/mlflow +(running|starting|no answer)/g) ?? []).length === 1 &&
						// A frame that was under way still fits the old window: a smaller one has lost the first rows.
						screen.includes('mlstack  '),
					`one table at ${columns}x${rows}`,
					10_000,
				);
				assert.equal(terminal.rows().filter((row) => row.includes('mlstack  ')).length, 1);
			}
		});
	});
});
