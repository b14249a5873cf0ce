import type {StepId} from './steps.ts';

/** What the phases have heard from one container since it started, by the phase's id. */
export type Heard = Readonly<Record<string, {readonly count: number; readonly found: string}>>;

/**
 * A line that tells how far a start has come.
 * `start`: the step begins, or goes on. `done`: it is over. `note`: only its detail changes.
 */
export interface Phase {
	/** `program.phase`. */
	readonly id: string;
	/** Whose lines: a service of that role, or the build of an image. */
	readonly from: readonly ('database' | 'tracking' | 'build')[];
	/** Never anchored on a date: versions differ in what they put before a message. The first group is what was found. */
	readonly pattern: RegExp;
	readonly step: StepId;
	readonly effect: 'start' | 'done' | 'note';
	/** Counts only after this phase, in the same container's run. */
	readonly after?: string;
	/** What the step is doing, from everything heard so far. */
	readonly detail?: (heard: Heard) => string;
}

const count = (heard: Heard, id: string): number => heard[id]?.count ?? 0;
const found = (heard: Heard, id: string): string => heard[id]?.found ?? '';

const plural = (number: number): string => `${number} package${number === 1 ? '' : 's'}`;

/** pip's lines, or uv's. */
const install = (heard: Heard): string => {
	if (Object.keys(heard).some((id) => id.startsWith('uv.'))) {
		const all = found(heard, 'uv.resolved') || found(heard, 'uv.done');
		const now = count(heard, 'uv.done') > 0 ? '' : found(heard, 'uv.download');
		return `uv: ${[all && plural(Number(all)), now && `now ${now}`].filter(Boolean).join(', ')}`;
	}

	const installed = found(heard, 'pip.done');
	const unpacked = found(heard, 'pip.unpack');
	if (installed || unpacked) {
		return installed
			? `pip: ${plural(installed.split(' ').length)}`
			: `pip installs ${plural(unpacked.split(', ').length)}`;
	}

	const known = count(heard, 'pip.collect') + count(heard, 'pip.satisfied');
	const now = found(heard, 'pip.download') || found(heard, 'pip.collect') || found(heard, 'pip.satisfied');
	return `pip: ${plural(known)} so far, now ${now}`;
};

const waiting = (heard: Heard): string => {
	const why = found(heard, 'mlflow.database.refused');
	const next = found(heard, 'mlflow.database.retry');
	const attempt = `attempt ${Math.max(1, count(heard, 'mlflow.database.retry'))}`;
	return `${attempt}${why && `: ${why}`}${next && `; again in ${next} s`}`;
};

/** Versions from 3.1 to 3.5 check the tables at every start, and once for each store, in the same words. */
const migration = (heard: Heard): string => {
	const revisions = count(heard, 'alembic.revision');
	if (revisions > 0) {
		return `revision ${revisions}: ${found(heard, 'alembic.revision')}`;
	}

	return count(heard, 'mlflow.migrate.update') > 0 ? 'updates the tables' : 'creates the tables';
};

const workers = (heard: Heard): string => {
	const ready = count(heard, 'uvicorn.ready');
	const booted = count(heard, 'uvicorn.worker') + count(heard, 'gunicorn.worker');
	return ready > 0 ? `${ready} ready` : `${booted} booted`;
};

/**
 * The lines that drive the display of a start, tried from the top; the first that fits counts. They never drive the
 * state, which is what the engine and an HTTP answer say. To teach it a line, add a row, and an example in
 * test/stack/startup/phases.test.ts. Lines of MLflow 1.30, 2.22, 3.1, 3.5 and 3.17, gunicorn 20 and 23, uvicorn,
 * pip 24 to 26, uv 0.13, the official postgres image 12 to 18; recorded ones are in test/fixtures/logs.
 */
