import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {test} from 'node:test';
import {serverOf} from '../../src/engine/backup/database.ts';
import {Failure} from '../../src/failure.ts';

/**
 * What is tempting in a statement, or in an option of a client program, and newer than PostgreSQL 9.6, the oldest that a
 * backup is read from and restored into. (The release notes, https://www.postgresql.org/docs/release/)
 */
const newer: ReadonlyArray<readonly [what: RegExp, since: number]> = [
	[/pg_ls_waldir|pg_ls_logdir/, 10],
	[/pg_(?:current|switch|last)_wal/, 10],
	[/create statistics/i, 10],
	[/\bcall \w+\(/i, 11],
	[/pg_ls_tmpdir|pg_ls_archive_statusdir/, 12],
	[/as (?:not )?materialized/i, 12],
	[/with \(\s*force\s*\)/i, 13],
	[/gen_random_uuid/, 13],
	[/'--force'/, 13],
	[/strategy\s*=?\s*(?:wal_log|file_copy)/i, 15],
	[/\bmerge into\b/i, 15],
	[/any_value\(/i, 16],
	[/(?<!idle_in_)transaction_timeout/, 17],
	[/'--filter'|pg_restore.*--statistics/, 17],
];

test('nothing that a backup or a restore asks a server needs a newer one than PostgreSQL 9.6', () => {
	const folder = new URL('../../src/engine/backup/', import.meta.url);
	const files = readdirSync(folder);
	assert.ok(files.includes('psql.ts'));
	for (const file of files) {
		const source = readFileSync(new URL(file, folder), 'utf8');
		for (const [what, since] of newer) {
			const [found] = what.exec(source) ?? [];
			assert.equal(found, undefined, `${file}: ${found} came with PostgreSQL ${since}`);
		}
	}
});

test('PostgreSQL 9.6 is read, and an older one is refused by name', () => {
	assert.deepEqual(serverOf(['ana', '9.6.24', '90624']), {user: 'ana', version: '9.6.24', major: 9});
	assert.throws(
		() => serverOf(['ana', '9.5.25', '90525']),
		(error) =>
			error instanceof Failure && error.code === 'postgres-too-old' && /9\.5\.25/.test(error.message),
	);
});
