import {homedir} from 'node:os';
import {setTimeout as delay} from 'node:timers/promises';
import {Controller} from '../controller.ts';
import type {ExitReason} from '../failure.ts';
import {LogBook} from '../logs/book.ts';
import {Store} from '../store.ts';
import type {CommandContext} from './context.ts';
import {tuneForFloods, tuneForManyLines} from './v8-flags.ts';

/** The screen. Without a terminal it is `status`, with a hint. */
export async function tui(context: CommandContext): Promise<ExitReason> {
	if (!context.isTTY) {
		const {run} = await import('./status.ts');
		const reason = await run(context);
		await context.stderr.write(
			'mlstack: this is no terminal, so here is the status; `mlstack help` lists the commands\n',
		);
		return reason;
	}

	const {values, request} = context;
	const book = new LogBook(values.buffer === undefined ? {} : {lines: values.buffer});
	const store = new Store(book, {
		...terminalSize(),
		stats: values['no-stats'] !== true,
	});
	const controller = new Controller({
		store,
		engine: context.openEngine(),
		openOther: context.openOther,
		request,
		browse: async (url) => context.browse(url),
		probe: async (url, signal) => (await import('../engine/probe.ts')).probeTracking(url, signal),
		copy: async (text) => {
			const {copyToClipboard} = await import('../screen/clipboard.ts');
			return copyToClipboard(text, {
				environment: request.environment,
				write: (sequence) => process.stdout.write(sequence),
				run: async (file, arguments_, input) => (await import('execa')).execa(file, arguments_, {input}),
			});
		},
		page: async (text, signal) => {
			const {runPager} = await import('../screen/pager.ts');
			await screen.lend(async () => runPager(text, request.environment, signal));
		},
		folder: process.cwd(),
		redraw: () => screen.redraw(),
		interruption: async (project) =>
			(await import('./interruption.ts')).readInterruption(project, request.environment),
		history: {
			load: async (project) =>
				(await import('../engine/start-history.ts')).loadStartHistory(project, request.environment),
			save: async (project, history) =>
				(await import('../engine/start-history.ts')).saveStartHistory(project, history, request.environment),
		},
	});
	// The engine is asked before Ink is even loaded, so that the first frame already has its answer.
	void controller.start();
	const {show} = await import('../../components/show.tsx');
	await Promise.race([firstNews(store), delay(newsPatience)]);
	const screen = show({
		store,
		onKey: (key) => controller.press(key),
		onMouse: (report) => controller.point(report),
		home: homedir(),
		theme: {name: values.theme ?? 'auto', ascii: values.ascii === true, environment: request.environment},
	});
	tuneForFloods();
	tuneForManyLines(store);
	const onResize = () => {
		const {columns, rows} = terminalSize();
		controller.resize(columns, rows);
	};
	process.stdout.on('resize', onResize);
	try {
		await Promise.race([controller.ended, screen.ended, hungUp(), aborted(context.signal)]);
		return 'fine';
	} finally {
		process.stdout.off('resize', onResize);
		controller.close();
		await screen.close();
		await controller.closed();
	}
}

/** A terminal that was told no size, such as a serial line's or `docker exec -t`'s, says 0: it is taken for the smallest usual one. */
function terminalSize(): {readonly columns: number; readonly rows: number} {
	return {columns: process.stdout.columns || 80, rows: process.stdout.rows || 24};
}

/** Settles when the terminal is gone and no SIGHUP told so, as for a process in a session of its own. */
async function hungUp(): Promise<void> {
	const {promise, resolve} = Promise.withResolvers<void>();
	for (const event of ['end', 'error', 'close']) {
		process.stdin.once(event, () => resolve());
	}

	return promise;
}

async function aborted(signal: AbortSignal): Promise<never> {
	return new Promise((_, reject) => {
		const fail = () => reject(signal.reason instanceof Error ? signal.reason : new Error('interrupted'));
		if (signal.aborted) {
			fail();
		} else {
			signal.addEventListener('abort', fail, {once: true});
		}
	});
}

/** How long, in ms, the first frame waits for the engine's first answer: a frame costs more than the answer. */
const newsPatience = 80;

/** Settles when there is something to draw: the containers, or why there are none. */
async function firstNews(store: Store): Promise<void> {
	const isNews = () => {
		const {containers, noEngine, stackFailure} = store.getState();
		return containers.known || noEngine !== undefined || stackFailure !== undefined;
	};
	const {promise, resolve} = Promise.withResolvers<void>();
	const stop = store.subscribe(() => {
		if (isNews()) {
			resolve();
		}
	});
	if (isNews()) {
		resolve();
	}

	await promise;
	stop();
}
