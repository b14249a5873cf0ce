import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {chownSync, mkdirSync, readFileSync, rmSync, statSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {test} from 'node:test';
import {accountNamed} from '../../../src/engine/native/account.ts';
import {nativePaths, projectPaths, type ProjectPaths} from '../../../src/engine/native/paths.ts';
import {isAlive} from '../../../src/engine/native/process-table.ts';
import {runProgram, type RunResult} from '../../../src/engine/native/run-program.ts';
import {readSettings} from '../../../src/engine/native/settings.ts';
import {executable} from '../../support/project.ts';
import {anyPort, newFolder, processesNaming, processesOf, skipElsewhere} from './support.ts';

const skip =
	skipElsewhere || (process.getuid?.() === 0 ? false : 'only root can run programs as two other accounts');

/** Accounts that every Linux and macOS has. */
const accounts = ['nobody', 'daemon'];

interface User {
	readonly uid: number;
	readonly data: string;
	readonly project: ProjectPaths;
	/** Runs a program as this user. */
	readonly run: (...command: readonly string[]) => Promise<RunResult>;
	readonly mlstack: (...words: readonly string[]) => Promise<RunResult>;
}

/** An account of the machine, with a home that others may enter: what keeps them out is the data folder's own mode. */
async function userNamed(name: string, homes: string, port: number): Promise<User | undefined> {
	const account = await accountNamed(name);
	if (!account) {
		return undefined;
	}

	const home = join(homes, name);
	const data = join(home, 'data', 'mlstack');
	mkdirSync(dirname(data), {recursive: true, mode: 0o755});
	for (const folder of [home, dirname(data)]) {
		chownSync(folder, account.uid, account.gid);
	}

	const environment = {
		PATH: process.env['PATH'],
		HOME: home,
		XDG_DATA_HOME: dirname(data),
		MLSTACK_PG_PORT: String(port),
	};
	const run: User['run'] = async (...command) => runProgram(command, {account, environment});
	return {
		uid: account.uid,
		data,
		project: projectPaths(nativePaths({MLSTACK_DATA: data}), 'mlstack'),
		run,
		mlstack: async (...words) => run(process.execPath, executable, '--engine', 'native', ...words),
	};
}

/** The identifier that initdb gave to a cluster: the first field of its control file (PostgreSQL's pg_control.h). */
function systemIdentifier({project}: User): bigint {
	return readFileSync(join(project.clusters, '18', 'global', 'pg_control')).readBigUInt64LE();
}

function portOf({project}: User): number | undefined {
	return readSettings(project.settings)?.ports.postgres;
}

test(
	'two users of one machine run the same project beside each other',
	{skip, timeout: 120_000},
	async (t) => {
		const homes = newFolder();
		const port = await anyPort();
		const users: User[] = [];
		t.after(async () => {
			for (const {mlstack} of users) {
				await mlstack('down');
			}

			rmSync(homes, {recursive: true, force: true});
		});
		for (const name of accounts) {
			const user = await userNamed(name, homes, port);
			if (user) {
				users.push(user);
			}
		}

		const [one, other] = users;
		if (!one || !other || (await one.mlstack('version')).exitCode !== 0) {
			t.skip(`${accounts.join(' and ')} cannot run this checkout`);
			return;
		}

		for (const user of [one, other]) {
			const {exitCode, output} = await user.mlstack('up', 'postgres');
			assert.equal(exitCode, 0, output);
			if (user === other) {
				assert.ok(output.includes(`Port ${port} is taken: PostgreSQL listens on ${portOf(other)} instead.`));
			}
		}

		assert.equal(portOf(one), port);
		assert.notEqual(portOf(other), port);
		await t.test('each has a cluster of their own, whose server runs as they do', () => {
			assert.notEqual(systemIdentifier(one), systemIdentifier(other));
			for (const {uid, project} of [one, other]) {
				const {pid} = processesOf(project).service('postgres');
				assert.equal(statSync(join(project.clusters, '18')).uid, uid);
				assert.equal(
					execFileSync('ps', ['-o', 'uid=', '-p', String(pid)], {encoding: 'utf8'}).trim(),
					String(uid),
				);
			}
		});
		await t.test("neither can look into the other's data folder", async () => {
			for (const [reader, owner] of [
				[one, other],
				[other, one],
			] as const) {
				assert.equal(statSync(owner.data).mode & 0o777, 0o700);
				for (const command of [
					['ls', owner.data],
					['cat', owner.project.settings],
				]) {
					assert.equal((await owner.run(...command)).exitCode, 0);
					const {exitCode, output} = await reader.run(...command);
					assert.notEqual(exitCode, 0);
					assert.match(output, /permission denied/i);
				}
			}
		});
		await t.test(
			'both begin at the same instant, again and again: each gets a port of their own',
			async () => {
				const both = [one, other];
				for (let round = 0; round < 3; round++) {
					await Promise.all(both.map(async ({mlstack}) => mlstack('down')));
					const results = await Promise.all(
						both.map(async ({mlstack}) => mlstack('up', '--wait', 'postgres')),
					);
					const ports = both.map(portOf);
					assert.ok(ports.includes(port), `one has the port that both want: ${ports.join()}`);
					for (const [index, {exitCode, output}] of results.entries()) {
						assert.equal(exitCode, 0, output);
						const moved = output.includes(
							`Port ${port} is taken: PostgreSQL listens on ${ports[index]} instead.`,
						);
						assert.equal(moved, ports[index] !== port, output);
					}

					assert.notEqual(ports[0], ports[1]);
					for (const user of both) {
						const server = processesOf(user.project).service('postgres');
						const [, , , listens] = readFileSync(
							join(user.project.clusters, '18', 'postmaster.pid'),
							'utf8',
						).split('\n');
						assert.equal(Number(listens), portOf(user));
						assert.ok(isAlive(server));
					}
				}
			},
		);
		await t.test("down of one leaves the other's up", async () => {
			const server = processesOf(other.project).service('postgres');
			assert.equal((await one.mlstack('down')).exitCode, 0);
			assert.deepEqual(processesNaming(one.data), []);
			assert.ok(isAlive(server));
			assert.match((await other.mlstack('status')).output, /postgres +healthy/);
		});
	},
);
