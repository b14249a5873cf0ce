import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {executable, lightStack, openProgram, withProject} from '../support/project.ts';
import {Terminal} from '../support/terminal.ts';

const skip = skipWithoutEngine;

interface WayOut {
	readonly name: string;
	readonly leave: (terminal: Terminal) => void;
	readonly exitCode: number;
}

const waysOut: readonly WayOut[] = [
	{name: 'q', leave: (terminal) => terminal.press('q'), exitCode: 0},
	{name: 'Ctrl-C', leave: (terminal) => terminal.press('\u0003'), exitCode: 0},
	{name: 'SIGTERM', leave: (terminal) => terminal.kill('SIGTERM'), exitCode: 143},
	{name: 'SIGHUP', leave: (terminal) => terminal.kill('SIGHUP'), exitCode: 129},
	{name: 'SIGINT', leave: (terminal) => terminal.kill('SIGINT'), exitCode: 130},
];

for (const {name, leave, exitCode} of waysOut) {
	test(`${name} gives the terminal back as it was, within two seconds`, {skip}, async () => {
		await withProject(lightStack, async (project) => {
			const terminal = openProgram(['-f', project.file, '-p', project.name]);
			try {
				await terminal.shows(/postgres +absent/);
				assert.equal(terminal.buffer, 'alternate');
				const left = Date.now();
				leave(terminal);
				const exited = await terminal.exited;
				assert.equal(
					exited.signal === undefined || exited.signal === 0 ? exited.exitCode : 128 + exited.signal,
					exitCode,
				);
				assert.ok(Date.now() - left < 2000, `it took ${Date.now() - left} ms`);
				await terminal.settled();
				assert.equal(terminal.buffer, 'normal');
				assert.deepEqual(terminal.modesLeftOn(), []);
			} finally {
				await terminal.close();
			}
		});
	});
}

test('an error that nothing caught gives the terminal back, then says what it was', {skip}, async () => {
	await withProject(lightStack, async (project) => {
		const fails = `process.on('SIGUSR2', () => { throw new Error('nobody caught this'); })`;
		const terminal = openProgram(['-f', project.file, '-p', project.name], {
			environment: {NODE_OPTIONS: `--import="data:text/javascript,${encodeURIComponent(fails)}"`},
		});
		try {
			await terminal.shows(/postgres +absent/);
			terminal.kill('SIGUSR2');
			assert.equal((await terminal.exited).exitCode, 1);
			await terminal.settled();
			assert.equal(terminal.buffer, 'normal');
			assert.deepEqual(terminal.modesLeftOn(), []);
			assert.match(terminal.screen(), /nobody caught this/);
		} finally {
			await terminal.close();
		}
	});
});

const onLinux = process.platform === 'linux' ? skip : 'the children of a process are read from /proc';

test('a terminal that vanishes without a signal ends the program', {skip: onLinux}, async () => {
	await withProject(lightStack, async (project) => {
		// In a session of its own it has no controlling terminal, so nothing sends it a SIGHUP.
		const program = [process.execPath, executable, '-f', project.file, '-p', project.name];
		const terminal = new Terminal('setsid', ['--wait', ...program]);
		try {
			await terminal.shows(/postgres +absent/);
			const pid = Number(readFileSync(`/proc/${terminal.pid}/task/${terminal.pid}/children`, 'utf8'));
			terminal.hangUp();
			const end = Date.now() + 5000;
			while (isThere(pid)) {
				assert.ok(Date.now() < end, `process ${pid} is still there`);
				await delay(20);
			}
		} finally {
			await terminal.close();
		}
	});
});

test('a terminal that knows no size is taken for 80 columns and 24 rows', {skip}, async () => {
	await withProject(lightStack, async (project) => {
		const sizeless = ['-c', 'stty cols 0 rows 0; exec "$0" "$@"', process.execPath];
		const terminal = new Terminal('sh', [...sizeless, executable, '-f', project.file, '-p', project.name], {
			columns: 80,
			rows: 24,
		});
		try {
			await terminal.shows(/postgres +absent/);
			assert.equal(terminal.rows()[1]?.length, 80);
		} finally {
			await terminal.close();
		}
	});
});

function isThere(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}
