import {optionOf, withOption, withoutOption} from './command.ts';
import {onOneLine, setIn} from './edit.ts';
import {compareVersions, goodMlflow, oldestSafeMlflow, parseImage, releaseOf} from './images.ts';
import {servicePath, type Hit, type LintRule} from './rule.ts';
import {parseSource, textAt} from './source.ts';
import {builtOnce, served, waiting, withVariable} from './tracking-mends.ts';
import {commandOf, installOf, mlflowVersion, settingOf, withCommand} from './tracking.ts';
import type {ComposeService} from '../compose-config.ts';

const uriVariable = 'MLFLOW_BACKEND_STORE_URI';
const plainUri = /\bpostgres(?:ql)?:\/\//;

const named = ({definition: {name}}: ComposeService, hit: Omit<Hit, 'service'>): Hit => ({
	service: name,
	...hit,
});

/** A folder, of the server or of whoever reads the path: no scheme, or `file:`. */
const isFolder = (root: string): boolean => !/^[a-z][a-z\d+.-]*:/i.test(root) || /^file:/i.test(root);

/** Whether a folder lies on the volume that is mounted there. One without a leading slash is the working directory's. */
function lies(folder: string, mount: string, workingDirectory: string | undefined): boolean {
	const relative = folder.replace(/^\.\//, '');
	const isInside = (path: string): boolean => `${path}/`.startsWith(`${mount}/`);
	return folder.startsWith('/')
		? isInside(folder)
		: mount.endsWith(`/${relative}`) ||
				(workingDirectory !== undefined && isInside(`${workingDirectory}/${relative}`));
}

/** Rules for MLflow. To add one, add a row, and its example in test/stack/lint/examples.ts. */
export const trackingRules: readonly LintRule[] = [
	{
		id: 'command-cut',
		severity: 'error',
		what: 'The command is cut in pieces: MLflow starts without its options',
		reason:
			'In a folded block (>) lines that are indented deeper keep their line breaks, as in a literal one (|). The shell runs `mlflow server` alone: on 127.0.0.1 inside the container, on local files instead of PostgreSQL.',
		fix: 'Write the command as a list.',
		check: ({source, trackings}) =>
			trackings
				.filter(({definition: {name}}) => commandOf(source, name)?.isCut)
				.map((service) => named(service, {path: servicePath(service.definition.name, 'command')})),
		mend: (text, {service}) => {
			const changed = withCommand(text, service, (command) => command);
			return changed === undefined
				? undefined
				: {text: changed, change: `the command of ${service} is a list, with all its options`};
		},
	},
	{
		id: 'loopback',
		severity: 'error',
		what: 'MLflow listens on 127.0.0.1 inside its container, where nobody can reach it',
		reason: 'That is its default.',
		fix: 'Add --host 0.0.0.0; who may reach it is decided by the published port.',
		check: ({source, trackings}) =>
			trackings.flatMap((service) => {
				const {name} = service.definition;
				const command = commandOf(source, name);
				const host = settingOf(source, service, ['--host', '-h'], 'MLFLOW_HOST');
				const isLocal = host === undefined || /^(?:127\.|localhost$|::1$)/.test(host.value);
				return command && isLocal ? [named(service, {path: host?.path ?? servicePath(name, 'command')})] : [];
			}),
		mend: (text, {service}) => {
			const changed = withCommand(text, service, (command) => ({
				...command,
				server: withOption(withoutOption(command.server, '-h'), '--host', '0.0.0.0'),
			}));
			return changed === undefined
				? undefined
				: {text: changed, change: `${service} listens on all addresses of its container`};
		},
	},
	{
		id: 'plain-uri',
		severity: 'error',
		what: 'The database URI names no driver',
		reason:
			'SQLAlchemy 2.1 takes postgresql:// for psycopg 3, and psycopg2 is what is installed: "No module named \'psycopg\'". It takes postgres:// for nothing at all.',
		fix: 'Write postgresql+psycopg2://.',
		check: ({source, trackings}) =>
			trackings.flatMap((service) => {
				const uri = settingOf(source, service, ['--backend-store-uri'], uriVariable);
				return uri && plainUri.test(uri.value) ? [named(service, {path: uri.path})] : [];
			}),
		mend: (text, {service, path}) => {
			const source = parseSource(text);
			const packages = installOf(commandOf(source, service)) ?? [];
			const hasPsycopg3 = packages.some((name) => /^psycopg(?:\[|$|=)/.test(name));
			const scheme = `postgresql+${hasPsycopg3 ? 'psycopg' : 'psycopg2'}://`;
			const written = textAt(source, path);
			const changed =
				path.at(-1) === 'command'
					? withCommand(text, service, (command) => ({
							...command,
							server: command.server.map((word) => word.replace(plainUri, scheme)),
						}))
					: written !== undefined && plainUri.test(written)
						? setIn(text, path, written.replace(plainUri, scheme))
						: undefined;
			return changed === undefined
				? undefined
				: {text: changed, change: `the database URI of ${service} names its driver`};
		},
	},
	{
		id: 'artifacts-at-client',
		severity: 'error',
		what: 'Artifacts go to a folder that each client takes for one on its own disk',
		reason:
			'With --default-artifact-root (or --no-serve-artifacts) clients get a path of the server’s, and write there themselves: "Permission denied: \'/mlruns\'", or a file that the server never sees.',
		fix: 'Let the server keep and serve them: --artifacts-destination FOLDER, on a volume.',
		check: ({source, trackings}) =>
			trackings.flatMap((service) => {
				const root = settingOf(source, service, ['--default-artifact-root'], 'MLFLOW_DEFAULT_ARTIFACT_ROOT');
				const isUnserved = commandOf(source, service.definition.name)?.server.includes(
					'--no-serve-artifacts',
				);
				const path = root?.path ?? servicePath(service.definition.name, 'command');
				return (root && isFolder(root.value)) || (isUnserved && !root)
					? [named(service, {path, fixable: path.at(-1) === 'command'})]
					: [];
			}),
		mend: (text, {service}) => served(text, service),
	},
	{
		id: 'artifacts-not-kept',
		severity: 'error',
		what: 'Artifacts lie on no volume',
		reason:
			'They are lost when the container is removed, as `docker compose down` does, while their runs stay in the database.',
		fix: 'Mount a volume, and let --artifacts-destination name a folder on it.',
		check: ({source, trackings}) =>
			trackings.flatMap((service) => {
				const {name} = service.definition;
				const root = settingOf(source, service, ['--default-artifact-root'], 'MLFLOW_DEFAULT_ARTIFACT_ROOT');
				const destination = settingOf(
					source,
					service,
					['--artifacts-destination'],
					'MLFLOW_ARTIFACTS_DESTINATION',
				);
				const command = commandOf(source, name);
				if (root !== undefined || !command) {
					return [];
				}

				const folder = (destination?.value ?? './mlartifacts').replace(/^file:\/\//, '');
				const isKept =
					!isFolder(folder) ||
					service.mounts.some(({target}) =>
						lies(folder, target, textAt(source, servicePath(name, 'working_dir'))),
					);
				return isKept ? [] : [named(service, {path: destination?.path ?? servicePath(name, 'command')})];
			}),
		mend: (text, {service}) => served(text, service),
	},
	{
		id: 'install-at-start',
		severity: 'warning',
		what: 'MLflow is installed each time its container is created',
		reason:
			'That takes a minute and the network at each start, and brings whatever version is the newest that day.',
		fix: 'Build an image once: `build` with `dockerfile_inline`.',
		check: ({source, trackings}) =>
			trackings.flatMap((service) => {
				const {name, build} = service.definition;
				const command = commandOf(source, name);
				const installs = command?.before.some((words) => words.includes('install'));
				return installs
					? [
							named(service, {
								path: servicePath(name, 'command'),
								fixable: installOf(command) !== undefined && !build && !command?.needsShell,
							}),
						]
					: [];
			}),
		mend: builtOnce,
	},
	{
		id: 'python-end-of-life',
		severity: 'warning',
		what: 'This version of Python gets no security fixes any more',
		reason: '',
		fix: 'Use python:3.13-slim-trixie.',
		check: ({source, trackings, now}) =>
			trackings.flatMap((service) => {
				const {name, image = ''} = service.definition;
				const release = releaseOf(parseImage(image));
				return release?.repository === 'python' && Date.parse(release.end) <= now
					? [
							named(service, {
								path: servicePath(name, 'image'),
								reason: `Its last day was ${release.end}.${compareVersions(release.release, '3.10') < 0 ? ' The newest MLflow that it can run is 3.1.' : ''}`,
								fixable: installOf(commandOf(source, name)) !== undefined,
							}),
						]
					: [];
			}),
		mend: builtOnce,
	},
	{
		id: 'tracking-image-unpinned',
		severity: 'warning',
		what: 'The image of MLflow has no version',
		reason: 'One day `docker compose pull` brings another MLflow, which migrates the database for good.',
		fix: `Pin it: MLflow ${goodMlflow} is known to work.`,
		check: ({source, trackings}) =>
			trackings.flatMap((service) => {
				const {name, image, build} = service.definition;
				const {tag, digest} = parseImage(image ?? '');
				return image !== undefined && !build && digest === '' && ['', 'latest'].includes(tag)
					? [
							named(service, {
								path: servicePath(name, 'image'),
								fixable: installOf(commandOf(source, name)) !== undefined,
							}),
						]
					: [];
			}),
		mend: builtOnce,
	},
	{
		id: 'mlflow-old',
		severity: 'warning',
		what: `This MLflow has known holes (before ${oldestSafeMlflow})`,
		reason:
			'Requests without a login can read files, reach other servers or run code: CVE-2026-2033 (3.8.0), CVE-2026-2393 (3.9.0), CVE-2026-2652 (3.10.0), CVE-2026-64849, CVE-2026-115886 (3.17.0) and others, each with the version that mends it.',
		fix: `Use ${goodMlflow}. Save the database first: MLflow migrates it by itself and cannot go back.`,
		check: ({source, trackings}) =>
			trackings.flatMap((service) => {
				const {name, image = ''} = service.definition;
				const packages = installOf(commandOf(source, name));
				const version = mlflowVersion(source, service);
				const {repository, tag} = parseImage(image);
				// Python before 3.10 gets no newer MLflow than 3.1, whatever is asked for.
				const isHeldBack =
					repository === 'python' && compareVersions(tag, '3.10') < 0 && tag.startsWith('3.');
				const isOld = version !== undefined && compareVersions(version, oldestSafeMlflow) < 0;
				return isOld || (isHeldBack && packages)
					? [
							named(service, {
								path: servicePath(name, packages ? 'command' : 'image'),
								fixable: packages !== undefined,
							}),
						]
					: [];
			}),
		mend: builtOnce,
	},
	{
		id: 'started-only',
		severity: 'warning',
		what: 'MLflow does not wait until PostgreSQL is healthy',
		reason:
			'depends_on alone waits until the container has started, not until the database accepts connections.',
		fix: 'depends_on with condition: service_healthy.',
		check: ({source, trackings, databases}) =>
			trackings.flatMap((service) =>
				databases
					.filter(({definition: {name}}) => {
						const needed = service.dependencies.find((dependency) => dependency.service === name);
						const uri = settingOf(source, service, ['--backend-store-uri'], uriVariable)?.value ?? '';
						return needed ? needed.condition === 'service_started' : uri.includes(`@${name}`);
					})
					.map(({definition}) =>
						named(service, {
							path: servicePath(service.definition.name, 'depends_on'),
							what: `MLflow does not wait until ${definition.name} is healthy`,
						}),
					),
			),
		mend: waiting,
	},
	{
		id: 'no-tracking-healthcheck',
		severity: 'advice',
		what: 'MLflow has no healthcheck',
		reason: '`docker compose up --wait` and other services cannot tell when it answers.',
		fix: 'Ask /health from inside the container.',
		check: ({trackings}) =>
			trackings
				.filter(({definition}) => !definition.hasHealthcheck)
				.map((service) => named(service, {path: servicePath(service.definition.name)})),
		mend: (text, {service}) => {
			const server = commandOf(parseSource(text), service)?.server ?? [];
			const port = optionOf(server, '--port', '-p') ?? '5000';
			const ask = `import urllib.request as u; u.urlopen('http://127.0.0.1:${port}/health', timeout=3)`;
			return {
				text: setIn(text, servicePath(service, 'healthcheck'), {
					test: onOneLine(['CMD', 'python', '-c', ask]),
					interval: '10s',
					timeout: '5s',
					retries: 4,
					start_period: '120s',
				}),
				change: `${service} has a healthcheck`,
			};
		},
	},
	{
		id: 'host-not-allowed',
		severity: 'warning',
		what: 'Another service calls MLflow by a name that it refuses',
		reason:
			'MLflow 3.5 and later answers only for host names that it was told; a service’s name is not among them by default (403).',
		fix: 'Set MLFLOW_SERVER_ALLOWED_HOSTS; it replaces the default, so localhost must be in it.',
		check: ({source, config, trackings}) =>
			trackings.flatMap((service) => {
				const {name} = service.definition;
				const isTold = settingOf(source, service, ['--allowed-hosts'], 'MLFLOW_SERVER_ALLOWED_HOSTS');
				const caller = config.services.find(
					(other) =>
						other !== service &&
						Object.values(other.raw().environment).some((value) => value.includes(`http://${name}:`)),
				);
				return caller && !isTold
					? [
							named(service, {
								path: servicePath(name, 'environment'),
								what: `${caller.definition.name} calls MLflow by a name that it refuses`,
							}),
						]
					: [];
			}),
		mend: (text, {service}) => ({
			text: withVariable(
				text,
				service,
				'MLFLOW_SERVER_ALLOWED_HOSTS',
				`localhost,localhost:*,127.0.0.1,127.0.0.1:*,${service},${service}:*`,
			),
			change: `${service} answers to its own name, too`,
		}),
	},
];
