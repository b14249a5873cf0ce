import type {Card} from './card.ts';

/**
 * Cards whose mend is a change of the compose file that rules of `doctor` make: by the card's rule, those of the file
 * (src/stack/lint). The screen offers the change with the card.
 */
export const mendingRules: Readonly<Record<string, readonly string[]>> = {
	'old-volume': ['mount-path'],
	'shared-memory': ['shm-size'],
	'psycopg-missing': ['plain-uri'],
	'psycopg2-missing': ['install-at-start'],
	'sqlalchemy-too-new': ['mlflow-old', 'python-end-of-life', 'install-at-start'],
	'database-refuses': ['no-database-healthcheck', 'healthcheck-target', 'started-only'],
	'password-refused': ['password-number'],
	loopback: ['command-cut', 'loopback'],
	'no-answer': ['command-cut', 'loopback'],
	'artifacts-at-client': ['artifacts-at-client'],
	'pip-offline': ['install-at-start'],
	'start-interval': ['start-interval'],
};

/** The card that says that the schema is older than MLflow, which a migration mends. */
export const migratedRule = 'schema-old';

/** What the screen can do with a card, beyond showing it. */
export interface CardOffers {
	/** It was read from a line of a service's log. */
	readonly hasLine: boolean;
	/** A command, or a change of a file, to copy. */
	readonly hasCode: boolean;
	/** A rule of `doctor` makes the change that mends it. */
	readonly hasMend: boolean;
	readonly canMigrate: boolean;
}

export function cardOffers({rule, line, mend}: Card): CardOffers {
	return {
		hasLine: line !== undefined && line.service !== '',
		hasCode: mend.some(({command, change}) => command ?? change),
		hasMend: mendingRules[rule] !== undefined,
		canMigrate: rule === migratedRule,
	};
}
