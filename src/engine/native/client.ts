import {spawn} from 'node:child_process';
import {closeSync, existsSync, fstatSync, ftruncateSync, openSync} from 'node:fs';
import {createConnection, type Socket} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {Failure} from '../../failure.ts';
import type {StackEvent} from '../../stack/model.ts';
import {lockHolder, type LockHolder} from './lock.ts';
import type {ProjectPaths} from './paths.ts';
import {processSpace} from './process-table.ts';
import {lineSplitter, parseAnswer, type Request} from './protocol.ts';
import {withSocketPath} from './socket-path.ts';
import type {ServiceSpec} from './state-file.ts';

/** How long, in ms, a supervisor may take to answer its first connection; it needs 60. */
const startTimeout = 10_000;
const retryInterval = 20;

/** Bytes of the supervisor's own log at which it begins anew. */
const ownLogSize = 256 * 1024;

/**
 * Starts the supervisor again one second after it was killed, and ends when it ends by itself or dies five times without
 * having lived for two seconds. A shell: a megabyte, asleep, and there wherever PostgreSQL and Python are.
 */
const guard = `
deaths=0
while [ $deaths -lt 5 ]; do
	before=$(date +%s)
	"$@" && exit 0
	[ $(($(date +%s) - before)) -ge 2 ] && deaths=0
	deaths=$((deaths + 1))
	sleep 1
done`;

/** A small heap in one arena of glibc's: the supervisor keeps nothing, and is asleep most of the time. */
const nodeOptions = ['--max-semi-space-size=1', '--max-old-space-size=64'];
const allocatorOptions = {MALLOC_ARENA_MAX: '1'};

type Body =
	| {readonly do: 'start'; readonly specs: readonly ServiceSpec[]}
	| {readonly do: 'stop' | 'remove' | 'restart'; readonly services: readonly string[]};

/** A connection to a project's supervisor. */
export interface SupervisorConnection {
	/** Settles with the reply. Throws a Failure for an error, and when the connection ends before there is one. */
	request(body: Body): Promise<void>;
	/** Calls back for a snapshot and then for each event. */
	watch(onEvent: (event: StackEvent) => void): void;
	/** Settles when the connection has ended. */
	readonly closed: Promise<void>;
	close(): void;
}

/** `undefined` when no supervisor listens. */
export async function connectSupervisor(paths: ProjectPaths): Promise<SupervisorConnection | undefined> {
	if (!existsSync(paths.supervisorSocket)) {
		return undefined;
	}

	const socket = await withSocketPath(
		paths.supervisorSocket,
		async (path) =>
			new Promise<Socket | undefined>((resolve) => {
				const connecting = createConnection(path, () => {
					resolve(connecting);
				});
				connecting.on('error', () => {
					connecting.destroy();
					resolve(undefined);
				});
			}),
	);
	return socket && connectionOver(socket);
}

function connectionOver(socket: Socket): SupervisorConnection {
	const pending = new Map<number, PromiseWithResolvers<void>>();
	const closed = Promise.withResolvers<void>();
	let onEvent: ((event: StackEvent) => void) | undefined;
	let lastId = 0;
	const send = (request: Request): void => {
		socket.write(`${JSON.stringify(request)}\n`);
	};
	const split = lineSplitter((line) => {
		const answer = parseAnswer(line);
		if (answer === undefined) {
			return;
		}

		if ('type' in answer) {
			onEvent?.(answer);
			return;
		}

		const waiting = pending.get(answer.id);
		pending.delete(answer.id);
		if (answer.error === undefined) {
			waiting?.resolve();
		} else {
			waiting?.reject(
				new Failure('the supervisor could not do it', {code: 'native-supervisor', why: answer.error}),
			);
		}
	});
	socket.setEncoding('utf8');
	socket.on('data', (chunk) => {
		split(String(chunk));
	});
	socket.on('close', () => {
		for (const {reject} of pending.values()) {
			reject(
				new Failure('the supervisor ended in the middle of the work', {
					code: 'native-supervisor-ended',
					next: ['try it again: it is started anew and takes up what runs'],
				}),
			);
		}

		closed.resolve();
	});
	return {
		async request(body) {
			const id = ++lastId;
			const reply = Promise.withResolvers<void>();
			if (socket.destroyed) {
				throw new Failure('the supervisor has ended', {code: 'native-supervisor-ended'});
			}

			pending.set(id, reply);
			send({id, ...body});
			return reply.promise;
		},
		watch(callback) {
			onEvent = callback;
			send({id: ++lastId, do: 'watch'});
		},
		closed: closed.promise,
		close() {
			socket.destroy();
		},
	};
}

/** The project runs on another machine that shares the data folder: two PostgreSQL servers would destroy its data. */
export function runsElsewhere(paths: ProjectPaths, {pid, host}: LockHolder): Failure {
	return new Failure(`process ${pid} on ${host} runs the project ${paths.project}`, {
		code: 'native-runs-elsewhere',
		why: 'Its data folder is shared with that machine, and only there the project can be controlled.',
		next: [
			`on ${host}: mlstack -p ${paths.project} down`,
			'if that machine is gone for good: try again after two minutes',
		],
	});
}

/** Beside the bundle's main file, which is where mlstack is run from. */
export const bundledSupervisor = fileURLToPath(new URL('supervisor.js', import.meta.url));

/**
 * Connects to the project's supervisor; starts one when there is none. It outlives whoever starts it, has no terminal
 * and is in no group of ours. Throws a Failure when it cannot be started.
 */
export async function ensureSupervisor(
	paths: ProjectPaths,
	program: string,
	signal: AbortSignal,
): Promise<SupervisorConnection> {
	const running = await connectSupervisor(paths);
	if (running) {
		return running;
	}

	const holder = lockHolder(paths.lock);
	if (holder && holder.space !== processSpace()) {
		throw runsElsewhere(paths, holder);
	}

	const log = openSync(paths.supervisorLog, 'a', 0o600);
	try {
		if (fstatSync(log).size > ownLogSize) {
			ftruncateSync(log);
		}

		const command = [process.execPath, ...nodeOptions, program, paths.folder, paths.project];
		spawn('/bin/sh', ['-c', guard, 'mlstack-supervisor', ...command], {
			cwd: '/',
			env: {PATH: process.env['PATH'], HOME: process.env['HOME'], ...allocatorOptions},
			detached: true,
			stdio: ['ignore', log, log],
		}).unref();
	} finally {
		closeSync(log);
	}

	const deadline = Date.now() + startTimeout;
	while (Date.now() < deadline) {
		await sleep(retryInterval, undefined, {signal});
		const connection = await connectSupervisor(paths);
		if (connection) {
			return connection;
		}
	}

	throw new Failure('the supervisor of the native engine did not start', {
		code: 'native-supervisor',
		why: `What it said is in ${paths.supervisorLog}.`,
		next: [`cat ${paths.supervisorLog}`],
	});
}
