/**
 * A question that must be read before it is answered. It takes an answer once it was on the screen for a moment without
 * a key; a key that comes before that was typed ahead, or is held down, and puts the moment off.
 */
export interface Question {
	/** Milliseconds since 1970. */
	readonly answerableAt: number;
	/** A key came too early, and did nothing. */
	readonly early: boolean;
}

/** How long, in ms, a question is on the screen before an answer counts. */
const readable = 300;

/** Longer, in ms, than a keyboard waits before it repeats a key that is held: 250 to 660 by default. */
const repeatDelay = 800;

export function askedAt(now: number): Question {
	return {answerableAt: now + readable, early: false};
}

export function isAnswerable(question: Question, now: number): boolean {
	return now >= question.answerableAt;
}

/** What is said of a key that came too early. */
export const earlyWords = 'A key came before this could be read, and did nothing. Wait a second.';

/** The question after a key that came before it could be answered. */
export function tooEarly(now: number): Question {
	return {answerableAt: now + repeatDelay, early: true};
}