export const phases: readonly Phase[] = [
	{
		id: 'postgres.initdb',
		from: ['database'],
		pattern: /^The files belonging to this database system will be owned by user "/,
		step: 'initialise',
		effect: 'start',
		detail: () => 'initdb',
	},
	{
		id: 'postgres.initdb.step',
		from: ['database'],
		pattern:
			/^(fixing permissions|creating subdirectories|creating configuration files|running bootstrap script|performing post-bootstrap initialization|syncing data to disk)\b/,
		step: 'initialise',
		effect: 'start',
		detail: (heard) => `initdb: ${found(heard, 'postgres.initdb.step')}`,
	},
	{
		// A server on the socket only, for the init scripts; it, too, says that it is ready to accept connections.
		id: 'postgres.temporary',
		from: ['database'],
		pattern: /^waiting for server to start\.\.\./,
		step: 'initialise',
		effect: 'start',
		detail: () => 'creating the database',
	},
	{
		id: 'postgres.script',
		from: ['database'],
		pattern: /docker-entrypoint\.sh: (?:running|sourcing) \/docker-entrypoint-initdb\.d\/(\S+)/,
		step: 'initialise',
		effect: 'start',
		detail: (heard) => `init script ${found(heard, 'postgres.script')}`,
	},
	{
		id: 'postgres.initialised',
		from: ['database'],
		pattern: /^PostgreSQL init process complete; ready for start up\.$/,
		step: 'initialise',
		effect: 'done',
	},
	{
		id: 'postgres.skip',
		from: ['database'],
		pattern: /^PostgreSQL Database directory appears to contain a database; Skipping initialization$/,
		step: 'accept',
		effect: 'start',
	},
	{
		id: 'postgres.starting',
		from: ['database'],
		pattern: /LOG: {2}starting PostgreSQL (\d+(?:\.\d+|\w+)?)/,
		step: 'accept',
		effect: 'note',
		detail: (heard) => `PostgreSQL ${found(heard, 'postgres.starting')}`,
	},
	{
		id: 'postgres.tcp',
		from: ['database'],
		pattern: /LOG: {2}listening on IPv[46] address "[^"]*", port (\d+)/,
		step: 'accept',
		effect: 'note',
	},
	{
		id: 'postgres.recovery',
		from: ['database'],
		pattern: /LOG: {2}database system was not properly shut down; automatic recovery in progress/,
		step: 'recover',
		effect: 'start',
		detail: () => 'replays its log after a crash',
	},
	{
		// The second form comes every 10 s, from PostgreSQL 15 (log_startup_progress_interval).
		id: 'postgres.redo',
		from: ['database'],
		pattern: /LOG: {2}redo (?:starts at|in progress, elapsed time: ([\d.]+ s))/,
		step: 'recover',
		effect: 'note',
		detail: (heard) => `replays its log after a crash, ${found(heard, 'postgres.redo') || 'just begun'}`,
	},
	{
		id: 'postgres.ready',
		from: ['database'],
		pattern: /LOG: {2}database system is ready to accept connections/,
		step: 'accept',
		effect: 'done',
		after: 'postgres.tcp',
	},
	{
		id: 'pip.collect',
		from: ['tracking', 'build'],
		pattern: /^Collecting ([\w.-]+)/,
		step: 'install',
		effect: 'start',
		detail: install,
	},
	{
		id: 'pip.download',
		from: ['tracking', 'build'],
		pattern: /^\s*Downloading (?:\S*\/)?([\w.]+)-\d\S* \((?:\d+(?:\.\d+)? [MG]B)\)/,
		step: 'install',
		effect: 'start',
		detail: install,
	},
	{
		id: 'pip.satisfied',
		from: ['tracking', 'build'],
		pattern: /^Requirement already satisfied: ([\w.-]+)/,
		step: 'install',
		effect: 'start',
		detail: install,
	},
	{
		id: 'pip.unpack',
		from: ['tracking', 'build'],
		pattern: /^Installing collected packages: (.+)$/,
		step: 'install',
		effect: 'start',
		detail: install,
	},
	{
		id: 'pip.done',
		from: ['tracking', 'build'],
		pattern: /^Successfully installed (.+)$/,
		step: 'install',
		effect: 'done',
		detail: install,
	},
	{
		id: 'uv.resolved',
		from: ['tracking', 'build'],
		pattern: /^Resolved (\d+) packages? in /,
		step: 'install',
		effect: 'start',
		detail: install,
	},
	{
		id: 'uv.download',
		from: ['tracking', 'build'],
		pattern: /^Downloading ([\w.-]+) \([\d.]+[KMG]iB\)$/,
		step: 'install',
		effect: 'start',
		detail: install,
	},
	{
		id: 'uv.done',
		from: ['tracking', 'build'],
		pattern: /^Installed (\d+) packages? in /,
		step: 'install',
		effect: 'done',
		detail: install,
	},
	{
		id: 'mlflow.loaded',
		from: ['tracking'],
		pattern: /^Registry store URI not provided\. Using backend store URI\.$/,
		step: 'load',
		effect: 'done',
	},
	{
		// psycopg2 and psycopg 3 as SQLAlchemy reports them; the reason stands on the first line.
		id: 'mlflow.database.refused',
		from: ['tracking'],
		pattern:
			/OperationalError\).*?(Connection refused|could not translate host name "[^"]*"|[Nn]ame or service not known|password authentication failed for user "[^"]*"|(?:database|role) "[^"]*" does not exist|the database system is \w+(?: \w+)?|timeout expired|No route to host|server closed the connection unexpectedly|too many clients already)/,
		step: 'database',
		effect: 'start',
		detail: waiting,
	},
	{
		id: 'mlflow.database.retry',
		from: ['tracking'],
		pattern: /Operation will be retried in (\d+(?:\.\d+)?) seconds/,
		step: 'database',
		effect: 'start',
		detail: waiting,
	},
	{
		id: 'mlflow.migrate.create',
		from: ['tracking'],
		pattern: /INFO mlflow\.store\.db\.utils: Creating initial MLflow database tables/,
		step: 'migrate',
		effect: 'start',
		detail: migration,
	},
	{
		id: 'mlflow.migrate.update',
		from: ['tracking'],
		pattern: /INFO mlflow\.store\.db\.utils: Updating database tables/,
		step: 'migrate',
		effect: 'start',
		detail: migration,
	},
	{
		id: 'alembic.revision',
		from: ['tracking'],
		pattern: /\[alembic\.runtime\.migration\] Running upgrade \S* -> \S+, (.+)$/,
		step: 'migrate',
		effect: 'start',
		detail: migration,
	},
	{
		id: 'mlflow.security',
		from: ['tracking'],
		pattern: /^\[MLflow\] (?:WARNING: )?Security middleware (?:is )?(?:enabled|DISABLED)/,
		step: 'listen',
		effect: 'start',
	},
	{
		id: 'mlflow.jobs',
		from: ['tracking'],
		pattern: /INFO mlflow\.server\.jobs\.executor_registry: Job executor backend/,
		step: 'listen',
		effect: 'start',
	},
	{
		// With one worker uvicorn says so when it answers; with more, the parent says so long before any worker answers.
		id: 'uvicorn.listen',
		from: ['tracking'],
		pattern: /INFO: {5}Uvicorn running on (https?:\/\/\S+)/,
		step: 'listen',
		effect: 'done',
		detail: (heard) => found(heard, 'uvicorn.listen'),
	},
	{
		id: 'uvicorn.parent',
		from: ['tracking'],
		pattern: /INFO: {5}Started parent process \[\d+\]/,
		step: 'workers',
		effect: 'start',
	},
	{
		id: 'uvicorn.worker',
		from: ['tracking'],
		pattern: /INFO: {5}Started server process \[\d+\]/,
		step: 'workers',
		effect: 'note',
		after: 'uvicorn.parent',
		detail: workers,
	},
	{
		// Each worker says it; the first one is enough to answer.
		id: 'uvicorn.ready',
		from: ['tracking'],
		pattern: /INFO: {5}Application startup complete\./,
		step: 'workers',
		effect: 'done',
		after: 'uvicorn.parent',
		detail: workers,
	},
	{
		id: 'gunicorn.start',
		from: ['tracking'],
		pattern: /\[INFO\] Starting gunicorn (\S+)/,
		step: 'listen',
		effect: 'start',
		detail: (heard) => `gunicorn ${found(heard, 'gunicorn.start')}`,
	},
	{
		id: 'gunicorn.listen',
		from: ['tracking'],
		pattern: /\[INFO\] Listening at: (https?:\/\/\S+)/,
		step: 'listen',
		effect: 'done',
		detail: (heard) => found(heard, 'gunicorn.listen'),
	},
	{
		id: 'gunicorn.worker',
		from: ['tracking'],
		pattern: /\[INFO\] Booting worker with pid: \d+/,
		step: 'workers',
		effect: 'start',
		detail: workers,
	},
];

type Source = Phase['from'][number];

const bySource = new Map(
	(['database', 'tracking', 'build'] as const).map((source) => {
		const rows = phases.filter((phase) => phase.from.includes(source));
		// Nearly every line matches nothing: one pattern says so at once.
		const any = new RegExp(rows.map((phase) => phase.pattern.source).join('|'));
		return [source, {rows, any}];
	}),
);

/** The phase that a line stands for, and what its first group found. Costs one test of a pattern for most lines. */
export function phaseOf(source: Source, text: string): {phase: Phase; found: string} | undefined {
	const table = bySource.get(source);
	if (!table?.any.test(text)) {
		return undefined;
	}

	for (const phase of table.rows) {
		const match = phase.pattern.exec(text);
		if (match) {
			return {phase, found: match[1] ?? ''};
		}
	}

	return undefined;
}

/** What was heard, with one more line. */
export function hear(heard: Heard, phase: Phase, found: string): Heard {
	return {...heard, [phase.id]: {count: (heard[phase.id]?.count ?? 0) + 1, found}};
}
