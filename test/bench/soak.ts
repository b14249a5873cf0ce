import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {DockerServer} from '../support/docker-server.ts';
import {executable} from '../support/project.ts';
import {dumpOf} from './dump.ts';
import {median, type Figure} from './figure.ts';
import {costOf} from './process-cost.ts';
import {Recorder} from './recorder.ts';

/** Millions of lines; `MLSTACK_SOAK_MILLIONS` in the environment makes it fewer. */
const millions = Number(process.env['MLSTACK_SOAK_MILLIONS'] ?? 10);

/** The most that the heap may grow from the first half of the lines to the second, in MB: what garbage there is by chance. */
const chance = 10;

/**
 * Ten million lines through the whole program, from an API server on a unix socket, as no engine keeps so many; the
 * heap after each million, as Node itself reports it.
 */
export async function soak(): Promise<readonly Figure[]> {
	const folder = await mkdtemp(join(tmpdir(), 'mlstack-bench-'));
	const server = await DockerServer.start();
	let next = Promise.withResolvers<void>();
	const container = server.create({
		name: 'soak-flood-1',
		labels: {
			'com.docker.compose.project': 'soak',
			'com.docker.compose.service': 'flood',
			'com.docker.compose.container-number': '1',
			'com.docker.compose.oneoff': 'False',
		},
		async *output() {
			for (let million = 1; million <= millions; million++) {
				for (let part = 0; part < 1_000_000; part += batchLines) {
					yield batch((million - 1) * 1_000_000 + part);
				}

				yield frame(`${stamp(million * 1_000_000)} MILLION ${million}.\n`);
				await next.promise;
				next = Promise.withResolvers();
			}
		},
	});
	container.start();
	const mlstack = new Recorder(
		[
			process.execPath,
			'--report-on-signal',
			'--report-signal=SIGUSR2',
			`--report-directory=${folder}`,
			executable,
			'tui',
			'--project=soak',
			`--host=${server.url}`,
			'--no-stats',
		],
		{cwd: folder},
	);
	const heaps: number[] = [];
	const residents: number[] = [];
	const started = performance.now();
	for (let million = 1; million <= millions; million++) {
		await mlstack.shows(new RegExp(`MILLION ${million}\\.`), 600_000);
		await delay(500);
		heaps.push(heapOf(await dumpOf(mlstack, folder)));
		residents.push(costOf(mlstack.pid).memory / 1e6);
		process.stdout.write(
			`soak: ${million} million lines: heap ${heaps.at(-1)?.toFixed(1)} MB, resident ${residents.at(-1)?.toFixed(0)} MB\n`,
		);
		next.resolve();
	}

	const seconds = (performance.now() - started) / 1000;
	const {cpu} = costOf(mlstack.pid);
	await mlstack.close();
	await server.close();
	await rm(folder, {recursive: true, force: true});
	return [
		{
			name: `soak: heap, growth over ${millions} million lines`,
			value: growthOf(heaps),
			unit: 'MB',
			bound: chance,
		},
		{name: 'soak: resident memory, growth', value: growthOf(residents), unit: 'MB', bound: 2 * chance},
		{name: 'soak: peak resident memory', value: Math.max(...residents), unit: 'MB'},
		{name: 'soak: lines a second', value: (millions * 1_000_000) / seconds, unit: ''},
		{name: 'soak: CPU for a million lines', value: cpu / 1000 / millions, unit: 's'},
	];
}

/** From the median of the first half to that of the second. */
function growthOf(values: readonly number[]): number {
	const half = Math.ceil(values.length / 2);
	return (median(values.slice(half)) ?? Number.NaN) - (median(values.slice(0, half)) ?? Number.NaN);
}

/** MB of heap in use, by Node's report. */
function heapOf(report: string): number {
	return Number(/"usedMemory": (\d+)/.exec(report)?.[1] ?? Number.NaN) / 1e6;
}

const batchLines = 1000;
const filling = 'x'.repeat(100);

/** Lines of 120 characters as the engine frames them. */
function batch(from: number): Buffer {
	const frames: Buffer[] = [];
	for (let line = from; line < from + batchLines; line++) {
		frames.push(frame(`${stamp(line)} ${String(line).padStart(8, '0')} INFO: ${filling}\n`));
	}

	return Buffer.concat(frames);
}

function frame(text: string): Buffer {
	const bytes = Buffer.alloc(8 + text.length);
	bytes[0] = 1;
	bytes.writeUInt32BE(text.length, 4);
	bytes.write(text, 8, 'latin1');
	return bytes;
}

/** A line every 10 µs. */
function stamp(line: number): string {
	const seconds = Math.floor(line / 100_000);
	const time = new Date(Date.UTC(2026, 10, 24) + seconds * 1000).toISOString().slice(0, 19);
	return `${time}.${String((line % 100_000) * 10_000).padStart(9, '0')}Z`;
}
