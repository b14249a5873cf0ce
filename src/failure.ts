/**
 * What every command of mlstack may exit with. The README's table is generated from this one.
 */
export const exitCodes = {
	fine: {code: 0, meaning: 'done'},
	failed: {code: 1, meaning: 'the command failed; the message says why and what to do'},
	wrongCall: {code: 2, meaning: 'wrong call: an unknown command or option, or a missing value'},
	noEngine: {code: 3, meaning: 'no engine answers'},
	notHealthy: {code: 4, meaning: 'the stack is not healthy, or not within the time given'},
} as const;

export type ExitReason = keyof typeof exitCodes;

/**
 * An error that is meant for people: what happened, why, and what to do next.
 * Everything that crosses from an engine to a command or to the screen is one of these.
 */
export class Failure extends Error {
	override readonly name = 'Failure';
	/** One sentence on the cause; empty when the message already holds it. */
	readonly why: string;
	/** What the user can do next, one step a line, commands verbatim. */
	readonly next: readonly string[];
	readonly reason: ExitReason;
	/** A stable word for scripts (`--json`), such as `compose-missing`. */
	readonly code: string;

	/** `what`: what happened, as a clause: a small letter or a name first, and no full stop, as it follows `mlstack: `. */
	constructor(
		what: string,
		details: {
			code: string;
			why?: string;
			next?: readonly string[];
			reason?: ExitReason;
			cause?: unknown;
		},
	) {
		super(what, details.cause === undefined ? undefined : {cause: details.cause});
		this.code = details.code;
		this.why = details.why ?? '';
		this.next = details.next ?? [];
		this.reason = details.reason ?? 'failed';
	}

	/** The shape that `--json` prints under `error`. */
	toJSON(): {code: string; what: string; why: string; next: readonly string[]} {
		return {code: this.code, what: this.message, why: this.why, next: this.next};
	}
}

/** Anything thrown, as a Failure: a Failure is passed on, another error keeps its message. */
export function asFailure(error: unknown): Failure {
	if (error instanceof Failure) {
		return error;
	}

	const message = error instanceof Error ? error.message : String(error);
	return new Failure(message, {code: 'unexpected', cause: error});
}

/** What happened, why, and what to do, a line each; what is empty is left out. */
export function failureLines({message, why, next}: Failure): readonly string[] {
	return [message, why, ...next].filter((line) => line !== '');
}

/** The three parts of a failure as lines of text, for a terminal without a screen. */
export function failureText(failure: Failure): string {
	const lines = [`mlstack: ${failure.message}`];
	if (failure.why) {
		lines.push(`  why: ${failure.why}`);
	}

	for (const [index, step] of failure.next.entries()) {
		lines.push(`${index === 0 ? '  next: ' : '        '}${step}`);
	}

	return lines.join('\n');
}
