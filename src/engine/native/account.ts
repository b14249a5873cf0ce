import {statSync} from 'node:fs';
import {Failure} from '../../failure.ts';
import {runProgram, type Account} from './run-program.ts';

/** Accounts that PostgreSQL's packages make, on Linux and on macOS. */
const usual = ['postgres', '_postgres', 'mlstack'];

/** How systems make an account without home and login; tried in turn: shadow-utils, busybox. */
const makers: ReadonlyArray<readonly string[]> = [
	['useradd', '--system', '--no-create-home', '--shell', '/usr/sbin/nologin', 'mlstack'],
	['adduser', '-S', '-D', '-H', 'mlstack'],
];

/**
 * The account that PostgreSQL runs as when mlstack runs as root, which PostgreSQL refuses: the owner of the data that are
 * there, else one that is usual, else one made for it, else `nobody`. `undefined` for everyone but root: PostgreSQL runs
 * as who calls. Throws a Failure when there is none.
 */
export async function databaseAccount(
	cluster: string | undefined,
	signal?: AbortSignal,
): Promise<Account | undefined> {
	if (process.getuid?.() !== 0) {
		return undefined;
	}

	const owner = cluster === undefined ? undefined : ownerOf(cluster);
	if (owner && owner.uid !== 0) {
		return owner;
	}

	for (const name of usual) {
		const account = await accountNamed(name, signal);
		if (account) {
			return account;
		}
	}

	for (const command of makers) {
		await runProgram(command, {signal});
		const account = await accountNamed('mlstack', signal);
		if (account) {
			return account;
		}
	}

	const nobody = await accountNamed('nobody', signal);
	if (nobody) {
		return nobody;
	}

	throw new Failure('PostgreSQL refuses to run as root, and there is no other account for it', {
		code: 'native-no-account',
		why: 'No account named postgres, mlstack or nobody was found, and none could be made.',
		next: ['run mlstack as a user other than root', 'or make an account: useradd --system mlstack'],
	});
}

/** By its name; POSIX `id` knows accounts of directory services, too. */
export async function accountNamed(name: string, signal?: AbortSignal): Promise<Account | undefined> {
	const [user, group] = await Promise.all([
		runProgram(['id', '-u', name], {signal}),
		runProgram(['id', '-g', name], {signal}),
	]);
	const uid = Number(user.output.trim() || Number.NaN);
	const gid = Number(group.output.trim() || Number.NaN);
	return user.exitCode === 0 && group.exitCode === 0 && uid > 0 ? {name, uid, gid} : undefined;
}

function ownerOf(path: string): Account | undefined {
	try {
		const {uid, gid} = statSync(path);
		return {name: `uid ${uid}`, uid, gid};
	} catch {
		return undefined;
	}
}

/** Whether the account can enter the folder or run the file. */
export async function canReach(account: Account | undefined, path: string): Promise<boolean> {
	return account === undefined || (await runProgram(['test', '-x', path], {account})).exitCode === 0;
}
