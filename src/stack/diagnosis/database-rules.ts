import type {LineRule} from './rule.ts';

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
