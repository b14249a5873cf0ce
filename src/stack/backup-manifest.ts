import {Failure} from '../failure.ts';
import {formatCount} from './format.ts';

/** The archive's last entry; an archive without it was not written to its end. */
export const manifestFile = 'manifest.json';

/** An entry of the archive, as it was when it was written. */
export interface BackupEntry {
	/** Its name in the archive. */
	readonly file: string;
	readonly bytes: number;
	/** Of its bytes, in hexadecimal. */
	readonly sha256: string;
}

/** A database, as `pg_dump --format=custom` wrote it. */
export interface DatabaseBackup extends BackupEntry {
	readonly name: string;
	/** The role that owns it. */
	readonly owner: string;
	/** What it took of the server's disk, in bytes; backups of older versions do not tell. */
	readonly size?: number;
	/** Rows of every table at the moment of the dump, by `schema.table`. */
	readonly tables: Readonly<Record<string, number>>;
	/** The revision of MLflow's schema (Alembic), if it is a backend store. */
	readonly revision?: string;
}

/** A volume or folder, as a tar archive of its own. */
export interface StoreBackup extends BackupEntry {
	/** The volume's name in the compose file; for a folder, where the container has it. */
	readonly key: string;
	readonly role: 'artifacts' | 'other';
	/** Regular files in it, and their bytes. */
	readonly files: number;
	readonly content: number;
}

/** What a backend store holds that is not deleted. */
export interface MlflowCounts {
	readonly experiments: number;
	readonly runs: number;
}

/** What a backup holds, and how to tell whether it is whole. */
export interface BackupManifest {
	/** Of the archive's format; rises when an older mlstack could not restore it. */
	readonly version: 1;
	/** RFC 3339. */
	readonly createdAt: string;
	/** mlstack's version. */
	readonly createdBy: string;
	readonly project: string;
	readonly postgresql: {
		readonly version: string;
		readonly major: number;
		/** The superuser that the image made. */
		readonly user: string;
	};
	/** MLflow's version; absent when no tracking server ran. */
	readonly mlflow?: string;
	readonly counts: MlflowCounts;
	readonly databases: readonly DatabaseBackup[];
	/** Roles and their passwords, as `pg_dumpall --globals-only` wrote them. */
	readonly globals: BackupEntry;
	readonly stores: readonly StoreBackup[];
	/** What is not in it, a sentence each. */
	readonly notes: readonly string[];
}

/** One line for people: `12 experiments, 340 runs, 1204 files; PostgreSQL 18.4, MLflow 3.17.2`. */
export function manifestText({counts, stores, postgresql, mlflow}: BackupManifest): string {
	const files = stores.reduce((sum, store) => sum + store.files, 0);
	const parts = [countsText(counts), ...(stores.length === 0 ? [] : [formatCount(files, 'file')])];
	const versions = [
		`PostgreSQL ${postgresql.version}`,
		...(mlflow === undefined ? [] : [`MLflow ${mlflow}`]),
	];
	return `${parts.join(', ')}; ${versions.join(', ')}`;
}

export function countsText({experiments, runs}: MlflowCounts): string {
	return `${formatCount(experiments, 'experiment')}, ${formatCount(runs, 'run')}`;
}

/**
 * Which tables have other row counts than a backup says, a sentence each; none when a restored database is whole.
 */
export function tableDifferences(
	database: Pick<DatabaseBackup, 'name' | 'tables'>,
	found: Readonly<Record<string, number>>,
): readonly string[] {
	const names = new Set([...Object.keys(database.tables), ...Object.keys(found)]);
	return [...names].sort().flatMap((table) => {
		const [expected, actual] = [database.tables[table], found[table]];
		return expected === actual
			? []
			: [
					`${table} in ${database.name} has ${actual ?? 'no'} rows, the backup ${expected === undefined ? 'does not know it' : `has ${expected}`}`,
				];
	});
}

