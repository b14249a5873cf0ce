import type {ComposeService} from '../compose-config.ts';
import {optionOf, pipPackages, readCommand, wordsOf, writeCommand, type TrackingCommand} from './command.ts';
import {setIn} from './edit.ts';
import {compareVersions, goodMlflow, goodPython, oldestSafeMlflow, parseImage, releaseOf} from './images.ts';
import {environmentPath, itemsAt, servicePath} from './rule.ts';
import {parseSource, textAt, type Path, type Source} from './source.ts';

/** The command of a tracking server as the file has it. */
export function commandOf(source: Source, service: string): TrackingCommand | undefined {
	const path = servicePath(service, 'command');
	return readCommand(wordsOf(textAt(source, path) ?? itemsAt(source, path)));
}

/** The file with another command for a service; as it was when the command cannot be read. */
export function withCommand(
	text: string,
	service: string,
	change: (command: TrackingCommand) => TrackingCommand | undefined,
): string | undefined {
	const command = commandOf(parseSource(text), service);
	const changed = command && change(command);
	return changed && setIn(text, servicePath(service, 'command'), writeCommand(changed));
}

/** A setting of MLflow's server: from its command, else from its environment, with where it stands. */
export function settingOf(
	source: Source,
	service: ComposeService,
	options: readonly string[],
	variable: string,
): {value: string; path: Path} | undefined {
	const {name} = service.definition;
	const server = commandOf(source, name)?.server ?? readCommand(service.raw().command)?.server ?? [];
	const value = optionOf(server, ...options);
	if (value !== undefined) {
		return {value, path: servicePath(name, 'command')};
	}

	const path = environmentPath(source, name, variable) ?? servicePath(name, 'environment');
	const set = service.raw().environment[variable];
	return set === undefined ? undefined : {value: set, path};
}

/** What a container installs each time it starts, if that is all that can be seen to happen before the server. */
export function installOf(command: TrackingCommand | undefined): readonly string[] | undefined {
	const lists = command?.before.map(pipPackages) ?? [];
	return lists.length > 0 && lists.every((list) => list !== undefined) ? lists.flat() : undefined;
}

/** The packages, with MLflow's version pinned to a good one where the file leaves it open, or asks for an unsafe one. */
export function pinned(packages: readonly string[]): readonly string[] {
	return packages.map((requirement) => {
		const [, name = '', extras = '', constraint = ''] = /^(mlflow)(\[[^\]]*\])?(.*)$/.exec(requirement) ?? [];
		const version = /^==\s*(\d[\w.]*)$/.exec(constraint)?.[1];
		const isGood = version !== undefined && compareVersions(version, oldestSafeMlflow) >= 0;
		return name === '' || isGood ? requirement : `${name}${extras}==${goodMlflow}`;
	});
}

/** The image to build on: the file's own, if it is one of Python that is still mended. */
export function baseImage(image: string | undefined, now: number): string {
	const reference = parseImage(image ?? '');
	const release = releaseOf(reference);
	return image !== undefined && reference.repository === 'python' && release && Date.parse(release.end) > now
		? image
		: goodPython;
}

/** The version of MLflow that a service runs, as far as its file says. */
export function mlflowVersion(source: Source, service: ComposeService): string | undefined {
	const command = commandOf(source, service.definition.name);
	const requirement = installOf(command)?.find((entry) => /^mlflow(?:\[[^\]]*\])?==/.test(entry));
	if (requirement !== undefined) {
		return requirement.split('==')[1];
	}

	const {repository, tag} = parseImage(service.definition.image ?? '');
	return /(?:^|\/)mlflow$/.test(repository) ? /^v?(\d+\.\d+\.\d+)/.exec(tag)?.[1] : undefined;
}
