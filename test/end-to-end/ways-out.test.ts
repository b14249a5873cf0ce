import assert from 'node:assert/strict';
import {test} from 'node:test';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {lightStack, openProgram, withProject} from '../support/project.ts';
import type {Terminal} from '../support/terminal.ts';

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
