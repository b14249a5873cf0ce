import type {ExitReason} from '../../failure.ts';
import type {StackOrigin} from '../../stack/model.ts';

/** What compose was asked to do when it failed. */
export interface ComposeContext {
	/** The compose command: `up`, `down`, `config` ... */
	readonly command: string;
	readonly origin: StackOrigin;
	readonly files: readonly string[];
	readonly project?: string | undefined;
}

/** A row: what compose, or the engine through compose, says, and what that means to people. */
export interface ComposeFailure {
	/** The Failure's stable code. */
	readonly code: string;
	/** Matched against the message, masked and without colours. Named groups go to the texts. */
	readonly pattern: RegExp;
	/** The pattern may also stand in the last lines that a build printed. */
	readonly inOutput?: boolean;
	/** The message only says that a build failed. */
	readonly isBuild?: boolean;
	readonly what: (found: Found, context: ComposeContext) => string;
	/** The message itself when absent. */
	readonly why?: (found: Found, context: ComposeContext) => string;
	readonly next: (found: Found, context: ComposeContext) => readonly string[];
	readonly reason?: ExitReason;
	/** A message as the programs print it, for the row's test. */
	readonly example: string;
}

/** The pattern's named groups that matched. */
export type Found = Readonly<Partial<Record<string, string>>>;

/** A compose command as people type it: `docker compose -f compose.yaml up -d`. */
export function composeLine({command, files, project}: ComposeContext, rest = ''): string {
	const words = ['docker compose', ...files.map((file) => `-f ${quoted(file)}`)];
	if (project !== undefined) {
		words.push(`-p ${project}`);
	}

	return [...words, command === 'up' ? 'up -d' : command, rest].filter((word) => word !== '').join(' ');
}

function quoted(path: string): string {
	return /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
