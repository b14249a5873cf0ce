import {execFileSync} from 'node:child_process';
import {readFileSync, readlinkSync} from 'node:fs';
import {hostname} from 'node:os';

/**
 * A process for ever: its number alone is given to another one sooner or later, so the moment of its start belongs to
 * it. `started` is compared and never read: on Linux clock ticks since boot with the boot's id (proc_pid_stat(5),
 * field 22), elsewhere what `ps -o lstart` prints.
 */
export interface ProcessIdentity {
	readonly pid: number;
	readonly started: string;
}

const linux = process.platform === 'linux';

/** Who runs under this number now; `undefined` when nobody does. A zombie is nobody. */
export function identify(pid: number): ProcessIdentity | undefined {
	const started = linux ? startOnLinux(pid) : startByPs(pid);
	return started === undefined ? undefined : {pid, started};
}

export function isAlive(process: ProcessIdentity): boolean {
	return identify(process.pid)?.started === process.started;
}

/** The fields of /proc/PID/stat after the command's name, which may itself hold spaces and brackets: state is first. */
export function statFields(stat: string): readonly string[] {
	return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function startOnLinux(pid: number): string | undefined {
	try {
		const fields = statFields(readFileSync(`/proc/${pid}/stat`, 'latin1'));
		const [state] = fields;
		return state === 'Z' || state === 'X' ? undefined : `${fields[19]}@${bootId()}`;
	} catch {
		return undefined;
	}
}

/** In UTC and in English, whoever asks: the supervisor and its clients may run in other time zones. */
export function startByPs(pid: number): string | undefined {
	try {
		const line = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
			encoding: 'utf8',
			env: {...process.env, LC_ALL: 'C', TZ: 'UTC'},
			stdio: ['ignore', 'pipe', 'ignore'],
		}).trim();
		return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
	} catch {
		return undefined;
	}
}

let boot: string | undefined;

function bootId(): string {
	boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
	return boot;
}

/**
 * Names the space in which process numbers mean something: the host, and on Linux its boot and the pid namespace, so
 * that two containers that share a home folder never mistake each other's processes for their own.
 */
export function processSpace(): string {
	return linux ? `${hostname()} ${bootId()} ${readlinkSync('/proc/self/ns/pid')}` : hostname();
}

/**
 * Signals what is left of a process group whose leader was `leader`. Safe after the leader's death: the kernel gives its
 * number to no other process while the group has members. Returns whether there was anyone to signal.
 */
export function signalGroup(leader: ProcessIdentity, signal: NodeJS.Signals): boolean {
	const now = identify(leader.pid);
	if (now && now.started !== leader.started) {
		return false;
	}

	try {
		process.kill(-leader.pid, signal);
		return true;
	} catch {
		return false;
	}
}

/** Signals a process if it is still the one that was meant. Returns whether it was. */
export function signalProcess(target: ProcessIdentity, signal: NodeJS.Signals): boolean {
	try {
		return isAlive(target) && process.kill(target.pid, signal);
	} catch {
		return false;
	}
}
