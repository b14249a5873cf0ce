import type {Compose, FailureRow, Scene, Service} from './row.ts';
import {database, stack} from './stacks.ts';

const old = 'postgres:17';

/** The same stack with a PostgreSQL of another major version, brought up once: it leaves its data on the volume. */
const ranWith =
	(postgres: Service) =>
	async ({project}: Pick<Scene, 'project'>): Promise<void> => {
		const {writeFile} = await import('node:fs/promises');
		const file = `${project.folder}/former.yaml`;
		const former: Compose = {services: {postgres: {...database, ...postgres}}, volumes: {data: {}}};
		await writeFile(file, JSON.stringify(former));
		const {docker} = await import('../../support/project.ts');
		const compose = async (...words: readonly string[]) =>
			docker('compose', '-p', project.name, '-f', file, ...words);
		await compose('up', '--detach', '--wait');
		await compose('down');
	};

const atOldPlace = ['data:/var/lib/postgresql/data'];

/** PostgreSQL does not start, or starts without what it should hold. */
export const databaseRows: readonly FailureRow[] = [
	{
		what: 'PostgreSQL 18 on a new volume that is mounted where 17 keeps its data',
		stack: (place) => stack(place, {postgres: {volumes: atOldPlace}}),
		cards: ['old-volume'],
		title: /^postgres stopped: PostgreSQL 18 found a volume where older versions keep their data$/,
	},
	{
		what: 'PostgreSQL 18 on a volume with data of 17',
		before: ranWith({image: old, volumes: atOldPlace}),
		stack: (place) => stack(place, {postgres: {volumes: atOldPlace}}),
		cards: ['old-volume'],
		title: /^postgres stopped: PostgreSQL 18 found a volume/,
	},
	{
		what: 'PostgreSQL 18 told to use a folder with data of 17',
		before: ranWith({image: old, volumes: atOldPlace}),
		stack: (place) =>
			stack(place, {
				postgres: {
					volumes: atOldPlace,
					environment: {...Object(database['environment']), PGDATA: '/var/lib/postgresql/data'},
				},
			}),
		cards: ['other-major'],
		title: /^postgres stopped: its volume holds data of PostgreSQL 17$/,
	},
	{
		what: 'PostgreSQL 17 told to use a folder with data of 18',
		before: ranWith({}),
		stack: (place) =>
			stack(place, {
				postgres: {
					image: old,
					environment: {...Object(database['environment']), PGDATA: '/var/lib/postgresql/18/docker'},
				},
			}),
		cards: ['newer-configuration'],
		title: /^postgres stopped: its volume has settings that this PostgreSQL does not know/,
	},
	{
		what: 'PostgreSQL without a password',
		stack: (place) => stack(place, {postgres: {environment: {POSTGRES_PASSWORD: ''}}}),
		cards: ['no-password'],
		title: /^postgres stopped: it has no password to begin with$/,
	},
	{
		what: 'a volume on which something else lies',
		stack: (place) =>
			stack(place, {
				postgres: {
					entrypoint: ['sh', '-c', 'mkdir -p $$PGDATA/lost+found && exec docker-entrypoint.sh postgres'],
				},
			}),
		cards: ['volume-not-empty'],
		title: /^postgres stopped: \/var\/lib\/postgresql\/18\/docker is not empty, but holds no database$/,
	},
	{
		what: 'a disk that is full',
		stack: (place) => stack(place, {postgres: {volumes: [], tmpfs: ['/var/lib/postgresql:size=20m']}}),
		cards: ['disk-full'],
		title: /^The disk is full$/,
	},
	{
		what: 'a volume that is mounted to be read only',
		stack: (place) => stack(place, {postgres: {volumes: ['data:/var/lib/postgresql:ro']}}),
		cards: ['volume-read-only'],
		title: /^postgres stopped: it may not write to \/var\/lib\/postgresql/,
	},
	{
		what: 'an init script with a mistake',
		files: {'tables.sql': 'CREATE TABLE runs (id int);\nCRATE TABLE oops (id int);\n'},
		stack: (place) =>
			stack(place, {
				postgres: {
					volumes: ['data:/var/lib/postgresql', './tables.sql:/docker-entrypoint-initdb.d/tables.sql:ro'],
				},
			}),
		cards: ['init-script'],
		title: /^postgres stopped in the middle of its first start: an init script failed \(tables\.sql:2\)$/,
	},
	{
		what: 'an init script of the shell that ends with an error',
		files: {'prepare.sh': 'echo preparing\nfalse\n'},
		stack: (place) =>
			stack(place, {
				postgres: {
					volumes: ['data:/var/lib/postgresql', './prepare.sh:/docker-entrypoint-initdb.d/prepare.sh:ro'],
				},
			}),
		cards: ['init-script-unfinished'],
		title: /^postgres stopped in the middle of its first start, in the init script prepare\.sh$/,
	},
	{
		what: 'a volume of another user',
		stack: (place) => stack(place, {postgres: {user: 'nobody'}}),
		cards: ['volume-not-writable'],
		title: /^postgres stopped: \/var\/lib\/postgresql\/18\/docker belongs to somebody else$/,
	},
	{
		what: 'a new volume in place of the one that held the experiments',
		ranBefore: true,
		stack: (place) => ({
			services: {
				postgres: database,
				mlflow: {
					...stack(place).services['mlflow'],
					image: 'busybox',
					command: ['sleep', '1000'],
					init: true,
				},
			},
			volumes: {data: {}},
		}),
		cards: ['empty-again'],
		title: /^postgres begins with an empty database, though this stack ran before$/,
	},
];
