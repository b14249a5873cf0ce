import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {executable, type Project} from '../support/project.ts';
import {dumpOf} from './dump.ts';
import type {Figure} from './figure.ts';
import {atRate, FloodContainer} from './flood-container.ts';
import {Recorder} from './recorder.ts';

const seconds = 75;

/** What the ring takes of the lines that come meanwhile, and what there is by chance, in MB. */
const bound = 6;

/** A log that never rests in a large window, where each frame is another: what stays in the heap of such frames. */
export async function chatter({name}: Project): Promise<readonly Figure[]> {
	const folder = await mkdtemp(join(tmpdir(), 'mlstack-bench-'));
	const container = await FloodContainer.start({name}, atRate(20, seconds));
	const mlstack = new Recorder(
		[process.execPath, '--heapsnapshot-signal=SIGUSR2', executable, 'tui', `--project=${name}`],
		{columns: 200, rows: 60, cwd: folder},
	);
	await mlstack.shows(/FLOOD READY/);
	await container.go();
	await delay(15_000);
	const before = liveOf(await dumpOf(mlstack, folder));
	await mlstack.shows(/LAST LINE/, 2 * seconds * 1000);
	const after = liveOf(await dumpOf(mlstack, folder));
	await mlstack.close();
	await container.remove();
	await rm(folder, {recursive: true, force: true});
	return [
		{name: 'chatter: live heap', value: after, unit: 'MB'},
		{name: 'chatter: its growth in a minute', value: after - before, unit: 'MB', bound},
	];
}

/**
 * MB of what lives in the heap: all nodes of a snapshot, which Node takes after a collection. V8 writes them as numbers in a
 * row, so many for each node, named at its head.
 */
function liveOf(snapshot: string): number {
	const fields = /"node_fields":\[([^\]]*)\]/.exec(snapshot)?.[1]?.split(',') ?? [];
	const nodes = /"nodes":\[([^\]]*)\]/.exec(snapshot)?.[1]?.split(',') ?? [];
	const place = fields.indexOf('"self_size"');
	const sizes = nodes.filter((_, index) => index % fields.length === place);
	return sizes.length === 0 ? Number.NaN : sizes.reduce((sum, size) => sum + Number(size), 0) / 1e6;
}
