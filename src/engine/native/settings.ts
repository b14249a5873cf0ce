import {randomInt} from 'node:crypto';
import {readFileSync, renameSync, writeFileSync} from 'node:fs';
import {numberIn, stringIn} from '../json.ts';

/** What belongs to a project's data and outlives `down`: in a file of mode 0600. */
export interface Settings {
	readonly user: string;
	readonly password: string;
	readonly database: string;
	/** The ports that were used last. */
	readonly ports: Readonly<Record<'postgres' | 'mlflow', number | undefined>>;
}

/** Letters and digits alone: nothing in a URL or a shell needs quoting. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const passwordLength = 24;

export function newSettings(): Settings {
	const password = Array.from({length: passwordLength}, () => alphabet[randomInt(alphabet.length)]).join('');
	return {user: 'mlflow', password, database: 'mlflow', ports: {postgres: undefined, mlflow: undefined}};
}

/** `undefined` when the project has none yet. */
export function readSettings(path: string): Settings | undefined {
	let value: unknown;
	try {
		value = JSON.parse(readFileSync(path, 'utf8'));
	} catch {
		return undefined;
	}

	const user = stringIn(value, 'user');
	const password = stringIn(value, 'password');
	const database = stringIn(value, 'database');
	return user === undefined || password === undefined || database === undefined
		? undefined
		: {
				user,
				password,
				database,
				ports: {postgres: numberIn(value, 'postgresPort'), mlflow: numberIn(value, 'mlflowPort')},
			};
}

/** The settings that are there, else new ones, which are written down. Throws what the file system throws. */
export function ensureSettings(path: string): Settings {
	const known = readSettings(path);
	if (known) {
		return known;
	}

	const made = newSettings();
	writeSettings(path, made);
	return made;
}

/** Throws what the file system throws. */
export function writeSettings(path: string, {user, password, database, ports}: Settings): void {
	const text = JSON.stringify(
		{user, password, database, postgresPort: ports.postgres, mlflowPort: ports.mlflow},
		undefined,
		'\t',
	);
	writeFileSync(`${path}.new`, `${text}\n`, {mode: 0o600});
	renameSync(`${path}.new`, path);
}
