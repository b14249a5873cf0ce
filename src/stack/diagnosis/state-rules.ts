import type {Container, ServiceDefinition} from '../model.ts';
import type {Severity, Tale, Values} from './card.ts';
import {isStop, meaningOf} from './exit-codes.ts';
import type {Run} from './state.ts';

/** A failure that shows in what the engine and an HTTP answer say. */
export interface StateRule extends Tale {
	readonly id: string;
	readonly severity: Severity;
	/** Since when it holds, ms since 1970, and what stands for the names in its tale; undefined when it does not hold. */
	readonly holds: (facts: Facts) => {readonly since: number; readonly values?: Values} | undefined;
	/** ms that it must hold before it is a failure. */
	readonly lasts?: number;
	/** Says less than any rule that knows the cause: not shown beside one of them for the same service. */
	readonly fallback?: true;
	readonly follows?: 'database';
	/** One failure, whatever services show it: one card for all of them. */
	readonly shared?: true;
}

/** What is known of one service. */
export interface Facts {
	readonly service: string;
	readonly run: Run;
	readonly container?: Container;
	/** The stack's databases. */
	readonly databases: readonly {
		readonly definition: ServiceDefinition;
		readonly container?: Container;
		readonly run?: Run;
	}[];
	/** mlstack's own operation is taking the stack down, or apart. */
	readonly stopping: boolean;
}

const hasEnded = (container: Container | undefined): boolean =>
	container !== undefined && ['exited', 'dead', 'restarting'].includes(container.status);

/** So often an engine restarts a container before it is called a loop. */
const loop = 3;

const isLooping = ({run, container}: Facts): boolean =>
	run.restarts >= loop || (container?.status === 'restarting' && (container.restartCount ?? 0) >= loop);

const endOf = ({run, container}: Facts): number => run.endedAt ?? container?.finishedAt ?? 0;

/**
 * A container that docker-compose 1 stopped, put out of the way under its id and its old name, and could not replace: it
 * reads a field of an image, ContainerConfig, that engines do not give any more (docker/compose, issue 11742).
 */
const isLeftByComposeV1 = (container: Container | undefined): boolean =>
	hasEnded(container) &&
	container !== undefined &&
	container.name.startsWith(`${container.id.slice(0, 12)}_`);