/** Reads a manifest; `file` is named when it is none. Throws a Failure. */
export function parseManifest(text: string, file: string): BackupManifest {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		throw notAManifest(file, 'its manifest.json is no JSON', error);
	}

	const manifest = object(value);
	if (manifest && typeof manifest['version'] === 'number' && manifest['version'] > 1) {
		throw new Failure(`${file} was written by a newer mlstack`, {
			code: 'backup-too-new',
			why: `its format has the version ${manifest['version']}; this mlstack knows version 1`,
			next: ['update mlstack'],
		});
	}

	const read = manifest?.['version'] === 1 ? readManifest(manifest) : undefined;
	if (read === undefined) {
		throw notAManifest(file, 'its manifest.json lacks what a manifest of mlstack has');
	}

	return read;
}

type Fields = Readonly<Record<string, unknown>>;

function readManifest(fields: Fields): BackupManifest | undefined {
	const postgresql = object(fields['postgresql']);
	const counts = object(fields['counts']);
	const globals = entry(fields['globals']);
	const databases = all(fields['databases'], database);
	const stores = all(fields['stores'], store);
	const notes = all(fields['notes'], text);
	const createdAt = text(fields['createdAt']);
	const project = text(fields['project']);
	const version = text(postgresql?.['version']);
	const user = text(postgresql?.['user']);
	const major = count(postgresql?.['major']);
	if (
		globals === undefined ||
		databases === undefined ||
		stores === undefined ||
		notes === undefined ||
		createdAt === undefined ||
		project === undefined ||
		version === undefined ||
		user === undefined ||
		major === undefined
	) {
		return undefined;
	}

	const mlflow = text(fields['mlflow']);
	return {
		version: 1,
		createdAt,
		createdBy: text(fields['createdBy']) ?? '',
		project,
		postgresql: {version, major, user},
		...(mlflow !== undefined && {mlflow}),
		counts: {experiments: count(counts?.['experiments']) ?? 0, runs: count(counts?.['runs']) ?? 0},
		databases,
		globals,
		stores,
		notes,
	};
}

function database(value: unknown): DatabaseBackup | undefined {
	const fields = object(value);
	const read = entry(value);
	const name = text(fields?.['name']);
	const owner = text(fields?.['owner']) ?? '';
	const rows = Object.entries(object(fields?.['tables']) ?? {}).flatMap(([table, number]) => {
		const known = count(number);
		return known === undefined ? [] : [[table, known] as const];
	});
	const size = count(fields?.['size']);
	const revision = text(fields?.['revision']);
	return read === undefined || name === undefined
		? undefined
		: {
				...read,
				name,
				owner,
				...(size !== undefined && {size}),
				tables: Object.fromEntries(rows),
				...(revision !== undefined && {revision}),
			};
}

function store(value: unknown): StoreBackup | undefined {
	const fields = object(value);
	const read = entry(value);
	const key = text(fields?.['key']);
	const files = count(fields?.['files']);
	const content = count(fields?.['content']);
	if (read === undefined || key === undefined || files === undefined || content === undefined) {
		return undefined;
	}

	return {...read, key, role: fields?.['role'] === 'artifacts' ? 'artifacts' : 'other', files, content};
}

function entry(value: unknown): BackupEntry | undefined {
	const fields = object(value);
	const file = text(fields?.['file']);
	const bytes = count(fields?.['bytes']);
	const sha256 = text(fields?.['sha256']);
	return file === undefined || bytes === undefined || sha256 === undefined
		? undefined
		: {file, bytes, sha256};
}

/** Every element, or nothing when one of them is none. */
function all<Element>(
	value: unknown,
	read: (element: unknown) => Element | undefined,
): readonly Element[] | undefined {
	if (!Array.isArray(value)) {
		return undefined;
	}

	const elements: Element[] = [];
	for (const one of value) {
		const element = read(one);
		if (element === undefined) {
			return undefined;
		}

		elements.push(element);
	}

	return elements;
}

function object(value: unknown): Fields | undefined {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
		? Object.fromEntries(Object.entries(value))
		: undefined;
}

function text(value: unknown): string | undefined {
	return typeof value === 'string' ? value : undefined;
}

function count(value: unknown): number | undefined {
	return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function notAManifest(file: string, why: string, cause?: unknown): Failure {
	return new Failure(`${file} is no backup of mlstack`, {
		code: 'backup-damaged',
		why,
		next: ['use another backup: mlstack backups'],
		cause,
	});
}
