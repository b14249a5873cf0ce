/**
 * `npm run bench [NAME...]`: the figures that mlstack promises, on a real engine, as medians of several runs; peers that
 * are on this machine (docker, lazydocker) are measured in the same run. Linux only: CPU and memory come from /proc.
 */
import {rmSync} from 'node:fs';
import {mkdtemp} from 'node:fs/promises';
import {createConnection, createServer, type Server, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {docker, withProject, type Project} from '../support/project.ts';
import {difference, median, open, type Figure, type Measure} from './figure.ts';
import {floods} from './floods.ts';
import {nativeKills} from './native-kills.ts';
import {nativeFirst, nativeRest, nativeWarm} from './native.ts';
import {costOf} from './process-cost.ts';
import {Recorder} from './recorder.ts';
import {roundTrip} from './round-trip.ts';
import {chatter} from './chatter.ts';
import {soak} from './soak.ts';
import {cardLatency, timelineCost} from './starts.ts';

const runs = 9;

const services = `
services:
  alpha:
    image: busybox
    init: true
    stop_grace_period: 1s
    command: ["sh", "-c", "n=0; while :; do n=$$((n+1)); echo alpha tick $$n; sleep 1; done"]
  beta:
    image: busybox
    init: true
    stop_grace_period: 1s
    command: ["sh", "-c", "n=0; while :; do n=$$((n+1)); echo beta tick $$n; sleep 1; done"]
`;

const silentServices = `
services:
  alpha: {image: busybox, init: true, stop_grace_period: 1s, command: [sleep, infinity]}
  beta: {image: busybox, init: true, stop_grace_period: 1s, command: [sleep, infinity]}
`;

const bothShown = /alpha +running[^]*beta +running/;

const measures: Readonly<Record<string, Measure>> = {
	/** From exec to the first frame with both services' names and states; `docker compose ps` in turn with it. */
	async 'first-frame'(project) {
		const ours: number[] = [];
		const cpu: number[] = [];
		const theirs: number[] = [];
		for (let run = 0; run <= runs; run++) {
			const mlstack = open(project);
			const shown = await mlstack.shows(bothShown);
			const cost = costOf(mlstack.pid).cpu;
			mlstack.press('q');
			await mlstack.exited;
			const ps = new Recorder(['docker', 'compose', '-p', project.name, 'ps']);
			const psShown = await ps.shows(/alpha[^]*beta/);
			await ps.close();
			// The first run of each fills the caches of the machine.
			if (run > 0 && shown !== undefined && psShown !== undefined) {
				ours.push(shown - mlstack.startedAt);
				cpu.push(cost);
				theirs.push(psShown - ps.startedAt);
			}
		}

		const ratio = (median(ours) ?? Number.NaN) / (median(theirs) ?? Number.NaN);
		return [
			{name: 'exec to the first full frame', value: median(ours), unit: 'ms'},
			{name: '`docker compose ps` in the same run', value: median(theirs), unit: 'ms'},
			{name: 'ratio', value: ratio, unit: 'x', bound: 1.8},
			{name: 'CPU to that frame', value: median(cpu), unit: 'ms', bound: 220},
		];
	},

	/** Thirty seconds, thirty after the start: of two containers that write nothing, and of two that write a line a second. */
	async idle(project) {
		const figures: Figure[] = [];
		await withProject(silentServices, async (silent) => {
			await silent.compose('up', '-d');
			figures.push(
				...(await idleFigures(silent, 'silent, stats shown', [], {cpu: 450, bytes: 20_000, memory: 140})),
				...(await idleFigures(silent, 'silent, stats hidden', ['--no-stats'], {
					cpu: 50,
					bytes: 20_000,
					memory: 140,
				})),
			);
		});
		figures.push(
			...(await idleFigures(project, 'two lines a second, stats shown', [], {
				cpu: 600,
				bytes: 60_000,
				memory: 140,
			})),
		);
		return figures;
	},

	/** From the engine's own stamp of `die` to the new state on the screen. */
	async 'event-latency'(project) {
		const mlstack = open(project);
		await mlstack.shows(bothShown);
		const latencies: number[] = [];
		for (let run = 0; run < runs; run++) {
			await delay(700);
			const since = Math.floor(Date.now() / 1000) - 1;
			await docker('kill', `${project.name}-alpha-1`);
			const shown = await mlstack.shows(/alpha +exited \(137\)/);
			const stamps = await docker(
				'events',
				'--since',
				String(since),
				'--until',
				String(Math.ceil(Date.now() / 1000) + 1),
				'--filter',
				`container=${project.name}-alpha-1`,
				'--filter',
				'event=die',
				'--format',
				'{{.TimeNano}}',
			);
			const died = Number(BigInt(stamps.split('\n').at(-1) ?? '0') / 1000n) / 1000;
			if (shown !== undefined) {
				latencies.push(performance.timeOrigin + shown - died);
			}

			await docker('start', `${project.name}-alpha-1`);
			await mlstack.shows(bothShown);
		}

		await mlstack.close();
		return [
			{
				name: '`docker kill` to the new state, after the event',
				value: median(latencies),
				unit: 'ms',
				bound: 25,
			},
		];
	},

	/** From a key to its effect, at rest: the help opens and closes. */
	async 'key-latency'(project) {
		const mlstack = open(project);
		await mlstack.shows(bothShown);
		await delay(1500);
		const latencies: number[] = [];
		for (let run = 0; run < runs * 2; run++) {
			const pressed = mlstack.press('?');
			const shown = await mlstack.shows(/Keys {2}\(/);
			if (shown !== undefined) {
				latencies.push(shown - pressed);
			}

			await delay(120);
			mlstack.press('q');
			await mlstack.shows(/q quit/);
			await delay(170);
		}

		await mlstack.close();
		return [{name: 'key to screen at rest', value: median(latencies), unit: 'ms', bound: 20}];
	},

	/** The engine's socket is gone for five seconds, a container is killed meanwhile; how long until the truth is back. */
	async reconnect(project) {
		const folder = await mkdtemp(join(tmpdir(), 'mlstack-bench-'));
		const path = join(folder, 'docker.sock');
		let proxy = await openProxy(path);
		const mlstack = open(project, '--host', `unix://${path}`);
		await mlstack.shows(bothShown);
		await proxy.close();
		const noticed = performance.now();
		const said = await mlstack.shows(/engine away/);
		await docker('kill', `${project.name}-alpha-1`);
		await delay(5000);
		proxy = await openProxy(path);
		const back = performance.now();
		const shown = await mlstack.shows(/alpha +exited \(137\)/);
		await mlstack.close();
		await proxy.close();
		rmSync(folder, {recursive: true, force: true});
		await docker('start', `${project.name}-alpha-1`);
		return [
			{name: 'socket gone, said', value: difference(said, noticed), unit: 'ms'},
			{name: 'socket back, true again', value: difference(shown, back), unit: 'ms', bound: 500},
		];
	},

	'card-latency': cardLatency,
	'timeline-cost': timelineCost,
	...floods,
	soak,
	chatter,
	'round-trip': roundTrip,
	'native-warm': nativeWarm,
	'native-rest': nativeRest,
	'native-first': nativeFirst,
	'native-kills': nativeKills,
};

async function idleFigures(
	project: Project,
	how: string,
	options: readonly string[],
	bounds: {readonly cpu?: number; readonly bytes?: number; readonly memory?: number} = {},
): Promise<readonly Figure[]> {
	const mlstack = open(project, ...options);
	await mlstack.shows(bothShown);
	await delay(30_000);
	const before = {...costOf(mlstack.pid), bytes: mlstack.bytes};
	await delay(30_000);
	const after = {...costOf(mlstack.pid), bytes: mlstack.bytes};
	await mlstack.close();
	const figure = (name: string, value: number, unit: string, bound: number | undefined): Figure => ({
		name: `30 s idle, ${how}: ${name}`,
		value,
		unit,
		...(bound !== undefined && {bound}),
	});
	return [
		figure('CPU', after.cpu - before.cpu, 'ms', bounds.cpu),
		figure('to the terminal', after.bytes - before.bytes, 'B', bounds.bytes),
		figure('memory', after.memory / 1e6, 'MB', bounds.memory),
	];
}

/** Stands before the engine's socket, so that the socket can vanish without harming the engine. */
async function openProxy(path: string): Promise<{close(): Promise<void>}> {
	const sockets = new Set<Socket>();
	const server: Server = createServer((client) => {
		const engine = createConnection('/var/run/docker.sock');
		for (const socket of [client, engine]) {
			sockets.add(socket);
			socket.on('error', () => {});
			socket.on('close', () => sockets.delete(socket));
		}

		client.pipe(engine).pipe(client);
	});
	await new Promise<void>((resolve) => {
		server.listen(path, resolve);
	});
	return {
		async close() {
			for (const socket of sockets) {
				socket.destroy();
			}

			await new Promise((resolve) => {
				server.close(resolve);
			});
		},
	};
}

const wanted = process.argv.slice(2);
const names = wanted.length > 0 ? wanted : Object.keys(measures);
let missed = 0;
await withProject(services, async (project) => {
	await project.compose('up', '-d');
	for (const name of names) {
		const measure = measures[name];
		if (!measure) {
			process.stderr.write(`bench: no measure ${name}; there are ${Object.keys(measures).join(', ')}\n`);
			missed++;
			continue;
		}

		for (const {name: what, value, unit, bound} of await measure(project)) {
			const shown =
				value === undefined ? 'never' : `${value >= 100 ? Math.round(value) : value.toFixed(2)} ${unit}`;
			const kept = bound === undefined ? '' : (value ?? Number.POSITIVE_INFINITY) <= bound ? 'ok' : 'MISSED';
			missed += kept === 'MISSED' ? 1 : 0;
			const limit =
				bound === undefined ? '' : `<= ${bound >= 100 ? Math.round(bound) : Number(bound.toFixed(2))}`;
			process.stdout.write(`${what.padEnd(52)} ${shown.padStart(12)}  ${limit.padEnd(9)} ${kept}\n`);
		}
	}
});
process.exit(missed === 0 ? 0 : 1);
