import type {EnvironmentFacts, PortFacts} from '../../stack/environment/facts.ts';
import type {EngineInfo, Stack} from '../../stack/model.ts';
import {diskFacts} from '../environment/disk.ts';
import {portState} from '../environment/listening.ts';
import {processOnPort} from '../port-process.ts';
import {projectPaths, type NativePaths} from './paths.ts';
import {readState} from './state-file.ts';

/** What a stack of plain processes runs on: this machine, its disk and its ports. */
export async function nativeEnvironment(
	native: NativePaths,
	engine: EngineInfo,
	stack: Stack | undefined,
	signal: AbortSignal,
): Promise<EnvironmentFacts> {
	return {
		kind: 'native',
		engine: {...engine, rootless: false},
		disks: [await diskFacts('engine', native.root)],
		ports: stack ? await portFacts(native, stack, signal) : [],
		images: [],
		...(stack && {stack}),
	};
}

async function portFacts(
	native: NativePaths,
	{project, services}: Stack,
	signal: AbortSignal,
): Promise<readonly PortFacts[]> {
	const {entries} = readState(projectPaths(native, project).state);
	const ours = new Set(
		entries
			.filter(({container}) => container.status === 'running')
			.flatMap(({container}) => container.ports.map(({published}) => published)),
	);
	const facts: PortFacts[] = [];
	for (const {name: service, ports} of services) {
		for (const {published: port} of ports) {
			if (ours.has(port) || (await portState(port)) === 'free') {
				facts.push({service, port, state: ours.has(port) ? 'ours' : 'free'});
			} else {
				const owner = await processOnPort(port, signal);
				facts.push({service, port, state: 'taken', ...(owner !== undefined && {owner})});
			}
		}
	}

	return facts;
}
