import type {FakeContainer, LogEntry} from './docker-containers.ts';
import {never} from './docker-containers.ts';

/** The answer of `GET /containers/{id}/logs`: history, and what is written from then on until the container stops. */
export async function* logBody(
	container: FakeContainer,
	query: URLSearchParams,
	closed: AbortSignal,
): AsyncGenerator<Uint8Array> {
	if (container.options.output) {
		yield* container.options.output();
		return;
	}

	const pending = history(container.log, query);
	let wake = (): void => {};
	let ended = query.get('follow') !== 'true' || !container.running;
	const take = (entry: LogEntry): void => {
		pending.push(entry);
		wake();
	};
	const end = (): void => {
		ended = true;
		wake();
	};
	container.on('log', take).on('stopped', end);
	closed.addEventListener('abort', end);
	try {
		for (;;) {
			if (pending.length > 0) {
				const bytes = pending.splice(0).map((entry) => encode(entry, container.options.tty ?? false));
				yield Buffer.concat(bytes);
			} else if (ended) {
				return;
			} else {
				await new Promise<void>((resolve) => {
					wake = resolve;
				});
			}
		}
	} finally {
		container.off('log', take).off('stopped', end);
	}
}

/** As moby's forwarder reads: everything from the first line that is not older than `since`. */
function history(log: readonly LogEntry[], query: URLSearchParams): LogEntry[] {
	const since = query.get('since');
	let from = 0;
	if (since !== null) {
		const found = log.findIndex(({stamp}) => unixTime(stamp) >= unixOf(since));
		from = found < 0 ? log.length : found;
	}

	const tail = query.get('tail');
	const lines = log.slice(from);
	return tail === null ? lines : lines.slice(-Number(tail));
}

function encode({stream, stamp, text}: LogEntry, tty: boolean): Buffer {
	const payload = Buffer.from(`${stamp} ${text}${tty ? '\r\n' : '\n'}`);
	if (tty) {
		return payload;
	}

	const header = Buffer.alloc(8);
	header[0] = stream === 'stdout' ? 1 : 2;
	header.writeUInt32BE(payload.length, 4);
	return Buffer.concat([header, payload]);
}

function unixTime(stamp: string): bigint {
	return BigInt(Date.parse(`${stamp.slice(0, 19)}Z`) / 1000) * 1_000_000_000n + BigInt(stamp.slice(20, 29));
}

function unixOf(since: string): bigint {
	const [seconds = '0', fraction = ''] = since.split('.');
	return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** Nanoseconds of all processors between two readings: a second of two. */
const passed = 2_000_000_000;

/**
 * A reading of `GET /containers/{id}/stats`: half of one processor, 60 MiB of which 10 are page cache (cgroup v2). The
 * first has nothing before it; after the container's end there is only the zero time.
 */
export function statsReading(container: FakeContainer, count: number): object {
	if (!container.running) {
		return {name: `/${container.name}`, id: container.id, read: never, preread: never};
	}

	return {
		name: `/${container.name}`,
		id: container.id,
		read: new Date().toISOString(),
		cpu_stats: {
			cpu_usage: {total_usage: 500_000_000 * (count + 1)},
			system_cpu_usage: passed * (count + 1),
			online_cpus: 2,
		},
		precpu_stats:
			count === 0
				? {cpu_usage: {total_usage: 0}}
				: {
						cpu_usage: {total_usage: 500_000_000 * count},
						system_cpu_usage: passed * count,
						online_cpus: 2,
					},
		memory_stats: {
			usage: 60 * 1024 * 1024,
			limit: 8_000_000_000,
			stats: {inactive_file: 10 * 1024 * 1024},
		},
		networks: {
			eth0: {rx_bytes: 1000 * count, tx_bytes: 10 * count},
			eth1: {rx_bytes: 1, tx_bytes: 2},
		},
	};
}
