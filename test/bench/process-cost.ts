import {readdirSync, readFileSync} from 'node:fs';

/** Linux's clock tick, in ms: USER_HZ is 100 on every architecture that Node runs on. */
const tick = 10;

interface Cost {
	/** Milliseconds of CPU, of the process, its living children and those it has waited for. */
	readonly cpu: number;
	/** Bytes of resident memory, of the process and its living children. */
	readonly memory: number;
}

/** What a process and all below it have used so far, read from /proc (proc(5)). */
export function costOf(pid: number): Cost {
	const parents = new Map<number, number>();
	for (const name of readdirSync('/proc')) {
		if (/^\d+$/.test(name)) {
			const stat = statOf(Number(name));
			if (stat) {
				parents.set(Number(name), Number(stat[1]));
			}
		}
	}

	let cpu = 0;
	let memory = 0;
	for (const candidate of parents.keys()) {
		if (!isBelow(candidate, pid, parents)) {
			continue;
		}

		const stat = statOf(candidate);
		if (stat) {
			cpu += cpuIn(stat, 4);
			memory += memoryIn(stat);
		}
	}

	return {cpu, memory};
}

/** The same of one process alone. */
export function costOfOne(pid: number): Cost {
	const stat = statOf(pid);
	return stat ? {cpu: cpuIn(stat, 2), memory: memoryIn(stat)} : {cpu: 0, memory: 0};
}

/** Fields after the command's name: 11 to 14 are utime, stime, cutime, cstime. */
function cpuIn(stat: readonly string[], fields: 2 | 4): number {
	return stat.slice(11, 11 + fields).reduce((sum, ticks) => sum + Number(ticks) * tick, 0);
}

/** Field 21 is rss in pages. */
function memoryIn(stat: readonly string[]): number {
	return Number(stat[21]) * 4096;
}

function statOf(pid: number): readonly string[] | undefined {
	try {
		const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
		return text.slice(text.lastIndexOf(')') + 2).split(' ');
	} catch {
		return undefined;
	}
}

function isBelow(pid: number, ancestor: number, parents: ReadonlyMap<number, number>): boolean {
	for (let at: number | undefined = pid; at !== undefined && at > 0; at = parents.get(at)) {
		if (at === ancestor) {
			return true;
		}
	}

	return false;
}
