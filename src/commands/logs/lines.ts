import {cleanLine} from '../../logs/clean.ts';
import {plainText} from '../../narrow-text.ts';
import {Failure} from '../../failure.ts';
import {isAtLeast, type Level} from '../../logs/levels.ts';
import type {Matcher} from '../../logs/matcher.ts';
import {classify, type LineClass} from '../../logs/records.ts';
import {withinTime} from '../../logs/time-limit.ts';
import {mask} from '../../stack/mask.ts';
import type {Container, LogLine} from '../../stack/model.ts';
import {jsonVersion} from '../../stack/status-json.ts';

/** A line of a container's log, with what must be known to merge, filter and print it. */
export interface ContainerLine extends LogLine {
	readonly container: Container;
	/**
	 * Microseconds since 1970: the line's time, or that of the first line of its record, so that a traceback is not torn
	 * apart by another service's lines. It never falls within a container's log.
	 */
	readonly order: number;
	readonly level: Level | undefined;
	/** Masked, clean, with its colours. */
	readonly clean: string;
	/** The same without colours: what is searched. */
	readonly plain: string;
}

/** Prepares the lines of one container, in their order. */
export class ContainerLines {
	readonly #container: Container;
	readonly #last = new Map<LogLine['stream'], LineClass>();
	#order = Number.NEGATIVE_INFINITY;

	constructor(container: Container) {
		this.#container = container;
	}

	prepare(line: LogLine): ContainerLine {
		const text = mask(line.text);
		const clean = cleanLine(text);
		const plain = plainText(clean);
		const lineClass = classify(this.#last.get(line.stream), plain);
		this.#last.set(line.stream, lineClass);
		if (lineClass.start || this.#order === Number.NEGATIVE_INFINITY) {
			this.#order = Math.max(this.#order, line.time);
		}

		const {level} = lineClass;
		return {...line, text, container: this.#container, order: this.#order, level, clean, plain};
	}
}

/** Which lines are wanted; what is absent lets every line through. */
export interface LineFilter {
	readonly level?: Level | undefined;
	readonly matcher?: Matcher | undefined;
}

/** How long, in ms, a regular expression may take for a batch, which is usually done in 1: meanwhile Ctrl-C waits. */
const batchTime = 2000;

/** The lines that pass a filter; a line that goes on with a record has the record's level. Throws a Failure. */
export function linesThrough(
	{level: minimum, matcher}: LineFilter,
	lines: readonly ContainerLine[],
): readonly ContainerLine[] {
	const serious = minimum === undefined ? lines : lines.filter(({level}) => isAtLeast(level, minimum));
	if (matcher === undefined) {
		return serious;
	}

	const found: ContainerLine[] = [];
	const isDone = withinTime(batchTime, () => {
		for (const line of serious) {
			if (matcher.test(line.plain)) {
				found.push(line);
			}
		}
	});
	if (!isDone) {
		throw new Failure(`the pattern \`${matcher.query}\` takes too long on these lines`, {
			code: 'slow-pattern',
			next: ['write it without a repetition in a repetition, such as (a+)+'],
		});
	}

	return found;
}

/** What `mlstack logs --json` prints for a line. */
export interface LogLineJson {
	readonly version: typeof jsonVersion;
	/** The engine's stamp: RFC 3339, UTC, with nanoseconds. */
	readonly time: string;
	readonly service: string;
	/** The container's name. */
	readonly container: string;
	readonly stream: LogLine['stream'];
	/** Absent where the line does not say it. */
	readonly level?: Level;
	/** As the program wrote it, secrets masked. */
	readonly text: string;
}

/** A line as `--json` prints it. */
export function lineJson({stamp, container, stream, level, text}: ContainerLine): LogLineJson {
	return {
		version: jsonVersion,
		time: stamp,
		service: container.service,
		container: container.name,
		stream,
		...(level !== undefined && {level}),
		text,
	};
}
