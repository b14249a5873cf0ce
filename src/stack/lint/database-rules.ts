import {isSecretName} from '../mask.ts';
import {onOneLine, setIn} from './edit.ts';
import {dataMount, goodPostgres, parseImage, postgresMajor, releaseOf} from './images.ts';
import {isScalar} from 'yaml';
import {
	environmentPath,
	itemsAt,
	servicePath,
	type Hit,
	type LintFinding,
	type LintRule,
	type Mended,
} from './rule.ts';
import {keysAt, nodeAt, parseSource, textAt, type Path, type Source} from './source.ts';
import {quoted} from './edit.ts';

/** What YAML does not read as text without quotes (YAML 1.1, which compose's parser follows in this). */
const notText =
	/^(?:[-+]?(?:0[0-7_]+|0[xX][\da-fA-F_]+|0o[0-7]+|0b[01]+|\d[\d_]*(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+)|yes|no|on|off|true|false|null|~)$/i;

/** What the check of the reference stack is: over TCP, since the first init runs a server on the socket only. */
export const databaseHealthcheck = (user: string, database: string): Readonly<Record<string, unknown>> => ({
	test: onOneLine(['CMD-SHELL', `pg_isready -q -h 127.0.0.1 -U "${user}" -d "${database}"`]),
	interval: '3s',
	timeout: '3s',
	retries: 10,
	start_period: '60s',
});

/** Rules for PostgreSQL. To add one, add a row, and its example in test/stack/lint/examples.ts. */
export const databaseRules: readonly LintRule[] = [
	{
		id: 'password-number',
		severity: 'error',
		what: 'A password is written as a number',
		reason:
			'YAML reads what looks like a number as one: leading zeros are lost, so the password is another than the one that is written.',
		fix: 'Write it in quotes.',
		check: ({source, config}) =>
			config.services.flatMap(({definition: {name}, raw}) =>
				keysAt(source, servicePath(name, 'environment'))
					.filter((key) => isSecretName(key))
					.flatMap((key): readonly Hit[] => {
						const path = servicePath(name, 'environment', key);
						const node = nodeAt(source, path);
						const written = textAt(source, path) ?? '';
						if (!isScalar(node) || node.type !== 'PLAIN' || !notText.test(written)) {
							return [];
						}

						return raw().environment[key] === written
							? [
									{
										path,
										service: name,
										severity: 'advice',
										reason: 'It happens to be read as it is written; another number would not be.',
									},
								]
							: [{path, service: name}];
					}),
			),
		mend: (text, {path}) => {
			const written = textAt(parseSource(text), path);
			return written === undefined
				? undefined
				: {
						text: setIn(text, path, quoted(written)),
						change: `${String(path.at(-1))} is in quotes`,
						caution:
							'A volume that was initialised with the file as it was has the number as its password. If PostgreSQL refuses the new one, give it to the user by ALTER ROLE; the data stays.',
					};
		},
	},
	{
		id: 'mount-path',
		severity: 'error',
		what: 'The volume is not mounted where this PostgreSQL keeps its data',
		reason: '',
		fix: '',
		check: ({source, databases}) =>
			databases.flatMap(({definition: {name, image = ''}, mounts, raw}) => {
				const major = postgresMajor(parseImage(image));
				if (major === undefined || raw().environment['PGDATA'] !== undefined) {
					return [];
				}

				const right = dataMount(major);
				const wrong = major >= 18 ? '/var/lib/postgresql/data' : '/var/lib/postgresql';
				const isRight = mounts.some(({target}) => target.replace(/\/$/, '') === right);
				const misplaced = mounts.find(({target}) => target.replace(/\/$/, '') === wrong);
				return isRight || !misplaced
					? []
					: [
							{
								path: mountPath(source, name, misplaced.target),
								service: name,
								reason:
									major >= 18
										? `Images of PostgreSQL 18 and later keep their data below ${right}; with a volume at ${wrong} they refuse to start.`
										: `Images of PostgreSQL before 18 keep their data in ${right}, on a volume of its own without a name; the one at ${wrong} stays empty, and the data is lost with the container.`,
								fix: `Mount it at ${right}.`,
							},
						];
			}),
		mend: moved,
	},
	{
		id: 'data-not-kept',
		severity: 'warning',
		what: 'The database lies on no volume that has a name',
		reason:
			'Its data is on a volume that belongs to the container: it is lost when the container is removed, as `docker compose down` does.',
		fix: 'Mount a named volume where the image keeps its data.',
		check: ({databases}) =>
			databases.flatMap(({definition: {name, image = ''}, mounts, raw}) => {
				const isKnown = postgresMajor(parseImage(image)) !== undefined;
				const data = raw().environment['PGDATA'] ?? '/var/lib/postgresql';
				const isKept = mounts.some(
					({source, target}) =>
						source !== '' && (target.startsWith('/var/lib/postgresql') || data.startsWith(target)),
				);
				return isKnown && !isKept ? [{path: servicePath(name), service: name}] : [];
			}),
	},
	{
		id: 'database-image-unpinned',
		severity: 'warning',
		what: 'The image of PostgreSQL has no version',
		reason:
			'One day `docker compose pull` brings another major version, which does not read the data of this one.',
		fix: `Pin the major version and the Debian release: ${goodPostgres}, or the one that wrote the data.`,
		check: ({databases}) =>
			databases.flatMap(({definition: {name, image, build}}) => {
				const {tag, digest, repository} = parseImage(image ?? '');
				return image !== undefined && !build && digest === '' && ['', 'latest'].includes(tag)
					? [{path: servicePath(name, 'image'), service: name, fixable: repository === 'postgres'}]
					: [];
			}),
		mend: (text, {path}) => ({
			text: setIn(text, path, goodPostgres),
			change: `PostgreSQL is pinned to ${goodPostgres}, which is what no version means today`,
			caution:
				'If the volume holds data of an older version, PostgreSQL refuses to start and leaves it as it is; pin that version then (17, say, with the volume at /var/lib/postgresql/data).',
		}),
	},
	{
		id: 'database-end-of-life',
		severity: 'warning',
		what: 'This version of PostgreSQL gets no security fixes any more',
		reason: '',
		fix: 'Upgrade: dump the databases with this version, restore them into a new volume of a newer one.',
		check: ({databases, now}) =>
			databases.flatMap(({definition: {name, image = ''}}) => {
				const release = releaseOf(parseImage(image));
				return release && Date.parse(release.end) <= now
					? [
							{
								path: servicePath(name, 'image'),
								service: name,
								reason: `Its last day was ${release.end}.`,
							},
						]
					: [];
			}),
	},
	{
		id: 'no-database-healthcheck',
		severity: 'warning',
		what: 'PostgreSQL has no healthcheck',
		reason:
			'Nothing can wait until it accepts connections, so MLflow starts too early and tries for 104 s at most.',
		fix: 'Add one with pg_isready over TCP.',
		check: ({databases}) =>
			databases
				.filter(({definition}) => !definition.hasHealthcheck)
				.map(({definition: {name}}) => ({path: servicePath(name), service: name})),
		mend: (text, {service}) => ({
			text: setIn(text, servicePath(service, 'healthcheck'), databaseHealthcheck(...namesOf(text, service))),
			change: `${service} has a healthcheck`,
		}),
	},
	{
		id: 'healthcheck-target',
		severity: 'warning',
		what: 'The healthcheck asks the wrong server, or for the wrong names',
		reason: '',
		fix: 'pg_isready -q -h 127.0.0.1 -U USER -d DATABASE',
		check: ({databases}) =>
			databases.flatMap(({definition: {name}, healthcheck}) => {
				const line = healthcheck.join(' ');
				if (!/\bpg_isready\b/.test(line)) {
					return [];
				}

				const path = servicePath(name, 'healthcheck', 'test');
				if (!/\s(?:-h|--host)\b/.test(line)) {
					return [
						{
							path,
							service: name,
							reason:
								'Without -h it asks on the socket, where a temporary server answers during the first init: healthy too early.',
						},
					];
				}

				return /\s(?:-U|--username)\b/.test(line) && /\s(?:-d|--dbname)\b/.test(line)
					? []
					: [
							{
								path,
								service: name,
								severity: 'advice',
								reason:
									'Without -U and -d it asks as a user that does not exist, and PostgreSQL logs a FATAL line for each check.',
							},
						];
			}),
		mend: (text, {service}) => {
			const [user, database] = namesOf(text, service);
			return {
				text: setIn(
					text,
					servicePath(service, 'healthcheck', 'test'),
					databaseHealthcheck(user, database)['test'],
				),
				change: `the healthcheck of ${service} asks over TCP, with the right names`,
			};
		},
	},
	{
		id: 'shm-size',
		severity: 'advice',
		what: 'PostgreSQL has 64 MB of shared memory, as Docker gives it',
		reason: 'Big queries that run in parallel fail then: "could not resize shared memory segment".',
		fix: 'Set shm_size: 256mb.',
		check: ({source, databases}) =>
			databases
				.filter(({definition: {name}}) => nodeAt(source, servicePath(name, 'shm_size')) === undefined)
				.map(({definition: {name}}) => ({path: servicePath(name), service: name})),
		mend: (text, {service}) => ({
			text: setIn(text, servicePath(service, 'shm_size'), '256mb'),
			change: `${service} has 256 MB of shared memory`,
		}),
	},
];

/** Where a mount stands, in its short form or its long one. */
function mountPath(source: Source, service: string, target: string): Path {
	const path = servicePath(service, 'volumes');
	const short = itemsAt(source, path).findIndex((item) => item.split(':')[1] === target);
	if (short !== -1) {
		return [...path, short];
	}

	for (let index = 0; nodeAt(source, [...path, index]); index++) {
		if (textAt(source, [...path, index, 'target']) === target) {
			return [...path, index, 'target'];
		}
	}

	return path;
}

/** Moves a volume to where the image keeps its data: from where older ones do, or newer ones. */
function moved(text: string, {path, service}: LintFinding): Mended | undefined {
	const written = textAt(parseSource(text), path);
	if (written === undefined) {
		return undefined;
	}

	const isLong = path.at(-1) === 'target';
	const [from = '', current = '', ...options] = isLong ? ['', written] : written.split(':');
	const isOld = current.startsWith(dataMount(17));
	const target = dataMount(isOld ? 18 : 17);
	return {
		text: setIn(text, path, isLong ? target : [from, target, ...options].join(':')),
		change: `the volume of ${service} is mounted at ${target}, where PostgreSQL ${isOld ? '18 and later keep' : 'before 18 keeps'} its data`,
		caution: isOld
			? 'The volume keeps its name. If it holds data of PostgreSQL 17 or older from a time when the file worked, PostgreSQL 18 refuses to start and leaves it as it is; pin that version and mount it at /var/lib/postgresql/data then.'
			: 'The data so far is on a volume without a name, which is not used any more: copy it first if you need it.',
	};
}

/** User and database as the container's shell knows them; compose turns `$$` into `$`. */
function namesOf(text: string, service: string): readonly [user: string, database: string] {
	const source = parseSource(text);
	const has = (name: string): boolean => environmentPath(source, service, name) !== undefined;
	const user = has('POSTGRES_USER') ? '$$POSTGRES_USER' : 'postgres';
	return [user, has('POSTGRES_DB') ? '$$POSTGRES_DB' : user];
}