/** What MLflow says over HTTP, if its container runs. */
const says =
	(...words: readonly string[]) =>
	({run, container}: Facts): {since: number; values: Values} | undefined =>
		container?.status === 'running' && run.health && words.includes(run.health.word)
			? {
					since: Math.max(run.healthSince ?? 0, run.since ?? 0),
					values: {
						url: run.health.url,
						host: run.health.url.replace(/^\w+:\/\//, ''),
						port: new URL(run.health.url).port || '80',
						why: run.health.why,
					},
				}
			: undefined;

/** MLflow may take its time from its first line to its first answer on a busy machine, ms. */
const patience = 60_000;
/** It may be installing its packages, ms. */
const longPatience = 300_000;

export const stateRules: readonly StateRule[] = [
	{
		id: 'out-of-memory',
		severity: 'error',
		holds: (facts) => {
			const ended = hasEnded(facts.container) && facts.container?.oomKilled === true;
			return ended || facts.run.outOfMemory ? {since: endOf(facts)} : undefined;
		},
		title: '{service} was killed: it ran out of memory',
		why: 'It reached its memory limit, or the engine’s. MLflow with its defaults (four workers, and processes for jobs) takes 2.3 GiB and more; one worker without jobs takes 0.5 GiB.',
		mend: [
			{
				text: 'Run one worker, without jobs.',
				change: 'environment:\n  MLFLOW_WORKERS: "1"\n  MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false"',
			},
			{text: 'Or raise the limit (`mem_limit`, or the memory that Docker Desktop gives its machine).'},
		],
	},
	{
		id: 'restart-loop',
		severity: 'error',
		holds: (facts) =>
			isLooping(facts) && !facts.run.stopping ? {since: endOf(facts), values: exitValues(facts)} : undefined,
		fallback: true,
		title: '{service} is started again and again, and ends each time ({exitCode})',
		why: 'Exit code {exitCode}: {meaning}. The engine goes on trying, as `restart` in the compose file says.',
		mend: [
			{text: 'Read what it says before it ends.', command: '{compose} logs --tail 50 {service}'},
			{text: 'Stop the loop meanwhile.', command: '{compose} stop {service}'},
		],
	},
	{
		id: 'exited',
		severity: 'error',
		holds: (facts) => {
			const {container, run} = facts;
			const code = container?.exitCode;
			const failed = hasEnded(container) && code !== undefined && code !== 0 && !isStop(code);
			return failed && !run.stopping && !facts.stopping && !isLooping(facts)
				? {since: endOf(facts), values: exitValues(facts)}
				: undefined;
		},
		// The lines that say why may still be on their way.
		lasts: 500,
		fallback: true,
		title: '{service} exited ({exitCode})',
		why: 'Exit code {exitCode} usually means: {meaning}.',
		mend: [{text: 'Read what it said last.', command: '{compose} logs --tail 50 {service}'}],
	},
	{
		id: 'ended',
		severity: 'warning',
		holds: (facts) => {
			const {container, run} = facts;
			return hasEnded(container) &&
				container?.exitCode === 0 &&
				run.role !== 'other' &&
				!run.stopping &&
				!facts.stopping &&
				!isLooping(facts)
				? {since: endOf(facts)}
				: undefined;
		},
		lasts: 500,
		fallback: true,
		title: '{service} ended by itself (0)',
		why: 'It should go on running. Its command ended without an error, or it was stopped in a way that left no trace in its log.',
		mend: [
			{text: 'Read what it said last.', command: '{compose} logs --tail 50 {service}'},
			{text: 'Start it again.', command: '{compose} up -d {service}'},
		],
	},
	{
		id: 'unhealthy',
		severity: 'error',
		holds: ({container, run}) =>
			container?.status === 'running' && container.health === 'unhealthy'
				? {since: run.unhealthySince ?? run.since ?? 0}
				: undefined,
		fallback: true,
		title: '{service} runs, but its healthcheck fails',
		why: 'The check that the compose file defines did not pass several times in a row.',
		mend: [
			{
				text: 'See what the check says.',
				command: `docker inspect --format '{{range .State.Health.Log}}{{.Output}}{{end}}' {container}`,
			},
			{text: 'Read the log.', command: '{compose} logs --tail 50 {service}'},
		],
	},
	{
		id: 'compose-v1',
		severity: 'error',
		holds: (facts) => (isLeftByComposeV1(facts.container) ? {since: endOf(facts)} : undefined),
		// A docker-compose 1 that works does the same for a moment.
		lasts: 1000,
		shared: true,
		title: 'docker-compose 1 stopped this stack and could not start it again',
		why: 'Version 1 (`docker-compose`, with a hyphen) has had no updates since 2023, and cannot replace a container on current engines (KeyError: ContainerConfig). It left {container} half made; the volumes are untouched.',
		mend: [
			{text: 'Use version 2, which goes on with what version 1 left.', command: '{compose} up -d'},
			{text: 'Without it: install the plugin, https://docs.docker.com/compose/install/'},
		],
	},
	{
		id: 'database-stopped',
		severity: 'error',
		holds: ({run, container, databases, stopping}) => {
			const running = databases.some((database) => database.container?.status === 'running');
			const [first] = databases;
			const code = first?.container?.exitCode ?? 0;
			const quiet = code === 0 || isStop(code) || first?.run?.stopping === true;
			const isTold =
				run.role !== 'tracking' ||
				container?.status !== 'running' ||
				stopping ||
				running ||
				isLeftByComposeV1(first?.container);
			return first && !isTold && quiet
				? {
						since: Math.max(first.run?.endedAt ?? first.container?.finishedAt ?? 0, run.since ?? 0),
						values: {database: first.definition.name},
					}
				: undefined;
		},
		lasts: 3000,
		title: '{database} is not running, so {service} can store nothing',
		why: 'The database was stopped, or never started. MLflow recovers by itself when it is back.',
		mend: [{text: 'Start it.', command: '{compose} up -d {database}'}],
	},
	{
		id: 'database-away',
		severity: 'error',
		holds: says('database down', 'database slow'),
		lasts: 5000,
		follows: 'database',
		title: '{service} answers, but cannot reach its database',
		why: '{why} Its /health says OK all the same.',
		mend: [
			{text: 'See what PostgreSQL says.', command: '{compose} logs --tail 50 {database}'},
			{text: 'And what MLflow says.', command: '{compose} logs --tail 50 {service}'},
		],
	},
	{
		id: 'schema-gone',
		severity: 'error',
		holds: says('schema gone'),
		lasts: 3000,
		title: 'The tables of MLflow are gone from its database',
		why: 'The database was emptied or made anew while {service} was running.',
		mend: [
			{
				text: 'If that was meant, restart MLflow, which makes the tables.',
				command: '{compose} restart {service}',
			},
			{text: 'If not, restore a backup first.'},
		],
	},
	{
		id: 'host-not-allowed',
		severity: 'error',
		holds: says('host refused'),
		lasts: 1000,
		title: '{service} refuses requests for {host} (403)',
		why: 'Against DNS rebinding, MLflow 3.5 and later answers only for host names that it was told; by default localhost and private addresses.',
		mend: [
			{
				text: 'Add the name. The list replaces the default, so localhost must be in it.',
				change:
					'environment:\n  MLFLOW_SERVER_ALLOWED_HOSTS: "localhost,localhost:*,127.0.0.1,127.0.0.1:*,{host}"',
			},
		],
	},
	{
		id: 'works-not',
		severity: 'error',
		holds: says('failing'),
		lasts: 10_000,
		fallback: true,
		title: '{service} answers, but does not work',
		why: '{why}',
		mend: [{text: 'Read its log.', command: '{compose} logs --tail 50 {service}'}],
	},
	{
		id: 'airplay',
		severity: 'error',
		holds: says('AirPlay'),
		lasts: 1000,
		title: 'Not MLflow but the AirPlay Receiver of macOS answers at {url}',
		why: 'It listens on the ports 5000 and 7000 of every Mac since Monterey.',
		mend: [
			{text: 'Publish another port.', change: 'ports:\n  - "{example}"'},
			{text: 'Or turn it off: System Settings, General, AirDrop & Handoff, AirPlay Receiver.'},
		],
	},
	{
		id: 'stranger',
		severity: 'error',
		holds: says('not MLflow'),
		lasts: 5000,
		fallback: true,
		title: 'Something else than {service} answers at {url}',
		why: '{why}',
		mend: [{text: 'Publish another port.', change: 'ports:\n  - "{example}"'}],
	},
	{
		id: 'no-answer',
		severity: 'error',
		holds: (facts) => {
			const silent = says('no answer', 'unreachable')(facts);
			const {listening} = facts.run;
			return silent
				? {
						...silent,
						since:
							listening === undefined
								? silent.since + longPatience - patience
								: Math.max(silent.since, listening),
					}
				: undefined;
		},
		lasts: patience,
		fallback: true,
		title: '{service} runs, but does not answer at {url}',
		why: '{why}',
		mend: [
			{text: 'Read its log.', command: '{compose} logs --tail 50 {service}'},
			{
				text: 'See whether it listens on all addresses (--host 0.0.0.0) and on the port that is published.',
				command: '{compose} port {service} 5000',
			},
		],
	},
];

/** A container that runs again has no exit code any more. */
function exitValues({container, run}: Facts): Values {
	const code = container?.exitCode ?? run.exitCode ?? 0;
	return {exitCode: String(code), meaning: meaningOf(code)};
}
