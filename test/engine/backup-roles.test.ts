import assert from 'node:assert/strict';
import {test} from 'node:test';
import {missingRoles} from '../../src/engine/backup/roles.ts';

/** Written by pg_dumpall 18. */
const globals = `
--
-- PostgreSQL database cluster dump
--
SET default_transaction_read_only = off;

CREATE ROLE ana;
ALTER ROLE ana WITH SUPERUSER INHERIT LOGIN PASSWORD 'SCRAM-SHA-256$4096:a$b:c';
CREATE ROLE "Bo ""b""";
ALTER ROLE "Bo ""b""" WITH NOSUPERUSER NOLOGIN;
CREATE ROLE reader;
ALTER ROLE reader SET statement_timeout TO '5s';
GRANT reader TO "Bo ""b""" WITH INHERIT TRUE GRANTED BY ana;
GRANT pg_monitor TO ana WITH INHERIT TRUE GRANTED BY ana;
CREATE TABLESPACE fast OWNER ana LOCATION '/mnt/fast';
COMMENT ON ROLE reader IS 'a
CREATE ROLE trick;';
`;

test('roles that are missing are made with all that belongs to them', () => {
	assert.equal(
		missingRoles(globals, new Set(['ana', 'pg_monitor', 'trick'])),
		`CREATE ROLE "Bo ""b""";
ALTER ROLE "Bo ""b""" WITH NOSUPERUSER NOLOGIN;
CREATE ROLE reader;
ALTER ROLE reader SET statement_timeout TO '5s';
GRANT reader TO "Bo ""b""" WITH INHERIT TRUE;`,
	);
});

test('a role that is there keeps its password, and what it is granted', () => {
	const sql = missingRoles(globals, new Set(['ana', 'reader', 'Bo "b"', 'pg_monitor', 'trick']));
	assert.equal(sql, '');
});
