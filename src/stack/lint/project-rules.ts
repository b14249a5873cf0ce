import {isSecretName} from '../mask.ts';
import type {ComposeService} from '../compose-config.ts';
import {removeIn, quoted, setIn} from './edit.ts';
import {parseImage} from './images.ts';
import {
	environmentPath,
	itemPaths,
	itemsAt,
	servicePath,
	type Hit,
	type LintContext,
	type LintRule,
} from './rule.ts';
import {keysAt, mapAt, nodeAt, parseSource, textAt, type Path, type Source} from './source.ts';
import {settingOf} from './tracking.ts';

/** Passwords that everybody tries first, and those of the examples that people copy. */
const weakPasswords = new Set([
	'0',
	'admin',
	'changeme',
	'example',
	'mlflow',
	'mysecretpassword',
	'password',
	'postgres',
	'root',
	'secret',
	'test',
]);

/** A file is opened to everyone who can reach the machine: how a published port is written, and on which address. */
const anyAddress = /^(?:0\.0\.0\.0|\[::\]|::)$/;

/** Rules for the file and for all its services. To add one, add a row, and its example in test/stack/lint/examples.ts. */
export const projectRules: readonly LintRule[] = [
	{
		id: 'version-obsolete',
		severity: 'advice',
		what: '`version` is obsolete',
		reason: 'Compose ignores it, and warns of it at each command.',
		fix: 'Remove it.',
		check: ({source}) => (keysAt(source, []).includes('version') ? [{path: ['version']}] : []),
		mend: (text, {path}) => ({
			text: removeIn(text, path),
			change: '`version` is gone, which compose ignores',
		}),
	},
	{
		id: 'open-port',
		severity: 'warning',
		what: 'A port is open to the network',
		reason: '',
		fix: 'Publish it on this machine only: "127.0.0.1:PORT:PORT".',
		check: (context) =>
			[...context.databases, ...context.trackings].flatMap((service) =>
				openPorts(context.source, service.definition.name).map((path) => openness(context, service, path)),
			),
		mend: (text, {path, service}) => {
			const written = textAt(parseSource(text), path);
			if (written === undefined) {
				const isLong = mapAt(parseSource(text), path);
				return isLong
					? {
							text: setIn(text, [...path, 'host_ip'], '127.0.0.1'),
							change: `a port of ${service} is published on this machine only`,
						}
					: undefined;
			}

			const bare = written.replace(/^(?:0\.0\.0\.0|\[::\]):/, '');
			return {
				text: setIn(text, path, quoted(`127.0.0.1:${bare.includes(':') ? bare : `:${bare}`}`)),
				change: `the port ${bare} of ${service} is published on this machine only`,
				caution: 'Other machines that used it cannot reach it any more.',
			};
		},
	},
	{
		id: 'secret-in-file',
		severity: 'warning',
		what: 'A password stands in the file',
		reason: 'It goes wherever the file goes: into version control, chats, backups.',
		fix: 'Put it into .env beside the file (mode 0600, in .gitignore) and write ${POSTGRES_PASSWORD:?}.',
		check: ({source, config}) =>
			config.services.flatMap(({definition: {name}}) =>
				secretPaths(source, name).map((path): Hit => ({path, service: name})),
			),
	},
	{
		id: 'uri-mismatch',
		severity: 'error',
		what: 'MLflow and PostgreSQL are told different things',
		reason: '',
		fix: 'Write the same user, password and database in both.',
		check: ({source, trackings, databases}) =>
			trackings.flatMap((service) => {
				const setting = settingOf(source, service, ['--backend-store-uri'], 'MLFLOW_BACKEND_STORE_URI');
				const uri = setting && parseUri(setting.value);
				const database = databases.find(({definition}) => definition.name === uri?.host);
				if (!setting || !uri || !database) {
					return [];
				}

				const wrong = differences(source, uri, database);
				return wrong.length === 0
					? []
					: [
							{
								path: setting.path,
								service: service.definition.name,
								what: `The database URI has another ${wrong.join(' and ')} than ${database.definition.name}`,
								reason: `${database.definition.name} is given its own by POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB, and refuses others.`,
							},
						];
			}),
	},
	{
		id: 'container-name',
		severity: 'advice',
		what: 'A container has a fixed name',
		reason:
			'It can exist once on an engine: a second copy of this stack, or another one of that name, cannot start.',
		fix: 'Remove container_name; compose names containers by project and service. See first that nothing uses the name, as a host in a URI does.',
		check: ({config}) =>
			config.services
				.filter(({containerName}) => containerName !== undefined)
				.map(({definition: {name}}) => ({path: servicePath(name, 'container_name'), service: name})),
	},
	{
		id: 'image-unpinned',
		severity: 'advice',
		what: 'An image has no version',
		reason: 'One day `docker compose pull` brings another one.',
		fix: 'Pin the version that runs now.',
		check: ({config}) =>
			config.services.flatMap(({definition: {name, role, image, build}}) => {
				const {tag, digest} = parseImage(image ?? '');
				return role === 'other' &&
					image !== undefined &&
					!build &&
					digest === '' &&
					['', 'latest'].includes(tag)
					? [{path: servicePath(name, 'image'), service: name}]
					: [];
			}),
	},
	{
		id: 'start-interval',
		severity: 'error',
		what: 'start_interval needs Engine 25 or later',
		reason: 'Compose refuses the whole file with an older engine.',
		fix: 'Remove it, and shorten interval instead.',
		check: ({source, config, engineVersion}) =>
			engineVersion === undefined || Number.parseInt(engineVersion, 10) >= 25
				? []
				: config.services.flatMap(({definition: {name}}) => {
						const path = servicePath(name, 'healthcheck', 'start_interval');
						return nodeAt(source, path) ? [{path, service: name}] : [];
					}),
		mend: (text, {path, service}) => ({
			text: setIn(removeIn(text, path), [...path.slice(0, -1), 'interval'], '3s'),
			change: `the healthcheck of ${service} has a short interval instead of start_interval`,
		}),
	},
];

