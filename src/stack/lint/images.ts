/** An image reference, taken apart (https://pkg.go.dev/github.com/distribution/reference). */
export interface ImageReference {
	/** Without `docker.io` and `library`: `postgres`, `ghcr.io/mlflow/mlflow`. */
	readonly repository: string;
	/** Empty when none is written, which means `latest`. */
	readonly tag: string;
	readonly digest: string;
}

export function parseImage(image: string): ImageReference {
	const [named = '', digest = ''] = image.split('@');
	const tag = /:([^/:]+)$/.exec(named)?.[1] ?? '';
	const repository = (tag === '' ? named : named.slice(0, -tag.length - 1)).replace(
		/^(?:(?:index\.)?docker\.io\/)?(?:library\/)?/,
		'',
	);
	return {repository, tag, digest};
}

/** What an untagged image of PostgreSQL is today. */
export const newestPostgres = 18;

/** The images that keep data as the official one does, and where their tag names the major version. */
const postgresTags: Readonly<Record<string, RegExp>> = {
	postgres: /^(\d+)/,
	'pgvector/pgvector': /^(?:\d+\.\d+\.\d+-)?pg(\d+)/,
	'postgis/postgis': /^(\d+)/,
	'imresamu/postgis': /^(\d+)/,
};

/**
 * The major version of an image that keeps its data where the official image of PostgreSQL does; undefined for others,
 * and for a tag that does not say.
 */
export function postgresMajor({repository, tag}: ImageReference): number | undefined {
	const pattern = postgresTags[repository];
	if (!pattern) {
		return undefined;
	}

	const major = pattern.exec(tag)?.[1];
	if (major !== undefined) {
		return Number(major);
	}

	return ['', 'latest', 'alpine', 'trixie', 'bookworm'].includes(tag) && repository === 'postgres'
		? newestPostgres
		: undefined;
}

/**
 * Where a volume must be mounted for the data to lie on it. From 18 on the image keeps a folder for each major version
 * below /var/lib/postgresql (docker-library/postgres, pull request 1259).
 */
export function dataMount(major: number): string {
	return major >= 18 ? '/var/lib/postgresql' : '/var/lib/postgresql/data';
}

/** A release that is no longer, or not for ever, mended. */
export interface Release {
	readonly repository: string;
	/** Tags of this release begin with it. */
	readonly release: string;
	/** Its last day, `YYYY-MM-DD`. */
	readonly end: string;
}

/** https://devguide.python.org/versions/ and https://www.postgresql.org/support/versioning/ (2026-11). */
export const releases: readonly Release[] = [
	{repository: 'python', release: '2.7', end: '2020-01-01'},
	{repository: 'python', release: '3.6', end: '2021-12-23'},
	{repository: 'python', release: '3.7', end: '2023-06-27'},
	{repository: 'python', release: '3.8', end: '2024-10-07'},
	{repository: 'python', release: '3.9', end: '2025-10-31'},
	{repository: 'python', release: '3.10', end: '2026-10-31'},
	{repository: 'python', release: '3.11', end: '2027-10-31'},
	{repository: 'python', release: '3.12', end: '2028-10-31'},
	{repository: 'python', release: '3.13', end: '2029-10-31'},
	{repository: 'python', release: '3.14', end: '2030-10-31'},
	{repository: 'postgres', release: '9', end: '2021-11-11'},
	{repository: 'postgres', release: '10', end: '2022-11-10'},
	{repository: 'postgres', release: '11', end: '2023-11-09'},
	{repository: 'postgres', release: '12', end: '2024-11-21'},
	{repository: 'postgres', release: '13', end: '2025-11-13'},
	{repository: 'postgres', release: '14', end: '2026-11-12'},
	{repository: 'postgres', release: '15', end: '2027-11-11'},
	{repository: 'postgres', release: '16', end: '2028-11-09'},
	{repository: 'postgres', release: '17', end: '2029-11-08'},
	{repository: 'postgres', release: '18', end: '2030-11-14'},
];

/** The release of an image, if it is one of those in the table. */
export function releaseOf({repository, tag}: ImageReference): Release | undefined {
	return releases.find(
		(row) =>
			row.repository === repository &&
			(tag === row.release || tag.startsWith(`${row.release}.`) || tag.startsWith(`${row.release}-`)),
	);
}

/** The MLflow that is known to work and has the fixes of 2026 (CVE-2026-115886 and others, in 3.17.0). */
export const goodMlflow = '3.17.2';
export const oldestSafeMlflow = '3.17.0';
export const goodPython = 'python:3.13-slim-trixie';
export const goodPostgres = 'postgres:18-trixie';

/** Negative when the first version is the older one. */
export function compareVersions(a: string, b: string): number {
	const parts = (version: string): readonly number[] =>
		version.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0);
	const [one, other] = [parts(a), parts(b)];
	for (let index = 0; index < Math.max(one.length, other.length); index++) {
		const difference = (one[index] ?? 0) - (other[index] ?? 0);
		if (difference !== 0) {
			return difference;
		}
	}

	return 0;
}
