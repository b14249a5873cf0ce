import {execFileSync} from 'node:child_process';
import {readFileSync, rmSync} from 'node:fs';
import {identify, type ProcessIdentity} from '../process-table.ts';

/**
 * Removes a postmaster.pid that a reboot or a crash has left, when its process number belongs to another process by now:
 * PostgreSQL looks at the number alone and would refuse to start ("lock file "postmaster.pid" already exists"), which
 * happens mostly in containers, where numbers are small. It goes only when the process is no postgres, or when the
 * number is that of our own last postmaster, which is known to be dead. Everything else is left to PostgreSQL.
 */
export function removeStaleClusterLock(cluster: string, last: ProcessIdentity | undefined): void {
	const path = `${cluster}/postmaster.pid`;
	let pid: number;
	try {
		pid = Number.parseInt(readFileSync(path, 'latin1'), 10);
	} catch {
		return;
	}

	const now = Number.isInteger(pid) ? identify(pid) : undefined;
	if (now && (programOf(pid) !== 'postgres' || (last?.pid === pid && last.started !== now.started))) {
		rmSync(path, {force: true});
	}
}

function programOf(pid: number): string {
	try {
		const name =
			process.platform === 'linux'
				? readFileSync(`/proc/${pid}/comm`, 'latin1')
				: execFileSync('ps', ['-o', 'comm=', '-p', String(pid)], {encoding: 'utf8'});
		return name.trim().split('/').at(-1) ?? '';
	} catch {
		// Unknown: taken for a postgres, so that nothing is removed.
		return 'postgres';
	}
}
