import {withOption, withoutOption} from './command.ts';
import {addItem, renameKey, setIn} from './edit.ts';
import {
	environmentPath,
	itemsAt,
	servicePath,
	type LintContext,
	type LintFinding,
	type Mended,
} from './rule.ts';
import {nodeAt, parseSource, textAt, type Source} from './source.ts';
import {baseImage, commandOf, installOf, pinned, withCommand} from './tracking.ts';

/** Sets a variable of a service, in a map or in a list. */
export function withVariable(text: string, service: string, name: string, value: string): string {
	const source = parseSource(text);
	const path = environmentPath(source, service, name);
	if (path) {
		return setIn(text, path, typeof path.at(-1) === 'number' ? `${name}=${value}` : value);
	}

	const environment = servicePath(service, 'environment');
	return itemsAt(source, environment).length > 0
		? addItem(text, environment, `${name}=${value}`)
		: setIn(text, [...environment, name], value);
}

/** Lets the server keep artifacts on a volume of its own: one that it has, or a new one. */
export function served(text: string, service: string): Mended | undefined {
	const source = parseSource(text);
	const mounts = mountsOf(source, service);
	const mount = mounts.find((target) => /artifact|mlruns|mlflow/i.test(target)) ?? mounts[0];
	const folder = mount ?? '/mlartifacts';
	const changed = withCommand(text, service, (command) => ({
		...command,
		server: withOption(
			withoutOption(command.server, '--default-artifact-root').filter(
				(word) => word !== '--no-serve-artifacts',
			),
			'--artifacts-destination',
			folder,
		),
	}));
	if (changed === undefined) {
		return undefined;
	}

	const isNew = mount === undefined;
	const withMount = isNew
		? addItem(changed, servicePath(service, 'volumes'), 'mlartifacts:/mlartifacts')
		: changed;
	return {
		text: isNew ? setIn(withMount, ['volumes', 'mlartifacts'], {}) : withMount,
		change: `${service} keeps artifacts in ${folder}${isNew ? ' on the new volume mlartifacts' : ', on the volume that is mounted there,'} and serves them`,
		caution:
			'Experiments that exist keep the artifact root that they were made with; new ones use the server. Files that clients wrote to their own disks stay there.',
	};
}

/** Where volumes in the short form are mounted, if they can be written to. */
function mountsOf(source: Source, service: string): readonly string[] {
	const path = servicePath(service, 'volumes');
	return itemsAt(source, path).flatMap((item) => {
		const [, target, options = ''] = item.split(':');
		return target === undefined || /\bro\b/.test(options) ? [] : [target];
	});
}

/** Builds the packages that were installed at each start into an image. */
export function builtOnce(text: string, {service}: LintFinding, {now}: LintContext): Mended | undefined {
	const source = parseSource(text);
	const command = commandOf(source, service);
	const packages = installOf(command);
	if (!command || !packages) {
		// The mend of another finding may have done it.
		return nodeAt(source, servicePath(service, 'build')) ? {text, change: ''} : undefined;
	}

	const base = baseImage(textAt(source, servicePath(service, 'image')), now);
	const requirements = pinned(packages).map((name) => (/[<>[\]]/.test(name) ? `"${name}"` : name));
	const build = {
		context: '.',
		dockerfile_inline: `FROM ${base}\nRUN pip install --no-cache-dir --root-user-action=ignore ${requirements.join(' ')}\n`,
	};
	const started = withCommand(text, service, (own) => ({...own, before: []})) ?? text;
	return {
		text: setIn(
			renameKey(started, servicePath(service, 'image'), 'build'),
			servicePath(service, 'build'),
			build,
		),
		change: `${service} is built once, on ${base}, with ${pinned(packages).join(' and ')}`,
		caution:
			'If the database holds runs of an older MLflow, save it first: MLflow migrates it at the next start, and cannot go back.',
	};
}

/** Waits for the databases that have a healthcheck; what else is waited for stays. */
export function waiting(text: string, {service}: LintFinding, {databases}: LintContext): Mended | undefined {
	const source = parseSource(text);
	const path = servicePath(service, 'depends_on');
	const names = databases
		.map(({definition}) => definition.name)
		.filter((name) => nodeAt(source, servicePath(name, 'healthcheck')));
	if (names.length === 0) {
		return undefined;
	}

	const listed = itemsAt(source, path);
	const asMap = Object.fromEntries(listed.map((name) => [name, {condition: 'service_started'}]));
	const mapped = listed.length > 0 ? setIn(text, path, asMap) : text;
	return {
		text: names.reduce(
			(changed, name) => setIn(changed, [...path, name, 'condition'], 'service_healthy'),
			mapped,
		),
		change: `${service} waits until ${names.join(' and ')} is healthy`,
	};
}
