import {execFile} from 'node:child_process';
import {readdir, readFile} from 'node:fs/promises';
import {promisify} from 'node:util';
import {statFields} from './process-table.ts';

/** What a process and all that it started use. */
export interface Usage {
	/** Seconds of CPU of each process since its start, by process number. */
	readonly cpu: ReadonlyMap<number, number>;
	/** Bytes: what belongs to the processes alone, and what they share with each other once. */
	readonly memory: number;
}

/** Clock ticks a second in /proc: USER_HZ, 100 on every architecture that Node runs on. */
const ticks = 100;
const kibibyte = 1024;

/** `undefined` when the process has ended. */
export async function usageOfTree(root: number): Promise<Usage | undefined> {
	return process.platform === 'linux' ? usageOnLinux(root) : usageFromPs(root);
}

async function usageOnLinux(root: number): Promise<Usage | undefined> {
	const cpu = new Map<number, number>();
	let memory = 0;
	let shared = 0;
	const waiting = [root];
	for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
		try {
			const [stat, status, children] = await Promise.all([
				readFile(`/proc/${pid}/stat`, 'latin1'),
				readFile(`/proc/${pid}/status`, 'latin1'),
				childrenOf(pid),
			]);
			const fields = statFields(stat);
			cpu.set(pid, (Number(fields[11]) + Number(fields[12])) / ticks);
			memory += sizeIn(status, 'RssAnon');
			// PostgreSQL's processes share their buffers: counted once. File pages are page cache, which is not counted.
			shared = Math.max(shared, sizeIn(status, 'RssShmem'));
			waiting.push(...children);
		} catch {
			// It ended meanwhile.
		}
	}

	return cpu.has(root) ? {cpu, memory: memory + shared} : undefined;
}

/** A child belongs to the thread that started it (proc_pid_task_tid_children(5)). */
async function childrenOf(pid: number): Promise<readonly number[]> {
	const threads = await readdir(`/proc/${pid}/task`);
	const lists = await Promise.all(
		threads.map(async (thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'latin1').catch(() => '')),
	);
	return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}

function sizeIn(status: string, field: string): number {
	return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * kibibyte;
}

async function usageFromPs(root: number): Promise<Usage | undefined> {
	const {stdout} = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=,rss=,time=']);
	return parsePs(stdout, root);
}

/** Reads `ps -axo pid=,ppid=,rss=,time=`, whose times are `1:02.03` (macOS) or `[days-]hours:minutes:seconds`. */
export function parsePs(output: string, root: number): Usage | undefined {
	const processes = output.split('\n').flatMap((line) => {
		const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(?:(\d+)-)?([\d:.]+)\s*$/.exec(line);
		if (!match) {
			return [];
		}

		const [, pid, parent, size, days = '0', time = '0'] = match;
		const seconds = time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
		return [
			{
				pid: Number(pid),
				parent: Number(parent),
				memory: Number(size) * kibibyte,
				cpu: Number(days) * 86_400 + seconds,
			},
		];
	});
	const tree = new Set([root]);
	for (let size = 0; size !== tree.size;) {
		size = tree.size;
		for (const {pid, parent} of processes) {
			if (tree.has(parent)) {
				tree.add(pid);
			}
		}
	}

	const mine = processes.filter(({pid}) => tree.has(pid));
	return mine.some(({pid}) => pid === root)
		? {
				cpu: new Map(mine.map(({pid, cpu}) => [pid, cpu])),
				memory: mine.reduce((sum, {memory}) => sum + memory, 0),
			}
		: undefined;
}

/** Percent of one core between two readings; processes that are new count from their start. */
export function cpuPercent(before: Usage, after: Usage, seconds: number): number {
	let used = 0;
	for (const [pid, cpu] of after.cpu) {
		used += Math.max(0, cpu - (before.cpu.get(pid) ?? 0));
	}

	return seconds > 0 ? (used / seconds) * 100 : 0;
}
