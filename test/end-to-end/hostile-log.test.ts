import assert from 'node:assert/strict';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {docker, executable, openProgram, runCommand, runProgram, withProject} from '../support/project.ts';

/** Every way to act on a terminal that its text could be used for, each between letters that must be seen. */
const attacks = [
	'A1\u001B[13;37HA2\u001B[2JA3\u001B[99BA4\u001B7\u001B8\u001BcA5',
	'B1\u001B]52;c;ZXZpbA==\u0007B2\u001B]0;owned\u001B\\B3\u001B]8;;https://evil.example\u001B\\B4\u001B]8;;\u001B\\B5',
	'C1\u001B[?1047hC2\u001B[?1002hC3\u0007C4\u001B[6nC5\u001BPq#0\u001B\\C6',
	'D1\u009B31mD2\u009D0;owned\u009CD3\u0085D4',
	'E1\u202EE2\u2066E3\u200FE4',
];

const lines = [
	'\u001B[31mred\u001B[39m and plain',
	...attacks,
	'ERROR: it failed',
	'Traceback (most recent call last):',
	'  File "train.py", line 3, in <module>',
	'ValueError: broken',
	' 10%|#   |\r 50%|##  |\r100%|####| done',
	'漢字 👩🏽‍🔬 e\u0301 wide',
];

/** As the program writes it: text, Latin-1, and every byte but those that end a line, begin a sequence or take back. */
const written = Buffer.concat([
	Buffer.from(`${lines.join('\n')}\n`),
	Buffer.from('caf\u00E9 latin\nF1', 'latin1'),
	Uint8Array.from({length: 256}, (_, byte) => ([8, 10, 13, 27].includes(byte) ? 0 : byte)),
	Buffer.from('F2\n'),
]);

/** Each run writes all that, a line of 5 MB, and a last one without a newline. */
const hostile = `
services:
  attack:
    image: busybox
    volumes: ["./:/attack:ro"]
    command:
      - sh
      - -c
      - |
        n=$$(cat /n 2>/dev/null || echo 0); n=$$((n+1)); echo $$n > /n
        echo run $$n begins
        head -c 5000000 /dev/zero | tr '\\0' y; echo
        cat /attack/log.bin
        printf 'run %s ends' $$n
        exit 3
`;

/** What Ink and the screen write: cursor moves, erasing, inserting and deleting lines, SGR, and the modes of a full screen. */
const ours = /\u001B\[(?:\d*[ABCDEGHJKLM]|[\d;]*m|\?(?:7|25|1049|2004|2026)[hl])/g;

test(
	'nothing that a container writes acts on the terminal, and none of it is lost',
	{skip: skipWithoutEngine},
	async () => {
		await withProject(hostile, async (project) => {
			await writeFile(join(project.folder, 'log.bin'), written);
			await project.compose('up', '-d');
			const container = `${project.name}-attack-1`;
			await docker('wait', container);
			const terminal = openProgram(['tui', '-p', project.name], {columns: 150, rows: 70});
			try {
				await terminal.shows(/run 1 ends/);
				await docker('start', container);
				await terminal.shows(/run 2 ends/);
				const screen = await terminal.shows(/run 2 ends[^]*exited \(3\)/);
				for (const part of [
					'red and plain',
					'A1A2A3A4A5',
					'B1B2B3B4B5',
					'C1C2C3␇C4C5C6',
					'D1D2D3\uFFFDD4',
					'E1E2E3E4',
					'  File "train.py", line 3, in <module>',
					'│ 100%|####| done',
					'漢字 👩🏽‍🔬 e\u0301 wide',
					'caf\uFFFD latin',
					'F1␀␁␂␃␄␅␆␇␀ ',
				]) {
					assert.equal(screen.split(part).length - 1, 2, `each run wrote ${part} once:\n${screen}`);
				}

				assert.match(screen, /run 1 begins\s*│\n.*yyyy[^]*run 1 ends\s*│\n.*exited \(3\)[^]*run 2 begins/);
				terminal.press('w');
				await terminal.shows('[wrap]');
				await terminal.shows(/run 2 ends/);
				terminal.press('\u001B[5~\u001B[5~');
				await terminal.settled();
				assertOnlyOurs(terminal.written);
			} finally {
				await terminal.close();
			}

			await assertPiped(project.name);
		});
	},
);

/** A joined character, which takes three columns of the emulator, and two by Unicode. */
const wide = `
services:
  wide:
    image: busybox
    command: sh -c 'for n in $$(seq 10 40); do echo "👩🏽‍🔬 number $$n, then $$(seq -s " " 30 70) and the end"; done; sleep 600'
`;

test(
	'what changes behind a character that the terminal shows wider than Unicode says stands where it should',
	{skip: skipWithoutEngine},
	async () => {
		await withProject(wide, async (project) => {
			await project.compose('up', '-d');
			const terminal = openProgram(['tui', '-p', project.name], {columns: 80, rows: 24});
			try {
				await terminal.shows('number 40');
				for (const wrap of [true, false]) {
					terminal.press('w');
					await (wrap ? terminal.shows('[wrap]') : terminal.showsNot('[wrap]'));
					await terminal.settled();
					const shown = terminal.rows().filter((row) => row.includes('👩'));
					assert.ok(shown.length > 4);
					for (const [index, row] of shown.entries()) {
						const number = 41 - shown.length + index;
						assert.ok(row.includes(`│ 👩🏽‍🔬 number ${number}, then 30 31 32 33`), shown.join('\n'));
					}
				}
			} finally {
				await terminal.close();
			}
		});
	},
);

function assertOnlyOurs(bytes: string): void {
	const rest = bytes.replaceAll(ours, '');
	// eslint-disable-next-line no-control-regex
	assert.doesNotMatch(
		rest,
		/[\u0000-\u0009\u000B\u000C\u000E-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\u200E\u200F]/,
	);
	for (const sequence of ['\u001B[2J', '\u001B[99B']) {
		assert.ok(!bytes.includes(sequence), JSON.stringify(sequence));
	}
}

/** Into a pipe goes what was written, each line once; a reader who leaves is no error. */
async function assertPiped(project: string): Promise<void> {
	const logs = await runProgram(['logs', '-p', project, 'attack']);
	assert.equal(logs.exitCode, 0);
	for (const run of [1, 2]) {
		assert.equal(logs.stdout.split(`run ${run} begins\n`).length - 1, 1);
		assert.equal(logs.stdout.split(`run ${run} ends\n`).length - 1, 1);
	}

	for (const line of lines) {
		assert.equal(logs.stdout.split(`\n${line}\n`).length - 1, 2, line);
	}

	assert.match(logs.stdout, /\ny{60000,} … \[bytes left out: [\d,]+\]\n/);
	const errors = await runProgram(['logs', '-p', project, '--level', 'error', 'attack']);
	assert.equal(errors.stdout, `${lines.slice(6, 10).join('\n')}\n`.repeat(2), 'a traceback is kept whole');
	const {exitCode, stdout, stderr} = await runCommand('bash', [
		'-o',
		'pipefail',
		'-c',
		`'${process.execPath}' '${executable}' logs -p ${project} attack | head -1`,
	]);
	assert.deepEqual({exitCode, stdout, stderr}, {exitCode: 0, stdout: 'run 1 begins\n', stderr: ''});
}
