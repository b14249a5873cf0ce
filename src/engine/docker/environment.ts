import {hostname} from 'node:os';
import {asFailure, Failure} from '../../failure.ts';
import type {
	DiskFacts,
	EngineFacts,
	EnvironmentFacts,
	ImageFacts,
	PortFacts,
	ToolFacts,
} from '../../stack/environment/facts.ts';
import type {Stack} from '../../stack/model.ts';
import {diskFacts} from '../environment/disk.ts';
import {portState} from '../environment/listening.ts';
import {arrayIn, numberIn, stringIn} from '../json.ts';
import type {Connection} from './connection.ts';
import {labels} from './containers.ts';
import {runDocker, type DockerCommand} from './docker-command.ts';
import {portOwner} from './port-owner.ts';

/** How long, in ms, an engine may take to say who it is. */
const patience = 5000;

/**
 * What a stack runs on: the engine, the docker command's plugins, disks, ports, clock and images. What cannot be found
 * out is left out; only an abort rejects.
 */
export async function dockerEnvironment(
	connection: Connection,
	docker: DockerCommand,
	stack: Stack | undefined,
	signal: AbortSignal = new AbortController().signal,
): Promise<EnvironmentFacts> {
	const hasFolder = stack !== undefined && stack.directory !== '';
	const [answer, tools, project] = await Promise.all([
		askEngine(connection, signal),
		toolFacts(docker, signal),
		hasFolder ? diskFacts('project', stack.directory) : undefined,
	]);
	signal.throwIfAborted();
	const facts: EnvironmentFacts = {
		kind: 'docker',
		tools,
		disks: project ? [project] : [],
		ports: [],
		images: [],
		...(stack && {stack}),
	};
	if ('away' in answer) {
		return {...facts, away: answer.away};
	}

	const {info, engine, clock} = answer;
	const isHere = isThisMachine(connection, info);
	const [disk, ports, images] = await Promise.all([
		engineDisk(info, isHere),
		stack ? portFacts(connection, stack, signal) : [],
		stack ? imageFacts(connection, stack, signal) : [],
	]);
	signal.throwIfAborted();
	return {
		...facts,
		engine,
		clock,
		disks: [...(disk ? [disk] : []), ...facts.disks],
		ports,
		images,
	};
}

type Answer =
	| {
			readonly engine: EngineFacts;
			readonly info: unknown;
			readonly clock: {ahead: number; uncertainty: number};
	  }
	| {readonly away: Failure};

async function askEngine(connection: Connection, signal: AbortSignal): Promise<Answer> {
	const limited = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
	try {
		const engine = await connection.describe(limited);
		// Once more on the open connection, so that the time that it takes blurs the clock little.
		const asked = Date.now();
		const info = await connection.json('GET', '/info', {signal: limited});
		const answered = Date.now();
		const options = arrayIn(info, 'SecurityOptions');
		const uncertainty = (answered - asked) / 2;
		return {
			info,
			engine: {...engine, rootless: options.includes('name=rootless')},
			clock: {ahead: Date.parse(stringIn(info, 'SystemTime') ?? '') - asked - uncertainty, uncertainty},
		};
	} catch (error) {
		signal.throwIfAborted();
		return {
			away: limited.aborted
				? new Failure(`the engine did not answer within ${patience / 1000} s`, {
						code: 'engine-silent',
						next: ['docker info'],
						reason: 'noEngine',
					})
				: asFailure(error),
		};
	}
}

/** Published ports are those of this machine. */
const isLocal = ({endpoint}: Connection): boolean => endpoint.host === 'localhost';

/** The engine's folders are those of this machine: it is not in a virtual machine or a container of its own. */
function isThisMachine(connection: Connection, info: unknown): boolean {
	return isLocal(connection) && stringIn(info, 'Name') === hostname();
}

/** Elsewhere a path of the same name would be another disk. */
async function engineDisk(info: unknown, isHere: boolean): Promise<DiskFacts | undefined> {
	const path = stringIn(info, 'DockerRootDir');
	return path === undefined ? undefined : isHere ? diskFacts('engine', path) : {place: 'engine', path};
}

/** The versions; absent for what is not there, or does not run. */
async function toolFacts(docker: DockerCommand, signal: AbortSignal): Promise<ToolFacts> {
	const version = async (
		command: DockerCommand,
		...words: readonly string[]
	): Promise<string | undefined> => {
		const {exitCode, output} = await runDocker(command, words, {signal});
		return exitCode === 0 ? /\d+\.\d+\S*/.exec(output)?.[0] : undefined;
	};
	const plain = {...docker, arguments: []};
	let compose: string | undefined;
	let buildx: string | undefined;
	let hasDocker = true;
	try {
		[compose, buildx] = await Promise.all([
			version(plain, 'compose', 'version', '--short'),
			version(plain, 'buildx', 'version'),
		]);
	} catch {
		signal.throwIfAborted();
		hasDocker = false;
	}

	const composeV1 =
		compose === undefined
			? await version({...plain, command: 'docker-compose'}, 'version', '--short').catch(() => undefined)
			: undefined;
	return {
		docker: hasDocker,
		...(compose !== undefined && {compose}),
		...(composeV1 !== undefined && {composeV1}),
		...(buildx !== undefined && {buildx}),
	};
}

async function portFacts(
	connection: Connection,
	{services, project}: Stack,
	signal: AbortSignal,
): Promise<readonly PortFacts[]> {
	const query = {filters: {label: [`${labels.project}=${project}`]}};
	const listed = await connection.json('GET', '/containers/json', {query, signal}).catch(() => []);
	const ours = new Set(
		(Array.isArray(listed) ? listed : []).flatMap((container: unknown) =>
			arrayIn(container, 'Ports').map((port) => numberIn(port, 'PublicPort')),
		),
	);
	const facts: PortFacts[] = [];
	for (const {name: service, ports} of services) {
		for (const {published: port} of ports.filter(({protocol}) => protocol === 'tcp')) {
			facts.push({
				service,
				port,
				...(ours.has(port) ? {state: 'ours'} : await strangersPort(connection, port, signal)),
			});
		}
	}

	return facts;
}

/** Of another machine only the containers are known. */
async function strangersPort(
	connection: Connection,
	port: number,
	signal: AbortSignal,
): Promise<Pick<PortFacts, 'state' | 'owner'>> {
	// What this user may not bind, the engine may.
	if (isLocal(connection) && (await portState(port)) !== 'taken') {
		return {state: 'free'};
	}

	const owner = await portOwner(connection, port, signal);
	return owner === undefined ? {state: isLocal(connection) ? 'taken' : 'unknown'} : {state: 'taken', owner};
}

/** Of the images at hand; one that is to be pulled or built comes as the engine needs it. */
async function imageFacts(
	connection: Connection,
	{services, project}: Stack,
	signal: AbortSignal,
): Promise<readonly ImageFacts[]> {
	const found = await Promise.all(
		services.map(async ({name, image = `${project}-${name}`}) => {
			const answer = await connection.json('GET', `/images/${image}/json`, {signal}).catch(() => undefined);
			const arch = stringIn(answer, 'Architecture');
			return arch === undefined ? [] : [{service: name, image, arch}];
		}),
	);
	return found.flat();
}
