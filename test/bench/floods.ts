import {setTimeout as delay} from 'node:timers/promises';
import {difference, median, open, quantile, type Figure, type Measure} from './figure.ts';
import {atFullSpeed, atRate, FloodContainer} from './flood-container.ts';
import {costOf} from './process-cost.ts';
import {Recorder} from './recorder.ts';

/** What issue and README promise of a flood: lines, and characters of each. */
const floodLines = 200_000;

/** Keys whose slowest twentieth is more than chance: of 200 it differed by 30 ms from run to run. */
const enoughKeys = 600;

/** What logs cost, and how keys are answered, while containers write much. */
export const floods = {
	/** 200,000 lines of 120 characters at full speed while the log is open; `docker logs -f` of such a flood in turn. */
	async flood(project) {
		const measured = async (openLog: (container: FloodContainer) => Recorder) => {
			const container = await FloodContainer.start(project, atFullSpeed(floodLines));
			const recorder = openLog(container);
			await recorder.shows(/FLOOD READY/);
			await delay(1000);
			const before = costOf(recorder.pid).cpu;
			let peak = 0;
			const timer = setInterval(() => {
				peak = Math.max(peak, costOf(recorder.pid).memory);
			}, 100);
			const started = performance.now();
			await container.go();
			const shown = await recorder.shows(/LAST LINE/, 120_000);
			clearInterval(timer);
			const cpu = costOf(recorder.pid).cpu - before;
			await recorder.close();
			await container.remove();
			return {seconds: (difference(shown, started) ?? Number.NaN) / 1000, peak: peak / 1e6, cpu: cpu / 1000};
		};
		const theirs: number[] = [];
		const ours: Array<Awaited<ReturnType<typeof measured>>> = [];
		// One flood is a fifth faster or slower than the next.
		for (let pair = 0; pair < 3; pair++) {
			theirs.push((await measured(({name}) => new Recorder(['docker', 'logs', '-f', name]))).seconds);
			ours.push(await measured(() => open(project)));
		}

		const seconds = median(ours.map((one) => one.seconds));
		const bound = median(theirs) ?? Number.NaN;
		return [
			{name: 'flood: last line of 200,000 on screen', value: seconds, unit: 's', bound},
			{name: 'flood: `docker logs -f` in the same run', value: bound, unit: 's'},
			{
				name: 'flood: peak resident memory',
				value: Math.max(...ours.map(({peak}) => peak)),
				unit: 'MB',
				bound: 240,
			},
			{name: 'flood: CPU', value: median(ours.map(({cpu}) => cpu)), unit: 's', bound: 3},
		];
	},

	/** From a key to its effect while such floods arrive, until there are enough keys to speak of the slowest twentieth. */
	async 'flood-keys'(project) {
		const latencies: number[] = [];
		for (let floods = 0; floods < 40 && latencies.length < enoughKeys; floods++) {
			const container = await FloodContainer.start(project, atFullSpeed(floodLines));
			const mlstack = open(project);
			await mlstack.shows(/FLOOD READY/);
			await delay(1000);
			await container.go();
			await mlstack.shows(/xxxxxxxx/);
			latencies.push(...(await keysDuring(mlstack)));
			await mlstack.close();
			await container.remove();
		}

		return keyFigures('flood', latencies);
	},

	/** The same floods while the reader holds a place above them, and the way back to the end. */
	async 'flood-held'(project) {
		const latencies: number[] = [];
		const returns: number[] = [];
		let moves = 0;
		let memory = 0;
		for (let floods = 0; floods < 40 && latencies.length < enoughKeys; floods++) {
			const container = await FloodContainer.start(
				project,
				`${atFullSpeed(5000)}; sleep 3; ${atFullSpeed(floodLines)}`,
			);
			const mlstack = open(project);
			await mlstack.shows(/FLOOD READY/);
			await delay(1000);
			await container.go();
			await mlstack.shows(/00005000 x/);
			mlstack.press('\t\u001B[5~');
			await mlstack.shows(/\[held\]/);
			await mlstack.settle();
			const place = rowsOf(mlstack);
			await mlstack.shows(/[1-9]\d* \d{3} below|[1-9]\d{3,} below/);
			latencies.push(...(await keysDuring(mlstack, 3000)));
			await delay(3000);
			await mlstack.settle();
			moves += rowsOf(mlstack) === place ? 0 : 1;
			memory = Math.max(memory, costOf(mlstack.pid).memory);
			const pressed = mlstack.press('G');
			const shown = await mlstack.shows(/LAST LINE/, 60_000);
			returns.push(difference(shown, pressed) ?? Number.POSITIVE_INFINITY);
			await mlstack.close();
			await container.remove();
		}

		return [
			...keyFigures('flood above a held place', latencies),
			{name: 'flood held: times that the place moved', value: moves, unit: '', bound: 0},
			{name: 'flood held: memory', value: memory / 1e6, unit: 'MB', bound: 240},
			{name: 'flood held: G to the last line', value: median(returns), unit: 'ms'},
		];
	},

	/** 20,000 lines a second for a minute. */
	async steady(project) {
		const rate = 20_000;
		const seconds = 60;
		const container = await FloodContainer.start(project, atRate(rate, seconds));
		const mlstack = open(project);
		await mlstack.shows(/FLOOD READY/);
		await delay(1000);
		await container.go();
		const started = performance.now();
		// The ring is full after 50,000 lines; what Node needs beside it has settled by then as well.
		await delay(10_000);
		const before = costOf(mlstack.pid);
		const measuredFrom = performance.now();
		const samples: number[] = [];
		while (performance.now() - started < (seconds - 2) * 1000) {
			await delay(500);
			samples.push(costOf(mlstack.pid).memory);
		}

		const cpu = costOf(mlstack.pid).cpu - before.cpu;
		const share = (cpu / (performance.now() - measuredFrom)) * 100;
		const shown = await mlstack.shows(/LAST LINE/, 60_000);
		await mlstack.close();
		await container.remove();
		const late = difference(shown, started + seconds * 1000);
		const third = Math.floor(samples.length / 3);
		const growth = (median(samples.slice(-third)) ?? 0) - (median(samples.slice(0, third)) ?? 0);
		return [
			{name: 'steady: of a core', value: share, unit: '%', bound: 25},
			{name: 'steady: memory, first to last third', value: growth / 1e6, unit: 'MB', bound: 10},
			{name: 'steady: peak resident memory', value: Math.max(...samples) / 1e6, unit: 'MB', bound: 240},
			{name: 'steady: last line after the minute', value: late, unit: 'ms', bound: 1500},
		];
	},

	/** 100,000 lines held, of which the oldest is the one that is looked for. */
	async search(project) {
		const lines = 100_000;
		const container = await FloodContainer.start(project, `echo needle one; ${atFullSpeed(lines, 60)}`);
		const mlstack = open(project, '--buffer', String(lines + 100));
		await mlstack.shows(/FLOOD READY/);
		await delay(1000);
		await container.go();
		await mlstack.shows(/LAST LINE/, 60_000);
		await delay(2000);
		const firsts: number[] = [];
		const echoes: number[] = [];
		for (let run = 0; run < 15; run++) {
			const pressed = mlstack.press('/needle');
			const shown = await mlstack.shows(/flood +\S needle one/, 3000);
			firsts.push(difference(shown, pressed) ?? Number.POSITIVE_INFINITY);
			await leaveSearch(mlstack);
			// Every letter begins a search of its own, in lines that all begin alike.
			mlstack.press('/');
			for (const typed of ['x', 'xx', 'xxx', 'xxxx', 'xxxxx']) {
				await delay(5 + Math.random() * 60);
				const at = mlstack.press('x');
				const echoed = await mlstack.shows(new RegExp(`/${typed} `), 3000);
				echoes.push(difference(echoed, at) ?? Number.POSITIVE_INFINITY);
			}

			await leaveSearch(mlstack);
		}

		await mlstack.close();
		await container.remove();
		return [
			{name: 'search: first result in 100,000 lines', value: median(firsts), unit: 'ms', bound: 100},
			{name: 'search: first result, the slowest', value: Math.max(...firsts), unit: 'ms'},
			{name: 'search: letter to screen, median', value: median(echoes), unit: 'ms'},
			{name: 'search: letter to screen, the slowest', value: Math.max(...echoes), unit: 'ms', bound: 50},
		];
	},
} satisfies Readonly<Record<string, Measure>>;

