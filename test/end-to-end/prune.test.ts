import assert from 'node:assert/strict';
import {mkdtemp, mkdir, readdir, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {untilAccepting, withBackupProject} from '../engine/backup-project.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {docker, lightStack, openProgram, runProgram, withProject, type Project} from '../support/project.ts';
import type {Terminal} from '../support/terminal.ts';

const skip = skipWithoutEngine;

/** The TUI on a project with folders of its own, closed whatever happens. */
async function withTui(
	project: Project,
	body: (terminal: Terminal, folder: string) => Promise<void>,
	prepare: (folder: string) => Promise<void> = async () => {},
): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), 'mlstack-test-'));
	await prepare(folder);
	const terminal = openProgram(['tui', '-f', project.file, '-p', project.name], {
		environment: {XDG_DATA_HOME: join(folder, 'data'), XDG_STATE_HOME: join(folder, 'state')},
	});
	try {
		await body(terminal, folder);
	} finally {
		await terminal.close();
		await rm(folder, {recursive: true, force: true});
	}
}

/** As a person types: one key after another. */
async function type(terminal: Terminal, text: string): Promise<void> {
	for (const character of text) {
		await delay(25);
		terminal.press(character);
	}
}

/** Longer than a question must have been read, also after a key that came too early. */
const untilReadable = async () => delay(1000);

/** Names and bytes of all that a volume holds. */
async function hashOf(volume: string): Promise<string> {
	const script = 'find . -exec stat -c "%n %s %a %Y" {} + | sort; find . -type f -exec sha256sum {} + | sort';
	return docker('run', '--rm', '-v', `${volume}:/v:ro`, '-w', '/v', 'busybox', 'sh', '-c', script);
}

async function volumesOf({name}: Project): Promise<string> {
	return docker('volume', 'ls', '-q', '--filter', `label=com.docker.compose.project=${name}`);
}

/** Every object of a project with its id, so that one that was made anew differs too. */
async function objectsOf({name}: Project): Promise<string> {
	const filter = ['--filter', `label=com.docker.compose.project=${name}`, '--no-trunc'];
	return [
		await docker('ps', '-a', ...filter, '--format', '{{.ID}} {{.Names}} {{.State}}'),
		await docker('network', 'ls', ...filter, '--format', '{{.ID}} {{.Name}}'),
		await volumesOf({name} as Project),
	].join('\n');
}

/** Opens the dialog, with nothing chosen, when all sizes and contents are there. */
async function openDialog(terminal: Terminal): Promise<void> {
	terminal.press('p');
	await terminal.shows(/Volumes of this stack/);
	await terminal.showsNot('are being read', 30_000);
	terminal.press('n');
	await terminal.shows('Nothing is chosen.');
}

test(
	'prune of one project by keys leaves the other byte for byte; nothing but the typed name removes a volume',
	{skip},
	async () => {
		await withProject(lightStack, async (project) => {
			await withProject(lightStack, async (other) => {
				const volume = `${project.name}_data`;
				for (const one of [project, other]) {
					await one.compose('up', '-d');
					await one.compose(
						'exec',
						'-T',
						'postgres',
						'sh',
						'-c',
						`for i in 1 2 3; do echo ${one.name} $i > /data/$i; done`,
					);
				}

				await project.compose('stop', '-t', '1');
				const [hash, otherHash, otherObjects] = [
					await hashOf(volume),
					await hashOf(`${other.name}_data`),
					await objectsOf(other),
				];
				const untouched = async () => {
					assert.equal(await hashOf(volume), hash);
				};
				await withTui(project, async (terminal) => {
					await terminal.shows(/postgres +(stopped|exited)/);

					await openDialog(terminal);
					terminal.press('s');
					await terminal.shows(new RegExp(`\\[all unused on the engine\\] .*of ${project.name}`));
					terminal.press('\t');
					await terminal.shows('[this stack]');
					await terminal.showsNot('are being read', 30_000);

					terminal.press('nG ');
					await terminal.shows(/\[x\] \S+_data /);
					await terminal.shows(/2 chosen, .*1 volume: lost for good/);
					// The name typed ahead of the question, in one go with the key that leads to it.
					terminal.press(`\r${project.name}\r`);
					await terminal.shows(/This is lost, and nothing makes it again/);
					await terminal.shows(/A key came before this could be read/);
					await terminal.shows(new RegExp(`${volume}; .*3 files`));
					await untilReadable();
					terminal.press(`\u001B[200~${project.name}\r\u001B[201~`);
					await delay(300);
					assert.match(terminal.screen(), /> +│/, 'a paste types nothing');
					terminal.press(`${project.name}\r`);
					await terminal.shows(/A paste does not count/);
					await type(terminal, `${project.name.slice(0, -1)}\r`);
					await terminal.shows(/That is not /);
					terminal.press('\u0015');
					for (let count = 0; count < 40; count++) {
						terminal.press('y');
						await delay(20);
					}

					terminal.press('\r');
					await terminal.shows(/That is not /);
					await untouched();

					terminal.press('\u0015');
					await type(terminal, project.name);
					terminal.press('\t');
					await terminal.shows('[ ] back');
					terminal.press('\r');
					await terminal.shows(/Removed 2 objects, which freed/, 30_000);
					assert.equal(await volumesOf(project), '');
					await untilReadable();
					terminal.press('\r');
					await terminal.showsNot('Removed 2 objects');
					terminal.press('q');
					assert.equal((await terminal.exited).exitCode, 0);
				});
				assert.equal(await hashOf(`${other.name}_data`), otherHash);
				assert.equal(await objectsOf(other), otherObjects);
			});
		});
	},
);

