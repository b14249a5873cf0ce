import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {test} from 'node:test';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {openProgram, withProject, type Project} from '../support/project.ts';
import type {Terminal, TerminalOptions} from '../support/terminal.ts';

const skip = skipWithoutEngine;

/** Two services that write a hundred lines at once, and one a second from then on. */
const twoServices = `
services:
  postgres:
    image: busybox
    init: true
    stop_grace_period: 1s
    command: &write
      - sh
      - -c
      - |
        n=0
        while [ $$n -lt 100 ]; do n=$$((n+1)); echo "$$WHO line $$n"; done
        while :; do n=$$((n+1)); echo "$$WHO later $$n"; sleep 1; done
    environment: {WHO: database}
    labels: {mlstack.role: database}
  mlflow:
    image: busybox
    init: true
    stop_grace_period: 1s
    command: *write
    environment: {WHO: tracking}
    labels: {mlstack.role: tracking}
`;

async function withTerminal(
	project: Project,
	options: TerminalOptions,
	body: (terminal: Terminal) => Promise<void>,
): Promise<void> {
	const terminal = openProgram(['tui', '-f', project.file, '-p', project.name], options);
	try {
		await terminal.shows(/tracking later \d/);
		await body(terminal);
	} finally {
		await terminal.close();
	}
}

/** A pager, and the key that leaves it. */
const [pager, leave] =
	spawnSync('less', ['--version']).status === 0 ? ['less -R', 'q'] : ['cat; read -r line </dev/tty', '\r'];

test('the log pane at work', {skip}, async (context) => {
	await withProject(twoServices, async (project) => {
		await project.compose('up', '-d');

		await context.test('the pager has the terminal, and gives it back whole', async () => {
			const environment = {MLSTACK_PAGER: pager, LESS: undefined};
			await withTerminal(project, {environment}, async (terminal) => {
				terminal.press('&line\r');
				await terminal.showsNot('later');
				terminal.press('P');
				await terminal.shows(/^\d\d:\d\d:\d\d\.\d{3} \w+ \| \w+ line 1$/m);
				assert.doesNotMatch(terminal.screen(), /Logs/);
				assert.deepEqual(
					terminal.modesLeftOn().filter((mode) => mode === '2004'),
					[],
				);

				// None of these is mlstack's, not even Ctrl-C; and the terminal may change its size.
				terminal.press('\u0003');
				terminal.press('\u0003');
				terminal.resize(100, 30);
				await new Promise((resolve) => setTimeout(resolve, 300));
				terminal.press(leave);
				const screen = await terminal.shows(/Logs .*&line/);
				assert.match(screen, /╭─ Logs .*╮$/m);
				assert.equal(terminal.rows().find((row) => row.includes('Logs'))?.length, 100);
				assert.equal(terminal.buffer, 'alternate');
				terminal.press('\u001B');
				await terminal.shows(/tracking later \d/);
				terminal.press('q');
				assert.equal((await terminal.exited).exitCode, 0);
				await terminal.settled();
				assert.equal(terminal.buffer, 'normal');
				assert.deepEqual(terminal.modesLeftOn(), []);
			});
		});

		await context.test('a pager that is not there is a notice', async () => {
			await withTerminal(
				project,
				{environment: {PAGER: 'no-such-pager', MLSTACK_PAGER: undefined}},
				async (terminal) => {
					terminal.press('P');
					await terminal.shows(/the pager `no-such-pager` failed/);
					await terminal.shows(/name another one in MLSTACK_PAGER or PAGER/);
					terminal.press('?');
					await terminal.shows('Keys');
				},
			);
		});

		await context.test('a signal while the pager runs ends both, and gives the terminal back', async () => {
			await withTerminal(project, {environment: {MLSTACK_PAGER: pager}}, async (terminal) => {
				terminal.press('P');
				await terminal.shows(/ \| \w+ line 1$/m);
				process.kill(terminal.pid, 'SIGTERM');
				assert.equal((await terminal.exited).exitCode, 143);
				await terminal.settled();
				assert.equal(terminal.buffer, 'normal');
				assert.deepEqual(terminal.modesLeftOn(), []);
			});
		});

		await context.test(
			'a range is copied; two logs stand side by side, each with a place of its own',
			async () => {
				await withTerminal(project, {columns: 160, environment: {TMUX: undefined}}, async (terminal) => {
					terminal.press('&line\r|');
					await terminal.shows(/Logs {2}postgres .*Logs {2}mlflow/);
					terminal.press('\tVk');
					await terminal.shows('[range of 2]');
					terminal.press('c');
					await terminal.shows('sent 2 lines to the clipboard');
					const copied = Buffer.from('database line 99\ndatabase line 100').toString('base64');
					assert.ok(terminal.written.includes(`\u001B]52;c;${copied}\u0007`));
					terminal.press('\u001B');
					await terminal.showsNot('[range of 2]');
					terminal.press('\tg');
					const screen = await terminal.shows(/tracking line 1 /);
					assert.match(screen, /database line 100/);
					assert.match(screen, /Logs {2}postgres .*\[held\].*Logs {2}mlflow .*\[held\]/);
				});
			},
		);

		await context.test(
			"the mouse is asked for by m, acts, and is the pager's and the shell's again",
			async () => {
				await withTerminal(
					project,
					{environment: {MLSTACK_PAGER: pager, LESS: undefined}},
					async (terminal) => {
						const mouse = () => terminal.modesLeftOn().filter((mode) => mode === '1000' || mode === '1006');
						const rowOf = (text: RegExp) => terminal.rows().findIndex((row) => text.test(row)) + 1;
						assert.deepEqual(mouse(), []);
						terminal.press('m');
						await terminal.shows(/m gives it back to the terminal/);
						assert.deepEqual(mouse(), ['1000', '1006']);

						terminal.press(`\u001B[<0;10;${rowOf(/mlflow +running/)}M\u001B[<0;10;4m`);
						await terminal.shows(/▸ ● mlflow/);
						terminal.press('\u001B[<64;10;20M');
						await terminal.shows('[held]');
						terminal.press(`\u001B[<0;40;${rowOf(/│ \w+ line 9\d/)}M`);
						await terminal.shows(/▸ \w+ line 9\d/);

						// Cut anywhere, with time between: none of it may quit, take down or search.
						for (const piece of ['\u001B', '[<0;1', '0;2', '0M', '\u001B[<6', '4;1', '\u001B[<35;']) {
							terminal.press(piece);
							await new Promise((resolve) => setTimeout(resolve, 30));
						}

						terminal.press('P');
						await terminal.shows(/ \| \w+ line 1$/m);
						assert.deepEqual(mouse(), []);
						terminal.press(leave);
						await terminal.shows(/Logs {2}all services/);
						await terminal.until(() => mouse().length === 2, 'the mouse to be asked for again', 5000);
						process.kill(terminal.pid, 'SIGTERM');
						assert.equal((await terminal.exited).exitCode, 143);
						await terminal.settled();
						assert.deepEqual(terminal.modesLeftOn(), []);
					},
				);
			},
		);
	});
});