/** Turns wrapping on and off until the last line is there, or for so many ms; gives how long each key took. */
async function keysDuring(mlstack: Recorder, milliseconds = 60_000): Promise<readonly number[]> {
	const latencies: number[] = [];
	const end = performance.now() + milliseconds;
	for (let on = true; performance.now() < end && !mlstack.screen().includes('LAST LINE'); on = !on) {
		// Not in step with the frames that the flood causes.
		await delay(20 + Math.random() * 90);
		const pressed = mlstack.press('w');
		const shown = await mlstack.shows(on ? /\[wrap\]/ : /^(?![^]*\[wrap\])/, 5000);
		latencies.push(difference(shown, pressed) ?? Number.POSITIVE_INFINITY);
	}

	return latencies;
}

function keyFigures(when: string, latencies: readonly number[]): readonly Figure[] {
	return [
		{name: `${when}: key to screen, median`, value: median(latencies), unit: 'ms', bound: 25},
		{name: `${when}: key to screen, 95 %`, value: quantile(latencies, 0.95), unit: 'ms', bound: 60},
		{name: `${when}: keys`, value: latencies.length, unit: ''},
	];
}

async function leaveSearch(mlstack: Recorder): Promise<void> {
	mlstack.press('\u001B');
	await mlstack.shows(/q quit/, 2000);
	await delay(200);
}

/** The first lines of the log that are shown. */
function rowsOf(mlstack: Recorder): string {
	return (mlstack.screen().match(/\d{8} x/g) ?? []).slice(0, 10).join();
}
