import type {Sample} from '../../stack/model.ts';
import {arrayIn, isRecord, numberIn, recordIn, stringIn} from '../json.ts';
import type {Connection} from './connection.ts';
import {parseLines} from './ndjson.ts';

/** A container's use of the machine, about once a second, until it stops. Throws a Failure. */
export async function* readStats(
	connection: Connection,
	container: string,
	signal: AbortSignal,
): AsyncGenerator<Sample, void, undefined> {
	try {
		const answer = await connection.request('GET', `/containers/${encodeURIComponent(container)}/stats`, {
			query: {stream: true},
			signal,
		});
		for await (const reading of parseLines(answer)) {
			if (hasStopped(reading)) {
				return;
			}

			const sample = parseReading(reading);
			if (sample !== undefined) {
				yield sample;
			}
		}
	} catch (error) {
		if (!signal.aborted && !connection.closed.aborted) {
			throw await connection.explain(error);
		}
	}
}

/** The engine goes on sending empty readings for a container that has stopped; their time is Go's zero time. */
function hasStopped(reading: unknown): boolean {
	return stringIn(reading, 'read')?.startsWith('0001-') ?? false;
}

/**
 * A reading as `docker stats` counts it (docker/cli, cli/command/container/stats_helpers.go). Undefined for the first
 * one, which has nothing before it to be compared with.
 */
export function parseReading(reading: unknown): Sample | undefined {
	const cpu = recordIn(reading, 'cpu_stats');
	const before = recordIn(reading, 'precpu_stats');
	const at = Date.parse(stringIn(reading, 'read') ?? '');
	const system = numberIn(cpu, 'system_cpu_usage');
	const systemBefore = numberIn(before, 'system_cpu_usage');
	if (Number.isNaN(at) || system === undefined || systemBefore === undefined || systemBefore === 0) {
		return undefined;
	}

	const usage = recordIn(cpu, 'cpu_usage');
	const used =
		(numberIn(usage, 'total_usage') ?? 0) - (numberIn(recordIn(before, 'cpu_usage'), 'total_usage') ?? 0);
	const passed = system - systemBefore;
	const cpus = numberIn(cpu, 'online_cpus') || arrayIn(usage, 'percpu_usage').length;
	const memory = recordIn(reading, 'memory_stats');
	return {
		at,
		cpu: passed > 0 && used > 0 ? (used / passed) * cpus * 100 : 0,
		memory: memoryWithoutCache(memory),
		memoryLimit: numberIn(memory, 'limit') ?? 0,
		...networkTotals(recordIn(reading, 'networks')),
	};
}

/**
 * Without the page cache that the kernel would give back: `total_inactive_file` with cgroup v1, `inactive_file` with v2
 * (docker/cli, `calculateMemUsageUnixNoCache`).
 */
function memoryWithoutCache(memory: unknown): number {
	const usage = numberIn(memory, 'usage') ?? 0;
	const stats = recordIn(memory, 'stats');
	for (const name of ['total_inactive_file', 'inactive_file']) {
		const inactive = numberIn(stats, name);
		if (inactive !== undefined && inactive < usage) {
			return usage - inactive;
		}
	}

	return usage;
}

function networkTotals(networks: Readonly<Record<string, unknown>>): {received: number; sent: number} {
	let received = 0;
	let sent = 0;
	for (const network of Object.values(networks)) {
		if (isRecord(network)) {
			received += numberIn(network, 'rx_bytes') ?? 0;
			sent += numberIn(network, 'tx_bytes') ?? 0;
		}
	}

	return {received, sent};
}
