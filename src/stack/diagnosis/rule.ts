import type {Severity, Tale} from './card.ts';

/** A failure that shows in a line: of a service's log, or of an operation's output. */
export interface LineRule extends Tale {
	/** A stable word for scripts. */
	readonly id: string;
	/**
	 * Whose lines: of a service with that role, of both (`any`), of any other service of the stack, which may be a client of
	 * MLflow (a notebook, a training), or of an operation (a build, a pull, an `up`).
	 */
	readonly reads: readonly ('database' | 'tracking' | 'any' | 'client' | 'operation')[];
	/** The first group that finds something is `{1}`. Never anchored on a date: versions differ. */
	readonly pattern: RegExp;
	readonly severity: Severity;
	/**
	 * ms that it must go on before it is a failure, as it also happens in healthy starts. It is one at once when the
	 * container exits; `Infinity`: only then.
	 */
	readonly lasts?: number;
	/** Follows from the database's own trouble: not shown while the database has any. */
	readonly follows?: 'database';
	/** `service`, `stranger`: only if `{1}` is, or is not, the name of a service of this stack. */
	readonly names?: 'service' | 'stranger';
	/** Only if a start of this stack was known to have succeeded before the line came. */
	readonly ranBefore?: true;
	/**
	 * What proves that it is over, besides a new start of the container that goes well: that MLflow got through to its
	 * database, that it answers from outside its container, or that PostgreSQL's first initialisation came to its end.
	 */
	readonly heals?: 'connected' | 'answers' | 'initialised';
	/** ms after its last line at which it is no longer news: somebody was refused, and has not come back. */
	readonly fades?: number;
	/** Says less than these: not shown beside one of them for the same service. */
	readonly unless?: readonly string[];
}

export type Reader = LineRule['reads'][number];
