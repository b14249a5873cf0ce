import {holdsAny, isAtLeast, isNoise, levelOf, levels, type Level} from './levels.ts';

/** The parts of a record. */
const parts = ['message', 'traceback', 'exception'] as const;

/** What a line is within its record: a message may go on over several lines, as a traceback does. */
export interface LineClass {
	/** The record's level: lines that go on with a record have the one of its first line. */
	readonly level: Level | undefined;
	readonly noise: boolean;
	/** It begins a record. */
	readonly start: boolean;
	/** What may follow: within a traceback, after its exception, or anything else. */
	readonly part: (typeof parts)[number];
}

const traceback = /^(?: *\+ Exception Group )?Traceback \(most recent call last\):/;
/** `module.Name: message`, and no level in capitals. */
const exception = /^(?![A-Z]+:)(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?:: |$)/;
const chained =
	/^(?:During handling of the above exception, another exception occurred:|The above exception was the direct cause of the following exception:|Caused by: |\.\.\. \d+ more)/;

/** The fields that PostgreSQL adds to an error, each as a record of its own ("Error Reporting and Logging"). */
const furtherField = /(?:^|[\s\]])(?:DETAIL|HINT|QUERY|CONTEXT|LOCATION|BACKTRACE|STATEMENT): {2}/;

/**
 * Classifies a line, without its colours, by the line before it on the same stream. Lines belong to the record above
 * when they are indented, are part of a traceback or of what chains it to the next, are a field that PostgreSQL adds to
 * an error, or are the blank and bracketed lines with which SQLAlchemy goes on.
 */
export function classify(previous: LineClass | undefined, text: string): LineClass {
	const part = previous && partOf(previous, text);
	if (previous && part) {
		return shared(previous.level, previous.noise, false, part);
	}

	const holds = holdsAny(text);
	const level = levelOf(text, holds);
	// A traceback's first line names a level.
	const isTraceback = level !== undefined && traceback.test(text);
	return shared(level, isNoise(text, holds), true, isTraceback ? 'traceback' : 'message');
}

/** Whether a line begins a record, seen from the line before it on the same stream. */
export function recordStart(previous: LineClass | undefined, text: string): boolean {
	return classify(previous, text).start;
}

/** What a line is in the record of the line before it; undefined when it is not part of it. */
function partOf(previous: LineClass, text: string): LineClass['part'] | undefined {
	if (text.startsWith(' ') || text.startsWith('\t')) {
		return traceback.test(text) ? 'traceback' : previous.part;
	}

	if (previous.part === 'traceback' && exception.test(text)) {
		return 'exception';
	}

	if (isAtLeast(previous.level, 'warning')) {
		if (traceback.test(text)) {
			return 'traceback';
		}

		if (text === '' || chained.test(text) || /^\(|^\[(?:SQL|parameters)\b/.test(text)) {
			return previous.part;
		}
	}

	return text.includes(':  ') && furtherField.test(text.slice(0, 200)) ? 'message' : undefined;
}

const classes: LineClass[] = [];

/** One object for all lines that are alike. */
function shared(
	level: Level | undefined,
	noise: boolean,
	start: boolean,
	part: LineClass['part'],
): LineClass {
	const levelNumber = level === undefined ? 0 : levels.indexOf(level) + 1;
	const index = ((levelNumber * 2 + Number(noise)) * 2 + Number(start)) * parts.length + parts.indexOf(part);
	return (classes[index] ??= {level, noise, start, part});
}