test(
	'containers go after one y, that was neither typed ahead nor held; what is in use cannot be chosen',
	{skip},
	async () => {
		await withProject(lightStack, async (project) => {
			await project.compose('up', '-d');
			await project.compose('stop', '-t', '1', 'mlflow');
			const stopped = async () => docker('ps', '-aq', '--filter', `name=${project.name}-mlflow-1`);
			await withTui(project, async (terminal) => {
				await terminal.shows(/mlflow +(stopped|exited)/);
				await openDialog(terminal);
				terminal.press('G ');
				await terminal.shows(
					new RegExp(`${project.name}_data stays: used by ${project.name}-postgres-1, which is running`),
				);
				terminal.press('\r');
				await terminal.shows(/Nothing is chosen: space/);

				terminal.press('g \ryyyy');
				await terminal.shows('Remove 1 object?');
				await terminal.shows(/A key came before this could be read/);
				// Held down, as a keyboard repeats it.
				for (let count = 0; count < 40; count++) {
					terminal.press('y');
					await delay(33);
				}

				terminal.press('\u001B[200~y\u001B[201~');
				assert.notEqual(await stopped(), '');
				terminal.press('n');
				await terminal.showsNot('Remove 1 object?');
				terminal.press('\r');
				await terminal.shows('Remove 1 object?');
				await untilReadable();
				terminal.press('\r');
				await delay(200);
				assert.notEqual(await stopped(), '');
				terminal.press('y');
				await terminal.shows(/Removed 1 object, which freed/, 30_000);
				assert.equal(await stopped(), '');
				assert.equal(await volumesOf(project), `${project.name}_data`);
			});
		});
	},
);

test(
	'b backs up, x cancels it; a prune backs up before it removes, and that is restored whole',
	{skip},
	async () => {
		await withBackupProject(async (project) => {
			const {name, fill, contents} = project;
			await fill(3);
			// A volume that is made anew belongs to root, and its files with it.
			const whole = async () => (await contents()).replaceAll(/ \d+ 644$/gm, '');
			const before = await whole();
			await withTui(project, async (terminal, folder) => {
				const backups = join(folder, 'data', 'mlstack', 'backups');
				await terminal.shows(/postgres +running/);
				terminal.press('b');
				await terminal.shows(`Backing ${name} up`);
				terminal.press('x');
				await terminal.shows(/the backup was cancelled; it left no file/, 30_000);
				assert.deepEqual(await readdir(backups), []);

				terminal.press('b');
				await terminal.shows(/backed up to \/.*\.tar/, 60_000);
				await terminal.shows(/2 experiments, 3 runs, 3 files; PostgreSQL 18/);
				const [file = ''] = await readdir(backups);
				assert.equal((await stat(join(backups, file))).mode & 0o777, 0o600);

				await project.compose('stop', '-t', '5');
				await terminal.shows(/postgres +(stopped|exited)/, 30_000);
				await openDialog(terminal);
				terminal.press('Gk');
				await terminal.shows(/old; PostgreSQL 18 data, database mlflow: 2 experiments, 3 runs/);
				terminal.press('k ');
				await terminal.shows(/\[x\] Volumes of this stack/);
				terminal.press('\r');
				await terminal.shows(/\[x\] back .* up first/);
				await untilReadable();
				await type(terminal, name);
				terminal.press('\r');
				await terminal.shows(/Removed 4 objects, which freed/, 90_000);
				await terminal.shows(/Backed up before to/);
				assert.equal(await volumesOf(project), '');

				const saved = (await readdir(backups)).find((one) => one.endsWith('-before-prune.tar')) ?? '';
				await project.compose('up', '-d', '--quiet-pull');
				await untilAccepting(project);
				const restored = await runProgram(
					['restore', '-f', project.file, '-p', name, '--confirm', name, join(backups, saved)],
					{environment: {XDG_DATA_HOME: join(folder, 'data'), XDG_STATE_HOME: join(folder, 'state')}},
				);
				assert.equal(restored.exitCode, 0, restored.stderr);
				assert.equal(await whole(), before);
			});
		});
	},
);

test(
	'a program that is ended during a backup leaves neither half a file nor a database that it started',
	{skip},
	async () => {
		await withBackupProject(async (project) => {
			await project.compose('stop', '-t', '5');
			const before = await project.states();
			for (const leave of [
				(terminal: Terminal) => terminal.kill('SIGTERM'),
				(terminal: Terminal) => terminal.hangUp(),
			]) {
				await withTui(project, async (terminal, folder) => {
					await terminal.shows(/postgres +(stopped|exited)/);
					terminal.press('b');
					await terminal.shows(/container \S+-postgres-1 start/, 30_000);
					leave(terminal);
					await terminal.exited;
					assert.deepEqual(await readdir(join(folder, 'data', 'mlstack', 'backups')), []);
				});
				assert.deepEqual(await project.states(), before);
			}
		});
	},
);

test('an interrupted restore is told when the screen opens', {skip}, async () => {
	await withProject(lightStack, async (project) => {
		await withTui(
			project,
			async (terminal) => {
				await terminal.shows(/A restore of \S+ was interrupted/);
				await terminal.shows(/The data are as they were before it/);
			},
			async (folder) => {
				const journals = join(folder, 'state', 'mlstack', 'journal');
				await mkdir(journals, {recursive: true});
				const entry = {
					version: 1,
					operation: 'restore',
					phase: 'prepare',
					project: project.name,
					id: 'a',
					pid: 1,
					host: 'elsewhere',
				};
				await writeFile(join(journals, `${project.name}.json`), JSON.stringify(entry));
			},
		);
	});
});
