import type {LineRule} from './rule.ts';

/** What to do once an init script broke off. The volume holds nothing yet but what the scripts made. */
const afterInitScript: LineRule['mend'] = [
	{text: 'Read what it said.', command: '{compose} logs --tail 30 {service}'},
	{
		text: 'Correct the script, then begin anew. This removes the volumes of this stack: only while they hold nothing that is needed.',
		command: '{compose} down --volumes && {compose} up -d',
	},
];

/** What PostgreSQL and the entry point of its official image say when something is wrong. */
export const databaseRules: readonly LineRule[] = [
	{
		// docker-entrypoint.sh of 18 and later, since October 2025 (docker-library/postgres, pull request 1259).
		id: 'old-volume',
		reads: ['database'],
		pattern: /in 18\+, these Docker images are configured to store database data/,
		severity: 'error',
		title: '{service} stopped: PostgreSQL 18 found a volume where older versions keep their data',
		why: 'Images of PostgreSQL 18 and later keep their data under /var/lib/postgresql/18/docker, but a volume is mounted at /var/lib/postgresql/data, or holds data of an older version. It refuses to start rather than to leave that data behind.',
		mend: [
			{
				text: 'If the volume holds nothing yet, mount it one folder higher.',
				change: 'volumes:\n  - VOLUME:/var/lib/postgresql',
			},
			{
				text: 'If it holds data of an older PostgreSQL, pin that version: the data is untouched and works again.',
				change: 'image: postgres:17',
			},
		],
	},
	{
		id: 'other-major',
		reads: ['database'],
		pattern: /The data directory was initialized by PostgreSQL version (\d+), which is not compatible/,
		severity: 'error',
		title: '{service} stopped: its volume holds data of PostgreSQL {1}',
		why: 'PostgreSQL reads only data of its own major version. The data is untouched.',
		mend: [
			{text: 'Go back to the version that wrote it.', change: 'image: postgres:{1}'},
			{
				text: 'To upgrade, start it with that version, save everything, and restore it into a new volume of the newer one.',
				command: `{compose} exec {service} sh -c 'pg_dumpall -U "$POSTGRES_USER"' > all.sql`,
			},
		],
	},
	{
		id: 'no-password',
		reads: ['database'],
		pattern: /Database is uninitialized and superuser password is not specified/,
		severity: 'error',
		title: '{service} stopped: it has no password to begin with',
		why: 'The first start on an empty volume needs POSTGRES_PASSWORD. It is missing or empty, often because .env lacks it.',
		mend: [
			{
				text: 'Set it in the compose file, from .env.',
				change: 'environment:\n  POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?set it in .env}',
			},
		],
	},
	{
		id: 'volume-not-empty',
		reads: ['database'],
		pattern: /initdb: error: directory "([^"]+)" exists but is not empty/,
		severity: 'error',
		title: '{service} stopped: {1} is not empty, but holds no database',
		why: 'An earlier first start was interrupted, or something else lies on the volume (a lost+found folder, if it is a disk’s own mount point). PostgreSQL does not write over it.',
		mend: [
			{
				text: 'Look at what is there.',
				command: "{compose} run --rm --entrypoint ls {service} -la '{1}'",
			},
			{
				text: 'If nothing of it is needed, use a new volume, or a folder below the mount point.',
				change: 'environment:\n  PGDATA: {1}/pgdata',
			},
		],
	},
	{
		// A newer version's own file of options is the first thing that an older one stumbles over.
		id: 'newer-configuration',
		reads: ['database'],
		pattern: /unrecognized configuration parameter "(\w+)" in file "[^"]*\/postgresql\.(?:auto\.)?conf"/,
		severity: 'error',
		title: '{service} stopped: its volume has settings that this PostgreSQL does not know ("{1}")',
		why: 'A newer PostgreSQL wrote them, or somebody by hand. PostgreSQL reads only data of its own major version. The data is untouched.',
		mend: [
			{
				text: 'See which version wrote the data.',
				command: `{compose} run --rm --no-deps --entrypoint sh {service} -c 'cat "$PGDATA/PG_VERSION"'`,
			},
			{text: 'Use that version’s image.', change: 'image: postgres:18-trixie'},
		],
		unless: ['other-major'],
	},
	{
		id: 'volume-read-only',
		reads: ['database'],
		pattern: /["'‘](\/[^"'’]+)["'’].*: Read-only file system/,
		severity: 'error',
		title: '{service} stopped: it may not write to {1}, which is mounted to be read only',
		why: 'PostgreSQL writes even when it is only asked to read. Either the compose file mounts the volume with :ro, or the disk has an error and the system made it read only.',
		mend: [
			{
				text: 'Take :ro (or read_only: true) off the volume.',
				change: 'volumes:\n  - VOLUME:/var/lib/postgresql',
			},
			{text: 'If there is none, ask the system what is wrong with the disk.', command: 'dmesg | tail -n 20'},
		],
	},
	{
		id: 'volume-not-writable',
		reads: ['database'],
		pattern:
			/^(?!.* ERROR: ).*["'‘](\/[^"'’]+)["'’].*: (?:Permission denied|Operation not permitted)|data directory "([^"]+)" has (?:wrong ownership|invalid permissions)/,
		severity: 'error',
		title: '{service} stopped: {1} belongs to somebody else',
		why: 'The image gives its data to the user postgres, which it can only as root: not with `user:` in the compose file, nor on a folder of this machine whose owner may not change (network drives, some of Docker Desktop’s).',
		mend: [
			{text: 'Keep the data on a named volume.', change: 'volumes:\n  - VOLUME:/var/lib/postgresql'},
			{text: 'Take `user:` off the service, if it is there.'},
		],
	},
	{
		id: 'init-script',
		reads: ['database'],
		pattern: /psql:\/docker-entrypoint-initdb\.d\/(\S+:\d+): (?:ERROR|FATAL|error)/,
		severity: 'error',
		title: '{service} stopped in the middle of its first start: an init script failed ({1})',
		why: 'Scripts in /docker-entrypoint-initdb.d run once, on an empty volume, and this one was not finished. The volume now counts as initialised: the next start skips all scripts, and what they should have made is missing.',
		mend: afterInitScript,
	},
	{
		// A shell script fails in words of its own: told only if the container ends before the scripts are through.
		id: 'init-script-unfinished',
		reads: ['database'],
		pattern: /docker-entrypoint\.sh: (?:running|sourcing) \/docker-entrypoint-initdb\.d\/(\S+)/,
		severity: 'error',
		title: '{service} stopped in the middle of its first start, in the init script {1}',
		why: 'Scripts in /docker-entrypoint-initdb.d run once, on an empty volume, and this one was not finished. The volume now counts as initialised: the next start skips all scripts, and what they should have made is missing.',
		mend: afterInitScript,
		lasts: Infinity,
		heals: 'initialised',
		unless: ['init-script', 'disk-full'],
	},
	{
		id: 'collation-version',
		reads: ['database'],
		pattern: /database "([^"]+)" has a collation version mismatch/,
		severity: 'warning',
		title: 'The database {1} was sorted by another version of the system’s library',
		why: 'The image changed its Debian release, and with it the rules by which text is sorted: indexes on text may miss rows.',
		mend: [
			{
				text: 'Rebuild the indexes, then accept the new version.',
				command: `{compose} exec {service} sh -c 'psql -U "$POSTGRES_USER" -d "{1}" -c "REINDEX DATABASE \\"{1}\\"" -c "ALTER DATABASE \\"{1}\\" REFRESH COLLATION VERSION"'`,
			},
			{text: 'Pin the release, so that it does not change by itself.', change: 'image: postgres:18-trixie'},
		],
	},
	{
		id: 'too-many-clients',
		reads: ['database'],
		pattern: /FATAL: {2}(sorry, too many clients already|remaining connection slots are reserved)/,
		severity: 'error',
		title: '{service} refuses connections: all of them are taken',
		why: 'Each worker of MLflow keeps up to 15 connections, and PostgreSQL allows 100 in all unless told otherwise. ("{1}")',
		mend: [
			{text: 'Run fewer workers.', change: 'environment:\n  MLFLOW_WORKERS: "1"'},
			{text: 'Or allow more connections.', change: 'command: ["postgres", "-c", "max_connections=200"]'},
		],
		heals: 'connected',
		fades: 600_000,
	},
	{
		id: 'shared-memory',
		reads: ['database'],
		pattern: /could not resize shared memory segment/,
		severity: 'warning',
		title: '{service} failed a query: its shared memory is full',
		why: 'Docker gives a container 64 MB in /dev/shm unless told otherwise; parallel queries need more (docker-library/postgres, issue 416).',
		mend: [{text: 'Give it more.', change: 'shm_size: 256mb'}],
		fades: 3_600_000,
	},
	{
		id: 'empty-again',
		reads: ['database'],
		pattern: /^The files belonging to this database system will be owned by user "/,
		severity: 'warning',
		title: '{service} begins with an empty database, though this stack ran before',
		why: 'Its volume is new: the former one was removed (`down --volumes`, a prune) or has another name now (the project or the volume was renamed). Experiments of before are not in it.',
		mend: [
			{text: 'See whether the former volume is still there.', command: 'docker volume ls'},
			{
				text: 'If it is, use it by its name.',
				change: 'volumes:\n  VOLUME:\n    external: true\n    name: NAME',
			},
		],
		ranBefore: true,
		fades: 600_000,
	},
	{
		id: 'disk-full',
		reads: ['any', 'operation'],
		pattern: /(No space left on device|no space left on device|ENOSPC)/,
		severity: 'error',
		title: 'The disk is full',
		why: 'The engine has no space left for data, images or logs. ("{1}")',
		mend: [
			{text: 'See what takes the space.', command: 'docker system df'},
			{
				text: 'Remove images that no container uses, and the build cache. Volumes, and with them your experiments, stay.',
				command: 'docker image prune -a && docker builder prune',
			},
		],
		unless: ['shared-memory'],
	},
];
