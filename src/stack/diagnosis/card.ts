import {mask} from '../mask.ts';

/** `error`: the stack does not do its work. `warning`: it works, but not for everyone or not for long. */
export type Severity = 'error' | 'warning';

/** One thing to do. */
export interface MendStep {
	readonly text: string;
	/** To run in the project's folder, or as written. */
	readonly command?: string;
	/** To write into the compose file (YAML), or into the file that the text names. */
	readonly change?: string;
}

/** The line of a log, or of an operation's output, that something was read from. */
export interface LineReference {
	/** Empty for an operation's output. */
	readonly service: string;
	/** Milliseconds since 1970, by the clock of the one who wrote it. */
	readonly at: number;
	/** Secrets masked. */
	readonly text: string;
}

/** What is wrong, for people: what happened, why, and what to do. Secrets are masked throughout. */
export interface Card {
	/** Unique among the cards shown together: the rule and the service. */
	readonly id: string;
	/** A stable word for scripts: `password-refused`. */
	readonly rule: string;
	/** The service that it is about; empty for an operation. */
	readonly service: string;
	readonly severity: Severity;
	/** One sentence on what happened, without a full stop. */
	readonly title: string;
	readonly why: string;
	readonly mend: readonly MendStep[];
	readonly line?: LineReference;
	/** For a failure that no rule knows: the last lines that look like errors. */
	readonly errors?: readonly LineReference[];
	/** Since when; milliseconds since 1970. */
	readonly at: number;
}

/** A card's text as a rule writes it, with `{names}` for what is known only when it happens. */
export interface Tale {
	readonly title: string;
	readonly why: string;
	readonly mend: readonly MendStep[];
}

/**
 * What stands for the `{names}`: `1` is the first group of a rule's pattern that found something, `service` the one
 * concerned, `database` and `tracking` the stack's services of these roles, `compose` the command that means this stack.
 */
export type Values = Readonly<Record<string, string>>;

/** A text with its values, their secrets masked; a name without a value stays as it is. */
export function fill(text: string, values: Values): string {
	return text.replace(/\{(\w+)\}/g, (name, key: string) => {
		const value = values[key];
		return value === undefined ? name : mask(value);
	});
}

/** The tale with its values. The rule's own words hold no secrets, and a command must stay as it is. */
export function tell(tale: Tale, values: Values): Tale {
	const filled = (text: string): string => fill(text, values);
	return {
		title: filled(tale.title),
		why: filled(tale.why),
		mend: tale.mend.map(({text, command, change}) => ({
			text: filled(text),
			...commandOf(command, values, filled),
			...(change !== undefined && {change: filled(change)}),
		})),
	};
}

/** What mlstack itself can do of what the rules ask compose for; it has no `run` and no `exec`. */
const ownCommand = /^\{compose\} (?:logs --tail \d+|stop|restart|up -d) \{\w+\}$/;

/** The command of a mend; none where a stack without compose has nothing of the kind. */
function commandOf(
	command: string | undefined,
	values: Values,
	filled: (text: string) => string,
): Pick<MendStep, 'command'> {
	if (command === undefined) {
		return {};
	}

	if (values['compose'] !== 'mlstack' || !/^docker |\{compose\}/.test(command)) {
		return {command: filled(command)};
	}

	return ownCommand.test(command) ? {command: filled(command.replace(' up -d ', ' start '))} : {};
}
