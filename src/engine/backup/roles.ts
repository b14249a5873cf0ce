/** A role's name in a statement, as `pg_dumpall` writes it: `ana`, or `"Bo ""b"""`. */
const name = String.raw`(?:"(?:[^"]|"")+"|[a-z_][\w$]*)`;
const createOrAlter = new RegExp(`^(?:CREATE|ALTER) ROLE (${name})[ ;]`);
const grant = new RegExp(`^GRANT (${name}) TO (${name})[ ;]`);

/** Who granted something may not be here; then it is granted by whoever restores. */
const grantedBy = new RegExp(` GRANTED BY ${name}(?=;$)`);

/**
 * The statements of a `pg_dumpall --globals-only` that make the roles which a server lacks. A role that it has stays as
 * it is, password and all: programs log in with it. Table spaces are left out, as their folders are not there.
 */
export function missingRoles(globals: string, existing: ReadonlySet<string>): string {
	const isNew = (quoted: string | undefined): boolean =>
		quoted !== undefined && !existing.has(unquote(quoted));
	return globals
		.split('\n')
		.filter((line) => {
			const [, granted, member] = grant.exec(line) ?? [];
			return isNew(createOrAlter.exec(line)?.[1]) || isNew(granted) || isNew(member);
		})
		.map((line) => line.replace(grantedBy, ''))
		.join('\n');
}

function unquote(quoted: string): string {
	return quoted.startsWith('"') ? quoted.slice(1, -1).replaceAll('""', '"') : quoted;
}
