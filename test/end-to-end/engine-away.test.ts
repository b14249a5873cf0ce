import assert from 'node:assert/strict';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {EngineSocket} from '../support/engine-socket.ts';
import {docker, lightStack, openProgram, runProgram, withProject} from '../support/project.ts';

async function withSocket(body: (socket: EngineSocket) => Promise<void>): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), 'mlstack-socket-'));
	const socket = new EngineSocket(join(folder, 'docker.sock'));
	try {
		await body(socket);
	} finally {
		await socket.close();
		await rm(folder, {recursive: true, force: true});
	}
}

test(
	'no engine: a card with what was tried; it becomes the dashboard when the engine answers',
	{skip: skipWithoutEngine},
	async () => {
		await withSocket(async (socket) => {
			await withProject(lightStack, async (project) => {
				await project.compose('up', '-d');
				const options = ['-f', project.file, '-p', project.name, '--host', `unix://${socket.path}`];
				const terminal = openProgram(options);
				try {
					await terminal.shows(socket.path);
					await terminal.shows(/q quit/);
					assert.doesNotMatch(terminal.screen(), /postgres +running/);
					const {exitCode, stderr} = await runProgram(['status', ...options]);
					assert.equal(exitCode, 3);
					assert.match(stderr, /next:/);
					await socket.open();
					await terminal.shows(/postgres +running/, 15_000);
				} finally {
					await terminal.close();
				}
			});
		});
	},
);

test(
	'the engine goes away and comes back: said calmly, and true again',
	{skip: skipWithoutEngine},
	async () => {
		await withSocket(async (socket) => {
			await socket.open();
			await withProject(lightStack, async (project) => {
				await project.compose('up', '-d');
				const terminal = openProgram(['-p', project.name, '--host', `unix://${socket.path}`]);
				try {
					await terminal.shows(/postgres +running/);
					await socket.close();
					await terminal.shows(/engine away/);
					await docker('kill', `${project.name}-postgres-1`);
					assert.match(terminal.screen(), /postgres +running/);
					await socket.open();
					await terminal.shows(/postgres +exited \(137\)/);
					await terminal.showsNot(/engine away/);
				} finally {
					await terminal.close();
				}
			});
		});
	},
);