/** Ports that are published on every address, by the way they are written. Variables are left to who sets them. */
function openPorts(source: Source, service: string): readonly Path[] {
	return itemPaths(source, servicePath(service, 'ports')).filter((path) => {
		const written = textAt(source, path);
		const address =
			written === undefined
				? (textAt(source, [...path, 'host_ip']) ?? '0.0.0.0')
				: (/^(\d+\.\d+\.\d+\.\d+|\[[^\]]*\]):/.exec(written)?.[1] ?? '0.0.0.0');
		return anyAddress.test(address) && written?.includes('$') !== true;
	});
}

function openness({source}: LintContext, service: ComposeService, path: Path): Hit {
	const {name, role} = service.definition;
	if (role === 'tracking') {
		return {
			path,
			service: name,
			what: 'MLflow’s port is open to the network',
			reason:
				'MLflow asks nobody for a password unless told to: whoever reaches this machine can read and delete experiments. A firewall like ufw does not stop it, as Docker’s own rules come first.',
		};
	}

	const password = service.raw().environment['POSTGRES_PASSWORD'] ?? '';
	const set = environmentPath(source, name, 'POSTGRES_PASSWORD');
	const written = set ? (textAt(source, set) ?? password) : password;
	const isWeak = [password, written].some(
		(value) => value.length < 8 || /^\d+$/.test(value) || weakPasswords.has(value.toLowerCase()),
	);
	return isWeak
		? {
				path,
				service: name,
				severity: 'error',
				what: 'PostgreSQL’s port is open to the network, with a password that is quickly guessed',
				reason:
					'Such databases are found and emptied within hours. A firewall like ufw does not stop it, as Docker’s own rules come first.',
			}
		: {
				path,
				service: name,
				what: 'PostgreSQL’s port is open to the network',
				reason: 'Only MLflow needs it, and reaches it without a published port.',
			};
}

/** Where a password is written out: in a variable that is one, or in a URI. */
function secretPaths(source: Source, service: string): readonly Path[] {
	const environment = servicePath(service, 'environment');
	const variables = [
		...keysAt(source, environment).map((key) => ({path: environment.concat(key), key})),
		...itemPaths(source, environment).map((path) => ({path, key: undefined})),
	];
	const paths = variables.flatMap(({path, key}) => {
		const written = textAt(source, path) ?? '';
		const [name = '', ...value] = key === undefined ? written.split('=') : [key, written];
		const isSecret = isSecretName(name) && isLiteral(value.join('='));
		return isSecret || holdsPassword(written) ? [path] : [];
	});
	const command = servicePath(service, 'command');
	return holdsPassword(textAt(source, command) ?? itemsAt(source, command).join(' '))
		? [...paths, command]
		: paths;
}

const isLiteral = (value: string | undefined): boolean =>
	value !== undefined && value !== '' && !value.includes('$');

/** A URI with a password that is written out; one from a variable is none. */
const holdsPassword = (text: string): boolean =>
	/[a-z\d]:\/\/[^\s:/@"']*:(?!\d{1,5}\/)[^\s@$"']+@/i.test(text.replace(/\$\{[^}]*\}/g, '$'));

interface DatabaseUri {
	readonly user: string;
	readonly password: string;
	readonly host: string;
	readonly database: string;
}

/** The parts of a database URI; undefined when they cannot be told, as when a password holds an @. */
function parseUri(uri: string): DatabaseUri | undefined {
	const [, user, password, host, database] =
		/^postgres(?:ql)?(?:\+\w+)?:\/\/([^:@/$]+):([^@/$]+)@([^:@/$]+)(?::\d+)?\/([^?$]+)/.exec(uri) ?? [];
	return user === undefined || password === undefined || host === undefined || database === undefined
		? undefined
		: {user: decode(user), password: decode(password), host, database: decode(database)};
}

function decode(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

function differences(source: Source, uri: DatabaseUri, {definition, raw}: ComposeService): readonly string[] {
	const {environment} = raw();
	const user = environment['POSTGRES_USER'] ?? 'postgres';
	const path = environmentPath(source, definition.name, 'POSTGRES_PASSWORD');
	const written = path && typeof path.at(-1) === 'string' ? textAt(source, path) : undefined;
	// A number without quotes has a finding of its own; what counts here is what is meant.
	const passwords = new Set([environment['POSTGRES_PASSWORD'], written]);
	return [
		...(uri.user === user ? [] : ['user']),
		...(environment['POSTGRES_PASSWORD'] === undefined || passwords.has(uri.password) ? [] : ['password']),
		...(uri.database === (environment['POSTGRES_DB'] ?? user) ? [] : ['database']),
	];
}
